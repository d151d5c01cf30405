/** What a file really is, by its first bytes, and as what it may be served. Pure. */
import type { MediaType } from '../graph/send-order.ts'

const ascii = (bytes: Uint8Array, from: number, text: string): boolean =>
  Buffer.from(bytes.subarray(from, from + text.length)).toString('latin1') === text

/** The content type, or undefined when the bytes are of no kind known here. */
export function sniff(bytes: Uint8Array): string | undefined {
  if (ascii(bytes, 0, '\x89PNG\r\n\x1a\n')) return 'image/png'
  if (ascii(bytes, 0, '\xff\xd8\xff')) return 'image/jpeg'
  if (ascii(bytes, 0, 'GIF87a') || ascii(bytes, 0, 'GIF89a')) return 'image/gif'
  if (ascii(bytes, 0, 'RIFF') && ascii(bytes, 8, 'WEBP')) return 'image/webp'
  if (ascii(bytes, 0, 'RIFF') && ascii(bytes, 8, 'WAVE')) return 'audio/wav'
  if (ascii(bytes, 4, 'ftypM4A')) return 'audio/mp4'
  if (ascii(bytes, 4, 'ftyp')) return 'video/mp4'
  if (ascii(bytes, 0, 'ID3')) return 'audio/mpeg'
  if (bytes[0] === 0xff && [0xfb, 0xf3, 0xf2].includes(bytes[1] ?? 0)) return 'audio/mpeg'
  if (ascii(bytes, 0, 'OggS')) return 'audio/ogg'
  if (ascii(bytes, 0, '\x1a\x45\xdf\xa3')) return 'video/webm'
  if (ascii(bytes, 0, '%PDF-')) return 'application/pdf'
  return undefined
}

/** `audio/ogg; codecs=opus` → `audio/ogg`. */
export const bareType = (contentType: string): string => contentType.split(';', 1)[0]!.trim().toLowerCase()

/**
 * The content type to keep a file under when it is used as `type`, or undefined when it is not of that type. Pictures
 * must be what their bytes say; of sound and film the sender's word is taken where the bytes say nothing, and the
 * containers that carry both (MP4, WebM, Ogg) pass as either.
 */
export function typeFor(type: MediaType, declared: string, bytes: Uint8Array): string | undefined {
  const found = sniff(bytes)
  const bare = bareType(declared)
  if (type === 'image') return found?.startsWith('image/') ? found : undefined
  if (type === 'file') return found ?? (/^[\w.+-]+\/[\w.+-]+$/.test(bare) ? bare : 'application/octet-stream')
  if (found === undefined) return bare.startsWith(`${type}/`) && /^[\w.+-]+\/[\w.+-]+$/.test(bare) ? bare : undefined
  if (found.startsWith(`${type}/`)) return found
  const carriesBoth = ['audio/mp4', 'video/mp4', 'video/webm', 'audio/ogg'].includes(found)
  return carriesBoth ? `${type}/${found.split('/')[1]}` : undefined
}

/** Whether a browser may show it; anything else is offered for download. */
export const isShown = (contentType: string): boolean =>
  /^(image\/(png|jpeg|gif|webp)|audio\/[\w.+-]+|video\/[\w.+-]+|application\/pdf)$/.test(contentType)
