/** The catalogue of channels, and what is set of their instances as one types. */
import { Type } from 'typebox'
import { toSid } from '#core/ids.ts'
import { MAX_SENDERS } from '#messaging/connect-sender.ts'
import type { Flow } from '#messaging/flow.ts'
import { type AuditActor, insertAuditEntry } from '#store/audit.ts'
import type { Tx } from '#store/connection.ts'
import { installChannel, listInstalled, uninstallChannel } from '#store/installed-channels.ts'
import { listChecks, type SenderCheck } from '#store/sender-checks.ts'
import { listSenders, lockSendersOf, type Sender } from '#store/senders.ts'
import type { ChannelCard, SenderTroubleView, UrlChecked } from './contract/channels.ts'
import { Refusal, type Routes } from './route.ts'
import { urlProblem } from './sender-settings.ts'

/** What Twilio's catalogue has too, and is not offered here. */
const OTHERS = ['instagram', 'whatsapp', 'sms']

export function channelRoutes({ flow, add }: Routes): void {
  const { sql } = flow
  const url = '/accounts/:accountSid/channels'

  add({ method: 'GET', url, needs: 'view' }, async ({ account }): Promise<ChannelCard[]> => {
    const installed = await listInstalled(sql, account.sid)
    const offered = await Promise.all(
      [...flow.channels.keys()].map(async (name): Promise<ChannelCard> => {
        const senders = await sendersOf(flow, account.sid, name)
        const checks = await listChecks(sql, account.sid)
        const troubled = senders.filter((sender) => troubleOf(sender, checks.get(sender.id))).length
        const card = { name, offered: true, installed: installed.has(name) }
        return { ...card, senders: senders.length, limit: MAX_SENDERS, troubled }
      }),
    )
    const none = { offered: false, installed: false, senders: 0, limit: 0, troubled: 0 }
    return [...offered, ...OTHERS.filter((name) => !flow.channels.has(name)).map((name) => ({ name, ...none }))]
  })

  add({ method: 'POST', url: `${url}/:channel/install`, needs: 'configure' }, async ({ account, actor, params }) => {
    await install(flow, account.sid, actor, offered(params.channel))
  })

  // Its instances are not taken along: each is a Page that people write to, and is let go by its own name.
  add({ method: 'DELETE', url: `${url}/:channel/install`, needs: 'configure' }, async ({ account, actor, params }) => {
    const channel = offered(params.channel)
    await sql.begin(async (tx) => {
      await lockSendersOf(tx, account.sid)
      const senders = await listSenders(tx, flow.vault, { accountSid: account.sid, channel }, null, MAX_SENDERS)
      if (senders.length > 0) {
        const are = senders.length === 1 ? '1 Page is' : `${senders.length} Pages are`
        throw new Refusal(409, `${are} still connected: remove every instance first`)
      }
      if (await uninstallChannel(tx, account.sid, channel)) await note(tx, account.sid, actor, channel, false)
    })
  })

  add({ method: 'GET', url: `${url}/trouble`, needs: 'view' }, async ({ account }): Promise<SenderTroubleView[]> => {
    const checks = await listChecks(sql, account.sid)
    const all = await Promise.all([...flow.channels.keys()].map((name) => sendersOf(flow, account.sid, name)))
    return all.flat().flatMap((sender) => {
      const text = troubleOf(sender, checks.get(sender.id))
      return text ? [{ sid: toSid('XE', sender.id), name: sender.name, text }] : []
    })
  })

  add(
    {
      method: 'POST',
      url: `${url}/callback-url`,
      needs: 'view',
      body: Type.Object({ url: Type.String({ maxLength: 10_000 }) }),
    },
    async ({ body }): Promise<UrlChecked> => ({ problem: urlProblem(flow, body.url.trim()) ?? null }),
  )

  function offered(channel = ''): string {
    if (!flow.channels.has(channel)) throw new Refusal(404, 'This channel is not offered')
    return channel
  }
}

/** Nothing happens when it is there already. */
export async function install({ sql }: Flow, accountSid: string, actor: AuditActor, channel: string): Promise<void> {
  await sql.begin(async (tx) => {
    if (await installChannel(tx, accountSid, channel)) await note(tx, accountSid, actor, channel, true)
  })
}

const note = (tx: Tx, accountSid: string, actor: AuditActor, channel: string, installed: boolean): Promise<void> =>
  insertAuditEntry(tx, {
    accountSid,
    actor,
    source: 'console',
    eventType: installed ? 'channel.installed' : 'channel.uninstalled',
    resourceType: 'channel',
    resourceSid: channel,
    before: { installed: !installed },
    after: { installed },
  })

export const sendersOf = ({ sql, vault }: Flow, accountSid: string, channel: string): Promise<Sender[]> =>
  listSenders(sql, vault, { accountSid, channel }, null, MAX_SENDERS)

/** Why somebody should look at it now. */
function troubleOf(sender: Sender, check: SenderCheck | undefined): string | undefined {
  if (sender.status === 'OFFLINE') return sender.offlineReason ?? 'It does not send.'
  return check?.findings.find(({ level }) => level === 'bad')?.text
}
