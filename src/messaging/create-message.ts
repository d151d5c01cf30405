/**
 * Makes an outbound message: the one door for REST, TwiML and people. Comes in: what the caller asks for, unchecked.
 * Goes out: a row and the job that sends it, on disk. Throws `ApiError` for the caller's mistakes; nothing is kept then.
 */
import { createHash } from 'node:crypto'
import { isCallbackUrl, resolveCallbackUrl } from '#core/callback-url.ts'
import { ApiError } from '#core/errors.ts'
import { type AccountSid, fromSid, type Id, newId } from '#core/ids.ts'
import { findKey } from '#store/idempotency.ts'
import { asCreated, findMessage, type Message, type NewMessage } from '#store/messages.ts'
import { chooseSender } from './choose-sender.ts'
import type { Flow } from './flow.ts'
import { overflowOf } from './queue-limit.ts'
import { checkSchedule, readSchedule, type ScheduleRequest } from './read-schedule.ts'

export type MessageRequest = ScheduleRequest & {
  to: string | null
  from: string | null
  body: string | null
  mediaUrls: string[]
  statusCallback: string | null
  /** Its status callback is taken when the message has none of its own. */
  applicationSid?: string | null
  action?: { url: string; method: 'GET' | 'POST' } | null
  validityPeriod?: string | null
  tags?: string | null
  contentRetention?: string | null
  addressRetention?: string | null
}

const MAX_BODY = 1600
const MAX_MEDIA = 10
const MAX_VALIDITY_SECONDS = 36_000

/** Checks the request; answers the message as it will be kept. */
export async function prepareMessage(
  flow: Flow,
  accountSid: AccountSid,
  request: MessageRequest,
  direction: 'outbound-api' | 'outbound-reply',
): Promise<NewMessage> {
  if (!request.to) throw new ApiError('to_missing')
  if (!request.from && !request.messagingServiceSid) throw new ApiError('from_missing')
  const to = readAddress(flow, request.to)
  const from = request.from ? readAddress(flow, request.from) : null
  if (!to) throw new ApiError('to_invalid')
  if (from === undefined) throw new ApiError('from_invalid')
  if (from && to.channel !== from.channel) {
    throw new ApiError('from_invalid', "'To' and 'From' are on different channels")
  }
  if (to.address === from?.address) throw new ApiError('from_equals_to')
  const body = clean(request.body ?? '')
  checkContent(body, request.mediaUrls)
  if (request.statusCallback && !isCallbackUrl(request.statusCallback)) throw new ApiError('status_callback_invalid')
  const validitySeconds = readValidity(request.validityPeriod)
  const tags = readTags(request.tags)
  const contentRetention = oneOf(request.contentRetention, ['retain', 'discard'], 'content_retention_invalid')
  const addressRetention = oneOf(request.addressRetention, ['retain', 'obfuscate'], 'address_retention_invalid')

  const applicationCallback = await callbackOfApplication(flow, accountSid, request.applicationSid)
  const statusCallback = request.statusCallback || applicationCallback
  const sendAt = readSchedule(request)
  const { sender, service } = await chooseSender(flow, accountSid, to, from, request.messagingServiceSid ?? null)
  if (sendAt) await checkSchedule(flow, accountSid, sendAt)
  return {
    accountSid,
    id: newId(),
    direction,
    channel: sender.channel,
    senderId: sender.id,
    senderAddress: sender.address,
    contactAddress: to.address,
    body,
    media: request.mediaUrls.map((url) => ({ url, contentType: null })),
    status: sendAt ? 'scheduled' : service ? 'accepted' : 'queued',
    statusCallbackUrl: statusCallback && resolveCallbackUrl(statusCallback, flow.publicUrl),
    actionUrl: request.action?.url ?? null,
    actionMethod: request.action?.method ?? null,
    validitySeconds: validitySeconds ?? service?.validitySeconds ?? MAX_VALIDITY_SECONDS,
    tags,
    contentRetention,
    addressRetention,
    eventId: null,
    channelMessageId: null,
    inbound: null,
    serviceId: service?.id ?? null,
    sendAt,
  }
}

/**
 * Durable when it answers. With an idempotency key the same request within 24 h answers the first one's message, and a
 * different one is a conflict.
 */
