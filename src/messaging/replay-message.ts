/**
 * Does again, on purpose, what was done with a message. Comes in: a message and a request with an id of its own, which
 * repeats it once, however often it is sent. Goes out: the job, or a new message linked to the old one, and the record
 * of it, in one transaction. What waits in the lane goes first, so nothing is overtaken. Must never make a second row of
 * the same message, nor send again what may have arrived unless the request says `knowingly`.
 */
import { ApiError } from '#core/errors.ts'
import { type AccountSid, type Id, toSid } from '#core/ids.ts'
import type { NewJob } from '#jobs/queue.ts'
import { findMessage, hasReplies, type Message, type NewMessage } from '#store/messages.ts'
import { findParts, type PartRecord } from '#store/parts.ts'
import { findReplay, findSentAnew, type ReplayKind } from '#store/replays.ts'
import type { ReplayedCall } from './call-customer.ts'
import type { Unit } from './commit.ts'
import { type MessageRequest, prepareMessage } from './create-message.ts'
import type { Flow } from './flow.ts'
import { inboundWebhookOf } from './inbound-webhook.ts'
import { jobOf } from './lanes.ts'
import { overflowOf } from './queue-limit.ts'
import { reportJob } from './update-status.ts'

export type ReplayRequest = {
  id: Id
  kind: ReplayKind
  /** inbound: whether what the callback URL answers is sent to the person. */
  replies: boolean
  /** Who asked for it. */
  madeBy: string
  /** Whoever asks was told what may reach the person twice. */
  knowingly: boolean
}

export type ReplayOutcome = { ok: true; madeId: Id | null } | { ok: false; reason: string }

export async function replayMessage(
  flow: Flow,
  accountSid: AccountSid,
  messageId: Id,
  request: ReplayRequest,
): Promise<ReplayOutcome> {
  const message = await findMessage(flow.sql, accountSid, messageId)
  if (!message) return { ok: false, reason: 'The message has been deleted' }
  const obstacle = await obstacleOf(flow, message, request.kind)
  if (obstacle) return { ok: false, reason: obstacle }
  if (!request.knowingly) {
    const warning = await warningOf(flow, message, request.kind)
    const isHarmless = request.kind === 'inbound' && !request.replies
    if (warning && !isHarmless) return { ok: false, reason: warning }
  }
  try {
    const { unit, madeId } = await unitOf(flow, message, request)
    const record = { accountSid, messageId, id: request.id, kind: request.kind, madeBy: request.madeBy, madeId }
    const result = await flow.commit({ ...unit, replay: record })
    if (result.outcome === 'opted out') return { ok: false, reason: 'The person opted out' }
    if (result.outcome !== 'duplicate') return { ok: true, madeId }
    const earlier = await findReplay(flow.sql, accountSid, messageId, request.id)
    return { ok: true, madeId: earlier?.madeId ?? null }
  } catch (error) {
    if (!(error instanceof ApiError) || error.key === 'queue_full') throw error
    return { ok: false, reason: error.message }
  }
}

/** Why it cannot be done again at all; undefined when it can. */
export async function obstacleOf(flow: Flow, message: Message, kind: ReplayKind): Promise<string | undefined> {
  if ((message.direction === 'inbound') !== (kind === 'inbound')) return 'This is not done with messages of this kind'
  const sender = await flow.directory.sender(message.accountSid, message.senderId)
  if (!sender) return 'The Page is no longer connected'
  const service = message.serviceId && (await flow.directory.service(message.accountSid, message.serviceId))
  if (kind === 'inbound') {
    const webhook = inboundWebhookOf(sender, service || null)
    return webhook.callbackUrl || webhook.fallbackUrl ? undefined : 'The Page has no callback URL'
  }
  if (kind === 'status') {
    if (['accepted', 'scheduled', 'queued', 'sending'].includes(message.status)) return 'No status has been told yet'
    const isTold = message.statusCallbackUrl ?? (service || undefined)?.statusCallbackUrl ?? sender.statusCallbackUrl
    return isTold || message.actionUrl ? undefined : 'There is no status callback URL'
  }
  if (message.status !== 'failed' && message.status !== 'undelivered') return 'Only a message that failed is sent anew'
  return message.body === '' && message.media.length === 0 ? 'Its content was not kept' : undefined
}

/** What might reach the person twice; undefined when nothing can. */
export async function warningOf(
  flow: Flow,
  message: Message,
  kind: ReplayKind,
  parts?: readonly PartRecord[],
): Promise<string | undefined> {
  if (kind === 'status') return undefined
  if (kind === 'inbound') {
    const isAnswered = await hasReplies(flow.sql, message)
    return isAnswered
      ? 'The person got replies to this message already, and would get those of the new call too'
      : undefined
  }
  const known = parts ?? (await findParts(flow.sql, message.accountSid, message.id))
  if (message.status === 'undelivered')
    return 'It is not known whether the message arrived: the person may get it twice'
  if (known.some(({ state }) => state === 'sent')) {
    return 'A part of the message arrived: the person would get that part twice'
  }
  const again = await findSentAnew(flow.sql, message.accountSid, [message.id])
  return again.size > 0 ? 'It was sent anew before: the person may get it twice' : undefined
}

async function unitOf(
  flow: Flow,
  message: Message,
  { id, kind, replies }: ReplayRequest,
): Promise<{ unit: Unit; madeId: Id | null }> {
  if (kind === 'inbound') {
    const job = jobOf({ ...message, media: [] }, new Set())
    const replay: ReplayedCall = { id, replies }
    return { unit: { jobs: [{ ...job, data: { ...job.data, replay } }] }, madeId: null }
  }
  if (kind === 'status') {
    const happenedAt = message.updatedAt.toISOString()
    const jobs: NewJob[] = [reportJob(message, 'status', happenedAt)]
    if (message.actionUrl) jobs.push(reportJob(message, 'action', happenedAt))
    return { unit: { jobs }, madeId: null }
  }
  const prepared = await prepareMessage(flow, message.accountSid, requestOf(message), 'outbound-api')
  const made: NewMessage = { ...prepared, causeId: message.id }
  const { accountSid, id: messageId } = made
  return {
    unit: {
      messages: [made],
      ...(made.status === 'accepted' && { statuses: [{ accountSid, messageId, to: 'queued' as const }] }),
      ...(await overflowOf(flow, made)),
    },
    madeId: messageId,
  }
}

/** What the customer asked for when the message was made. Its time, if it was scheduled, is over. */
const requestOf = (message: Message): MessageRequest => ({
  to: `${message.channel}:${message.contactAddress}`,
  from: `${message.channel}:${message.senderAddress}`,
  messagingServiceSid: message.serviceId && toSid('MG', message.serviceId),
  body: message.body,
  mediaUrls: message.media.map(({ url }) => url),
  statusCallback: message.statusCallbackUrl,
  action: message.actionUrl ? { url: message.actionUrl, method: message.actionMethod ?? 'POST' } : null,
  validityPeriod: String(message.validitySeconds),
  tags: message.tags && JSON.stringify(message.tags),
  contentRetention: message.contentRetention,
  addressRetention: message.addressRetention,
})
