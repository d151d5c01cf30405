/**
 * Tells the customer's server of a message and makes the messages that it answers. Comes in: a `call-customer` job at
 * the head of its conversation. Goes out, in one transaction: the exchanges, the alerts, the replies with the jobs that
 * send them, and the end of the job; so a repeated run makes no second set of replies.
 */
import { messageSid, toSid } from '#core/ids.ts'
import { inboundParameters } from '#customer/parameters.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import type { Job } from '#jobs/queue.ts'
import { findMediaAccess, findMediaOf, type MediaRow, type ReadMedia } from '#store/media.ts'
import { findByChannelId, type Message } from '#store/messages.ts'
import type { Sender } from '#store/senders.ts'
import { alertOf } from './alert.ts'
import { commitSurely, type Unit } from './commit.ts'
import { createCountReplies, REPLY_WINDOW_SECONDS } from './count-replies.ts'
import type { Flow } from './flow.ts'
import { inboundWebhookOf } from './inbound-webhook.ts'
import { MEDIA_WAIT_MS } from './lanes.ts'
import type { Load, LoadedMessage } from './load.ts'
import { overflowOfAll } from './queue-limit.ts'
import { holdReplySession, type Session } from './reply-session.ts'

/** To one person within `REPLY_WINDOW_SECONDS` (contract.md). */
const REPLIES_IN_WINDOW = 15
/** In the job of a call that is made again on purpose: whether its replies are sent. */
export type ReplayedCall = { id: string; replies: boolean }

/** How long a signed URL in a callback works. */
const SIGNED_FOR_MS = 24 * 3_600_000
const LATE_MEDIA = 'Not all that the person sent could be fetched in time: the callback came without it'

export function createCallCustomer(flow: Flow, load: Load): (job: Job) => Promise<JobResult> {
  const countReplies = createCountReplies(flow.sql)
  return async (job) => {
    const message = await load(job)
    const keep = (unit: Unit) => commitSurely(flow.commit, { ...unit, finished: job }, flow.signal)
    const sender = message && (await flow.directory.sender(message.accountSid, message.senderId))
    const account = message && (await flow.directory.account(message.accountSid))
    const service = message?.serviceId && (await flow.directory.service(message.accountSid, message.serviceId))
    const webhook = sender && inboundWebhookOf(sender, service || null)
    if (!message || !sender || !account?.isActive || !(webhook?.callbackUrl ?? webhook?.fallbackUrl)) {
      await keep({})
      return 'done'
    }
    const media = message.numMedia > 0 ? await findMediaOf(flow.sql, message.accountSid, message.id) : []
    const isComplete = !media.some(({ state }) => state === 'waiting')
    if (media.some(({ isAwaited }) => isAwaited) && job.attempt === 0) {
      const awaits = { accountSid: message.accountSid, messageId: message.id }
      await commitSurely(flow.commit, { putBack: { job, afterMs: MEDIA_WAIT_MS }, awaits }, flow.signal)
      return 'put back'
    }
    const parameters = inboundParameters(await factsOf(flow, message, sender, media))
    const replay = job.data.replay as ReplayedCall | undefined
    const token = replay && `${message.id}-${replay.id}`
    const session = await holdReplySession(flow, message, webhook, account.authToken, parameters, token)
    if (replay?.replies === false) session.replies.length = 0
    if (session.replies.length > 0) holdBackFlood(message, session, await countReplies(message))
    const { statuses, alerts } = await overflowOfAll(flow, session.replies)
    session.alerts.push(...alerts)
    if (!isComplete) session.alerts.push(alertOf(message, 63019, LATE_MEDIA))

    const contact = { accountSid: message.accountSid, senderId: message.senderId, address: message.contactAddress }
    const told: Unit = {
      statuses,
      exchanges: session.exchanges,
      alerts: session.alerts,
      // Four hours count from the last traffic, not from the last change.
      ...((session.cookies ?? message.cookies) !== null && { cookies: [{ ...contact, cookies: session.cookies }] }),
    }
    const result = await keep({ ...told, messages: session.replies })
    if (result.outcome === 'opted out') {
      const alert = alertOf(message, 21610, 'The person opted out: the replies of the callback URL are not sent')
      const allowed = session.replies.filter((reply) => !result.refused.includes(reply.id))
      await keep({ ...told, messages: allowed, alerts: [...session.alerts, alert] })
    }
    return 'done'
  }
}

function holdBackFlood(message: LoadedMessage, session: Session, recentReplies: number): void {
  const allowed = Math.max(0, REPLIES_IN_WINDOW - recentReplies)
  if (session.replies.length <= allowed) return
  session.replies.length = allowed
  const reason = `More than ${REPLIES_IN_WINDOW} replies to one person within ${REPLY_WINDOW_SECONDS} s: the others are not sent`
  session.alerts.push(alertOf(message, 14107, reason))
}

async function factsOf(flow: Flow, message: LoadedMessage, sender: Sender, media: ReadMedia[]) {
  const { inbound } = message
  const conversation = { accountSid: message.accountSid, senderId: sender.id, address: message.contactAddress }
  const repliedTo = inbound?.repliedTo ? await findByChannelId(flow.sql, conversation, inbound.repliedTo) : undefined
  return {
    sid: messageSid(message.id, message.numMedia),
    accountSid: message.accountSid,
    serviceSid: message.serviceId && toSid('MG', message.serviceId),
    from: `${message.channel}:${message.contactAddress}`,
    to: `${message.channel}:${message.senderAddress}`,
    body: message.body,
    media: await linksOf(flow, message, media),
    profileName: message.contactName,
    type: typeOf(message, media),
    button: inbound?.button ?? null,
    referral: inbound?.referral ?? null,
    repliedToSid: repliedTo ? messageSid(repliedTo.id, repliedTo.numMedia) : null,
    optOutType: inbound?.optOutType ?? null,
    location: inbound?.location ?? null,
    channel: message.channel,
    event: message.event,
  }
}

/** Of the files that are there. */
async function linksOf(flow: Flow, message: LoadedMessage, media: ReadMedia[]) {
  if (media.length === 0) return []
  const { links } = flow.media
  const isSigned = (await findMediaAccess(flow.sql, message.accountSid)) === 'signed'
  const messageName = { accountSid: message.accountSid, messageSid: messageSid(message.id, message.numMedia) }
  return media
    .filter(({ state }) => state === 'stored')
    .map(({ id, contentType, readAt }) => {
      const name = { ...messageName, id }
      const expiresAt = new Date(readAt.getTime() + SIGNED_FOR_MS)
      return { url: isSigned ? links.signed(name, expiresAt) : links.plain(name), contentType }
    })
}

/** Twilio's MessageType (twilio.md 3.2). Of a file that is not there it is what it was sent as. */
function typeOf({ media: sent, inbound }: Pick<Message, 'media' | 'inbound'>, media: MediaRow[]): string {
  if (inbound?.location) return 'location'
  if (inbound?.button) return 'button'
  const [kind] = (media[0] ?? sent[0])?.contentType?.split('/') ?? []
  if (kind === undefined) return 'text'
  return ['image', 'audio', 'video'].includes(kind) ? kind : 'document'
}
