/**
 * Tells the customer's server of a message and makes the messages that it answers. Comes in: a `call-customer` job at
 * the head of its conversation. Goes out, in one transaction: the exchanges, the alerts, the replies with the jobs that
 * send them, and the end of the job; so a repeated run makes no second set of replies.
 */
import { messageSid } from '#core/ids.ts'
import { inboundParameters } from '#customer/parameters.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import type { Job } from '#jobs/queue.ts'
import { countReplies, findByChannelId, type Message } from '#store/messages.ts'
import type { Sender } from '#store/senders.ts'
import { alertOf } from './alert.ts'
import { commitSurely, type Unit } from './commit.ts'
import type { Flow } from './flow.ts'
import type { Load, LoadedMessage } from './load.ts'
import { holdReplySession, type Session } from './reply-session.ts'

/** Twilio's guard against two machines that answer each other (twilio.md 2.7, code 14107). */
const REPLIES_IN_WINDOW = 15
const REPLY_WINDOW_SECONDS = 30

export function createCallCustomer(flow: Flow, load: Load): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const message = await load(job)
    const keep = (unit: Unit) => commitSurely(flow.commit, { ...unit, finished: job }, flow.signal)
    const sender = message && (await flow.directory.sender(message.accountSid, message.senderId))
    const account = message && (await flow.directory.account(message.accountSid))
    if (!message || !sender || account?.status !== 'active' || !(sender.callbackUrl ?? sender.fallbackUrl)) {
      await keep({})
      return 'done'
    }
    const parameters = inboundParameters(await factsOf(flow, message, sender))
    const session = await holdReplySession(flow, message, sender, account.authToken, parameters)
    await holdBackFlood(flow, message, session)

    const contact = { accountSid: message.accountSid, senderId: message.senderId, address: message.contactAddress }
    const told: Unit = {
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

async function holdBackFlood(flow: Flow, message: LoadedMessage, session: Session): Promise<void> {
  if (session.replies.length === 0) return
  const { accountSid, senderId, contactAddress } = message
  const sent = await countReplies(flow.sql, accountSid, senderId, contactAddress, REPLY_WINDOW_SECONDS)
  const allowed = Math.max(0, REPLIES_IN_WINDOW - sent)
  if (session.replies.length <= allowed) return
  session.replies.length = allowed
  const reason = `More than ${REPLIES_IN_WINDOW} replies to one person within ${REPLY_WINDOW_SECONDS} s: the others are not sent`
  session.alerts.push(alertOf(message, 14107, reason))
}

async function factsOf(flow: Flow, message: LoadedMessage, sender: Sender) {
  const { inbound } = message
  const repliedTo = inbound?.repliedTo ? await findByChannelId(flow.sql, sender.id, inbound.repliedTo) : undefined
  return {
    sid: messageSid(message.id, message.numMedia),
    accountSid: message.accountSid,
    from: `${message.channel}:${message.contactAddress}`,
    to: `${message.channel}:${message.senderAddress}`,
    body: message.body,
    media: message.media,
    profileName: message.contactName,
    type: typeOf(message),
    button: inbound?.button ?? null,
    referral: inbound?.referral ?? null,
    repliedToSid: repliedTo ? messageSid(repliedTo.id, repliedTo.numMedia) : null,
    optOutType: inbound?.optOutType ?? null,
    location: inbound?.location ?? null,
    channel: message.channel,
    event: message.event,
  }
}

/** Twilio's MessageType (twilio.md 3.2). */
function typeOf({ media, inbound }: Pick<Message, 'media' | 'inbound'>): string {
  if (inbound?.location) return 'location'
  if (inbound?.button) return 'button'
  const [kind] = media[0]?.contentType?.split('/') ?? []
  if (kind === undefined) return 'text'
  return ['image', 'audio', 'video'].includes(kind) ? kind : 'document'
}
