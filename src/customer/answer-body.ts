import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** Twilio's limit of a TwiML document (11750), counted after decompression. */
export const MAX_BODY_BYTES = 64 * 1024

export type Decoded = { ok: true; text: string } | { ok: false; problem: 'too-large' | 'unreadable' }

const inflate = promisify(gunzip)

async function decompress(raw: Buffer, encoding: string): Promise<Buffer | 'too-large' | 'unreadable'> {
  if (encoding === '' || encoding === 'identity' || raw.length === 0) return raw
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return 'unreadable'
  try {
    return await inflate(raw, { maxOutputLength: MAX_BODY_BYTES })
  } catch (error) {
    const tooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    return tooLarge ? 'too-large' : 'unreadable'
  }
}

/** The encoding in an XML declaration, which is ASCII in every encoding but UTF-16, and that one has a byte order mark. */
function declaredIn(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, 200)
  if (head.startsWith('\xfe\xff')) return 'utf-16be'
  if (head.startsWith('\xff\xfe')) return 'utf-16le'
  const declared = /^<\?xml\s[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(head)?.[1]
  return declared && !/^utf-?16/i.test(declared) ? declared : undefined
}

/** By the charset of the Content-Type, which outranks what a document says of itself (RFC 7303, 3.2); else UTF-8. */
function toText(bytes: Buffer, contentType: string): string {
  const charset = /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType)?.[1] ?? declaredIn(bytes)
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

/** The text of an answer. Its length is limited in decoded bytes, so a small compressed body cannot grow large. */
export async function decodeBody(raw: Buffer, encoding: string, contentType: string): Promise<Decoded> {
  const bytes = await decompress(raw, encoding.trim().toLowerCase())
  if (typeof bytes === 'string') return { ok: false, problem: bytes }
  if (bytes.length > MAX_BODY_BYTES) return { ok: false, problem: 'too-large' }
  return { ok: true, text: toText(bytes, contentType) }
}

/** Text that PostgreSQL can keep: well-formed, no NUL. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}
