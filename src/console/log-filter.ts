/** The filter of the messages log, as it stands in an address. */
import { type AccountSid, fromSid, type Id } from '#core/ids.ts'
import type { MessageStatus } from '#core/status.ts'
import type { LogFilter } from '#store/message-log.ts'
import { Refusal } from './route.ts'

const STATUSES: MessageStatus[] = [
  'accepted',
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'undelivered',
  'canceled',
  'received',
]
const DIRECTIONS: Record<string, NonNullable<LogFilter['directions']>> = {
  in: ['inbound'],
  out: ['outbound-api', 'outbound-reply'],
}
const MAX_TEXT = 200

/** Nothing stands for no condition. Throws `Refusal`, which names the field. */
export function readLogFilter(accountSid: AccountSid, query: Record<string, string | undefined>): LogFilter {
  const { sender = '', person = '', direction = '', status = '', code = '', text = '' } = query
  const senderId = fromSid(sender, 'XE') ?? null
  if (sender !== '' && !senderId) throw new Refusal(400, 'This is no SID of a Page', 'sender')
  if (person !== '' && !/^\d{1,30}$/.test(person)) throw new Refusal(400, "A person's id has digits only", 'person')
  if (direction !== '' && !DIRECTIONS[direction]) throw new Refusal(400, 'The direction is "in" or "out"', 'direction')
  const statuses = status === '' ? null : (status.split(',') as MessageStatus[])
  if (statuses?.some((each) => !STATUSES.includes(each))) throw new Refusal(400, 'There is no such status', 'status')
  if (code !== '' && !/^\d{5}$/.test(code)) throw new Refusal(400, 'An error code has five digits', 'code')
  if (text.length > MAX_TEXT) throw new Refusal(400, `At most ${MAX_TEXT} characters`, 'text')
  return {
    accountSid,
    senderId,
    contact: person || null,
    directions: DIRECTIONS[direction] ?? null,
    statuses,
    code: code === '' ? null : Number(code),
    from: readTime(query.from, 'from'),
    before: readTime(query.until, 'until'),
    text: text.replaceAll('\0', '').toWellFormed() || null,
  }
}

function readTime(text: string | undefined, field: string): Date | null {
  if (!text) return null
  const date = new Date(text)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(date.getTime())
  if (!isTime) throw new Refusal(400, 'This is no time', field)
  return date
}

/** A SID of a message, or undefined when none is given. */
export function readMessageId(sid: string | undefined): Id | undefined {
  if (!sid) return undefined
  const id = fromSid(sid, 'SM', 'MM')
  if (!id) throw new Refusal(400, 'This is no SID of a message')
  return id
}

export const messageIdOf = (sid: string | undefined): Id => {
  const id = fromSid(sid ?? '', 'SM', 'MM')
  if (!id) throw new Refusal(404, 'There is no such message in this account')
  return id
}

export const readUuid = (text: string): Id => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) throw new Refusal(400, 'This is no id', 'id')
  return text as Id
}
