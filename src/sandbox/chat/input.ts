/** Reads what the chat page's API is given: strict, with a sentence for every refusal. */
import type { PostbackRequest, SayRequest } from '../contract.ts'

export class Refused extends Error {
  readonly status: number

  constructor(status: 400 | 404 | 409 | 413 | 415, message: string) {
    super(message)
    this.status = status
  }
}

const refuse = (message: string): Refused => new Refused(400, message)

/** Ids of ours are plain: anything else is nothing that we have, and never reaches the database. */
export function idOf(value: string): string {
  if (!/^[\w-]{1,100}$/.test(value)) throw new Refused(404, 'not found')
  return value
}

type Fields = Record<string, unknown>

/** An object with no other keys than these. */
export function fieldsOf(body: unknown, ...known: string[]): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refuse('expected a JSON object')
  const stranger = Object.keys(body).find((key) => !known.includes(key))
  if (stranger !== undefined) throw refuse(`unknown field "${stranger.slice(0, 50)}"`)
  return body as Fields
}

export function text(value: unknown, name: string, max: number): string {
  if (typeof value !== 'string') throw refuse(`"${name}" must be a text`)
  if (value.length > max) throw refuse(`"${name}" must be at most ${max} characters long`)
  if (value.includes('\0') || !value.isWellFormed()) throw refuse(`"${name}" is not valid Unicode`)
  return value
}

export function someText(value: unknown, name: string, max: number): string {
  if (text(value, name, max).trim() === '') throw refuse(`"${name}" must not be empty`)
  return value as string
}

export function readName(body: unknown): string {
  return someText(fieldsOf(body, 'name').name, 'name', 75).trim()
}

export function readPage(body: unknown): { name: string; business: string | null } {
  const { name, business = null } = fieldsOf(body, 'name', 'business')
  return {
    name: someText(name, 'name', 75).trim(),
    business: business === null ? null : someText(business, 'business', 75).trim(),
  }
}

const readId = (value: unknown): { id?: string } => (value === undefined ? {} : { id: someText(value, 'id', 100) })

/** What Messenger's app takes: 20,000 characters; ten attachments are our own limit. */
export function readSay(body: unknown): SayRequest {
  const fields = fieldsOf(body, 'id', 'text', 'attachments', 'quickReply', 'replyTo')
  const say: SayRequest = readId(fields.id)
  if (fields.text !== undefined && fields.text !== '') say.text = text(fields.text, 'text', 20_000)
  if (fields.attachments !== undefined) say.attachments = readAttachments(fields.attachments)
  if (fields.quickReply !== undefined) {
    say.quickReply = { payload: someText(fieldsOf(fields.quickReply, 'payload').payload, 'quickReply.payload', 1000) }
  }
  if (fields.replyTo !== undefined) say.replyTo = someText(fields.replyTo, 'replyTo', 200)
  if (say.text === undefined && !say.attachments?.length) throw refuse('a message needs "text" or "attachments"')
  return say
}

function readAttachments(value: unknown): NonNullable<SayRequest['attachments']> {
  if (!Array.isArray(value) || value.length > 10) throw refuse('"attachments" must be a list of at most 10')
  return value.map((item: unknown) => {
    const { type, url } = fieldsOf(item, 'type', 'url')
    if (type !== 'image' && type !== 'audio' && type !== 'video' && type !== 'file') {
      throw refuse('an attachment\'s "type" must be image, audio, video or file')
    }
    const address = text(url, 'url', 2048)
    const parsed = URL.parse(address)
    if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
      throw refuse('an attachment\'s "url" must be an absolute http(s) URL')
    }
    return { type, url: address }
  })
}

export function readPostback(body: unknown): PostbackRequest {
  const fields = fieldsOf(body, 'id', 'title', 'payload')
  return {
    ...readId(fields.id),
    title: someText(fields.title, 'title', 80),
    payload: text(fields.payload ?? '', 'payload', 1000),
  }
}

/** The `ref` of an m.me link (meta.md 1.10). */
export function readRef(body: unknown): string | null {
  const { ref } = fieldsOf(body ?? {}, 'ref')
  if (ref === undefined || ref === null || ref === '') return null
  if (!/^[A-Za-z0-9\-_=]{1,2083}$/.test(text(ref, 'ref', 2083))) {
    throw refuse('"ref" may hold letters, digits, - _ and =')
  }
  return ref as string
}

export function readBlocked(body: unknown): boolean {
  const { blocked } = fieldsOf(body, 'blocked')
  if (typeof blocked !== 'boolean') throw refuse('"blocked" must be true or false')
  return blocked
}