export async function createMessage(
  flow: Flow,
  accountSid: AccountSid,
  request: MessageRequest,
  idempotencyKey?: string,
): Promise<Message> {
  let message: NewMessage
  try {
    message = await prepareMessage(flow, accountSid, request, 'outbound-api')
  } catch (error) {
    if (!(error instanceof ApiError) || idempotencyKey === undefined) throw error
    // What was taken once is answered again, although its Page or service is gone by now, or its time too near.
    const use = await findKey(flow.sql, accountSid, idempotencyKey)
    if (!use || use.requestHash !== hash(request)) throw error
    return await findAgain(flow, accountSid, use.messageId)
  }
  const [result] = await flow.accept([
    {
      messages: [message],
      // What a service has accepted is in its lane at once; the customer hears of it (contract.md, "Outbound").
      ...(message.status === 'accepted' && { statuses: [{ accountSid, messageId: message.id, to: 'queued' }] }),
      ...(await overflowOf(flow, message, idempotencyKey)),
      ...(idempotencyKey !== undefined && {
        idempotency: { accountSid, key: idempotencyKey, requestHash: hash(request), messageId: message.id },
      }),
    },
  ])
  if (result?.outcome === 'opted out') throw new ApiError('opted_out')
  if (result?.outcome === 'repeated') {
    if (!result.sameRequest) throw new ApiError('conflict', 'This Idempotency-Key was used with other parameters')
    return await findAgain(flow, accountSid, result.messageId)
  }
  const createdAt = (result?.outcome === 'kept' ? result.createdAt : undefined) ?? new Date()
  return asCreated(message, createdAt)
}

async function findAgain(flow: Flow, accountSid: AccountSid, id: Id): Promise<Message> {
  const earlier = await findMessage(flow.sql, accountSid, id)
  if (!earlier) throw new ApiError('conflict', 'The message of this Idempotency-Key has been deleted')
  return earlier
}

const hash = (request: MessageRequest) => createHash('sha256').update(JSON.stringify(request)).digest('hex')

/** PostgreSQL's text has no NUL and no half of a surrogate pair. */
const clean = (text: string) => text.replaceAll('\0', '').toWellFormed()

/** `messenger:123` → its channel and address; undefined when it is no address of a channel that we have. */
export function readAddress(flow: Flow, text: string): { channel: string; address: string } | undefined {
  const at = text.indexOf(':')
  const channel = flow.channels.get(text.slice(0, at).toLowerCase())
  const address = text.slice(at + 1)
  return at > 0 && channel?.isAddress(address) ? { channel: channel.name, address } : undefined
}

function checkContent(body: string, mediaUrls: string[]): void {
  if (body.trim() === '' && mediaUrls.length === 0) throw new ApiError('content_missing')
  if (body.length > MAX_BODY && [...body].length > MAX_BODY) throw new ApiError('body_too_long')
  if (mediaUrls.length > MAX_MEDIA) throw new ApiError('media_too_many')
  for (const url of mediaUrls) {
    if (!isCallbackUrl(url) || url.startsWith('/')) {
      throw new ApiError('media_url_invalid', `Invalid media URL: ${url.slice(0, 200).toWellFormed()}`)
    }
  }
}

async function callbackOfApplication(
  flow: Flow,
  accountSid: AccountSid,
  sid: string | null | undefined,
): Promise<string | null> {
  if (!sid) return null
  const id = fromSid(sid, 'AP')
  const application = id && (await flow.directory.application(accountSid, id))
  if (!application) throw new ApiError('application_invalid')
  return application.messageStatusCallback ?? application.smsStatusCallback
}

/** Null: not said. */
function readValidity(text: string | null | undefined): number | null {
  if (text === null || text === undefined || text === '') return null
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (seconds < 1 || seconds > MAX_VALIDITY_SECONDS) throw new ApiError('validity_invalid')
  return seconds
}

function readTags(text: string | null | undefined): Record<string, string> | null {
  if (text === null || text === undefined || text === '') return null
  const mistake = (why: string) => new ApiError('parameter_invalid', `Invalid Tags: ${why}`)
  let tags: unknown
  try {
    tags = JSON.parse(text)
  } catch {
    throw mistake('expected a JSON object')
  }
  if (typeof tags !== 'object' || tags === null || Array.isArray(tags)) throw mistake('expected a JSON object')
  const pairs = Object.entries(tags)
  if (pairs.length > 10) throw mistake('at most 10 pairs')
  for (const [key, value] of pairs) {
    if (typeof value !== 'string') throw mistake('values must be strings')
    if (key.length > 128 || value.length > 128) throw mistake('at most 128 characters per key and value')
  }
  if (pairs.length === 0) return null
  return Object.fromEntries(pairs.map(([key, value]) => [clean(key), clean(value as string)]))
}

function oneOf<A extends string, B extends string>(
  text: string | null | undefined,
  [usual, other]: [A, B],
  mistake: 'content_retention_invalid' | 'address_retention_invalid',
): A | B {
  if (!text || text === usual) return usual
  if (text === other) return other
  throw new ApiError(mistake)
}
