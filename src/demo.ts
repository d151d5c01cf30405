/**
 * What a new installation begins with: a TwiML document and, where the built-in Messenger is Facebook, its demo Page
 * connected, so that the first "hi" is answered with no server of one's own. Each is made once: what a user deletes
 * stays deleted.
 */
import type { ProviderApp } from '#core/channel.ts'
import type { AccountSid } from '#core/ids.ts'
import { connectSender } from '#messaging/connect-sender.ts'
import type { Flow } from '#messaging/flow.ts'
import { addBin } from '#store/bins.ts'
import { once } from '#store/settings.ts'

const WELCOME = `<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <Message>Welcome! Pagewire got your message and answered with the TwiML document /bins/welcome.</Message>
</Response>
`

export async function addWelcomeBin(flow: Flow, accountSid: AccountSid): Promise<void> {
  await once(flow.sql, 'welcome-bin', () => addBin(flow.sql, { name: 'welcome', accountSid, twiml: WELCOME }))
}

/** As a developer would in Meta's dashboard: the app's webhook is our own. Repeated at every start, as our port may move. */
export async function subscribeApp(graphUrl: string, app: ProviderApp, webhookUrl: string): Promise<void> {
  const response = await fetch(`${graphUrl}/${app.appId}/subscriptions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${app.appId}|${app.appSecret}` },
    body: JSON.stringify({
      object: 'page',
      callback_url: webhookUrl,
      verify_token: app.verifyToken,
      fields: SUBSCRIBED_FIELDS.join(','),
      include_values: true,
    }),
  })
  if (!response.ok) throw new Error(`the built-in Messenger did not take our webhook: ${await response.text()}`)
}

const SUBSCRIBED_FIELDS = [
  'messages',
  'messaging_postbacks',
  'messaging_referrals',
  'message_deliveries',
  'message_reads',
  'message_echoes',
  'message_edits',
  'message_reactions',
]

export type DemoPage = { id: string; accessToken: string }

export async function connectDemoPage(flow: Flow, accountSid: AccountSid, page: DemoPage): Promise<void> {
  await once(flow.sql, 'demo-page', () =>
    connectSender(flow, accountSid, {
      channel: 'messenger',
      address: page.id,
      accessToken: page.accessToken,
      appId: null,
      settings: {
        uniqueName: 'demo',
        outsideWindow: 'account_update',
        callbackUrl: '/bins/welcome',
        callbackMethod: 'POST',
        fallbackUrl: null,
        fallbackMethod: 'POST',
        statusCallbackUrl: null,
        statusCallbackMethod: 'POST',
        optOut: null,
      },
    }),
  )
}
