import type { InboundMedia } from '#core/channel.ts'

export type MediaKind = InboundMedia['kind']

const TYPE_BY_ENDING: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  amr: 'audio/amr',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  '3gp': 'video/3gpp',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  vcf: 'text/vcard',
  zip: 'application/zip',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
}

/** Voice notes come in an MP4 container. */
const TYPE_BY_KIND: Record<MediaKind, string> = {
  image: 'image/jpeg',
  audio: 'audio/mp4',
  video: 'video/mp4',
  file: 'application/octet-stream',
}

/** What an attachment received as `kind` probably is: webhooks carry no content type. */
export function guessContentType(kind: MediaKind, url: string): string {
  const byEnding = typeByEnding(url)
  return byEnding && (kind === 'file' || byEnding.startsWith(`${kind}/`)) ? byEnding : TYPE_BY_KIND[kind]
}

/**
 * As what Meta should take a file that we send. It refuses a type that does not fit its kind (100/2018047), while `file`
 * takes anything: only formats that Meta names go as image or video (meta.md 2.3).
 */
export function sendableKind(contentType: string | null, url: string): MediaKind {
  const type = (contentType ?? typeByEnding(url) ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (['image/jpeg', 'image/jpg', 'image/png', 'image/gif'].includes(type)) return 'image'
  if (type === 'video/mp4') return 'video'
  return type.startsWith('audio/') ? 'audio' : 'file'
}

function typeByEnding(url: string): string | undefined {
  const path = URL.parse(url)?.pathname ?? ''
  const ending = /\.(\w{1,5})$/.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(TYPE_BY_ENDING, ending) ? TYPE_BY_ENDING[ending] : undefined
}
