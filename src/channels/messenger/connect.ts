import type { Address, ConnectResult, ProviderApp } from '#core/channel.ts'
import { detailOf } from '../meta/errors.ts'
import type { Graph, GraphAnswer } from '../meta/graph.ts'
import { asId, asObject, asText } from '../meta/json.ts'

/** What a gateway needs to hear of a Page (meta.md 1.7). The app must be subscribed to them too (meta.md 1.1). */
const SUBSCRIBED_FIELDS = [
  'messages',
  'messaging_postbacks',
  'messaging_referrals',
  'messaging_optins',
  'messaging_handovers',
  'messaging_policy_enforcement',
  'message_deliveries',
  'message_reads',
  'message_echoes',
  'message_edits',
  'message_reactions',
  'standby',
]

/** What a header can carry; every token of Meta's is far from its ends. */
const TOKEN = /^[\x21-\x7e]{1,4096}$/

export async function connect(
  graph: Graph,
  pageId: Address,
  accessToken: string,
  app: ProviderApp,
): Promise<ConnectResult> {
  if (!TOKEN.test(accessToken)) return refused('The Page access token is not a token', 'not a token')
  const path = encodeURIComponent(pageId)
  const secrets = [accessToken, app.appSecret]

  const page = await graph.call({ method: 'GET', path, fields: { fields: 'id,name' }, accessToken, app })
  const found = page.kind === 'answered' ? asObject(page.json) : undefined
  if (page.kind !== 'answered' || found?.id === undefined) return failed('Meta does not show the Page', page, secrets)
  if (asId(found.id) !== pageId) return refused('The Page access token is not for this Page', 'another id was answered')

  const subscription = await graph.call({
    method: 'POST',
    path: `${path}/subscribed_apps`,
    fields: { subscribed_fields: SUBSCRIBED_FIELDS.join(',') },
    accessToken,
    app,
  })
  const subscribed = subscription.kind === 'answered' && asObject(subscription.json)?.success === true
  if (!subscribed) return failed('Meta does not subscribe the app to the Page', subscription, secrets)
  return { ok: true, name: asText(found.name) || pageId }
}

export async function disconnect(graph: Graph, pageId: Address, accessToken: string, app: ProviderApp): Promise<void> {
  await graph.call({ method: 'DELETE', path: `${encodeURIComponent(pageId)}/subscribed_apps`, accessToken, app })
}

const refused = (reason: string, message: string): ConnectResult => ({ ok: false, reason, detail: { message } })

function failed(what: string, answer: GraphAnswer, secrets: string[]): ConnectResult {
  const detail = detailOf(answer, secrets)
  const why = answer.kind === 'answered' ? detail.message : `it could not be reached (${detail.message})`
  return { ok: false, reason: `${what}: ${why}`, detail }
}
