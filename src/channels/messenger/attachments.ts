import type { InboundEvent, InboundMedia, Json } from '#core/channel.ts'
import { asId, asList, asObject, asText, isObject, type JsonObject } from '../meta/json.ts'
import { guessContentType, type MediaKind } from './media-types.ts'

export type Attached = { media: InboundMedia[]; text: string; location: InboundEvent['location'] }

/** Reads the attachments of a message (meta.md 1.8). Links join the text; what has no form here stays in the raw event. */
export function readAttachments(attachments: Json | undefined, said: string): Attached {
  const attached: Attached = { media: [], text: said, location: null }
  const stickers = new Set<string>()
  for (const attachment of asList(attachments).filter(isObject)) {
    const payload = asObject(attachment.payload) ?? {}
    const type = asText(attachment.type)
    if (type === 'sticker' || payload.sticker_id !== undefined) {
      // Until 2026-08-30 one sticker comes twice, as image and as sticker.
      const sticker = asId(payload.sticker_id) ?? asText(payload.url)
      if (stickers.has(sticker)) continue
      stickers.add(sticker)
    }
    if (type === 'location') attached.location = readLocation(attachment, payload) ?? attached.location
    else if (isMediaType(type)) attached.media.push(...readMedia(type, payload))
    else attached.text = joinShared(attached.text, attachment, payload)
  }
  return attached
}

const MEDIA_KINDS = { image: 'image', sticker: 'image', audio: 'audio', video: 'video', file: 'file' } as const
const isMediaType = (type: string): type is keyof typeof MEDIA_KINDS => Object.hasOwn(MEDIA_KINDS, type)

function readMedia(type: keyof typeof MEDIA_KINDS, payload: JsonObject): InboundMedia[] {
  const url = asUrl(asText(payload.url))
  if (url === undefined) return []
  const kind: MediaKind = MEDIA_KINDS[type]
  return [{ kind, url, contentType: guessContentType(kind, url) }]
}

/** A link preview, a shared post or reel, a template: its link joins the text; without a link its title does. */
function joinShared(text: string, attachment: JsonObject, payload: JsonObject): string {
  const link = asUrl(unwrapped(asText(payload.url) || asText(attachment.url)), 'https://www.facebook.com')
  const shared = link ?? titleOf(attachment, payload)
  if (text.includes(shared) || (link !== undefined && text.includes(link.replace(/\/$/, '')))) return text
  return text === '' ? shared : `${text}\n${shared}`
}

function titleOf(attachment: JsonObject, payload: JsonObject): string {
  const [element] = asList(asObject(payload.product)?.elements ?? payload.elements)
  return asText(payload.title) || asText(attachment.title) || asText(asObject(element)?.title)
}

/** Meta wraps links that people share into its own redirect. */
function unwrapped(url: string): string {
  const parsed = URL.parse(url)
  return (parsed?.hostname === 'l.facebook.com' && parsed.searchParams.get('u')) || url
}

/** The text as it came, if it is an absolute http(s) URL; else resolved, if it is a path and there is a base. */
function asUrl(text: string, base?: string): string | undefined {
  const parsed = base !== undefined && text.startsWith('/') ? URL.parse(text, base) : URL.parse(text)
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') return undefined
  return text.startsWith('/') || /\s/.test(text) ? parsed.href : text
}

function readLocation(attachment: JsonObject, payload: JsonObject): InboundEvent['location'] {
  const coordinates = asObject(payload.coordinates) ?? asObject(attachment.coordinates) ?? {}
  const latitude = asDegrees(coordinates.lat, 90)
  const longitude = asDegrees(coordinates.long, 180)
  return latitude === undefined || longitude === undefined ? null : { latitude, longitude }
}

function asDegrees(value: Json | undefined, limit: number): number | undefined {
  const degrees = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof degrees === 'number' && Math.abs(degrees) <= limit ? degrees : undefined
}
