/** Names of files: found where servers put them, and safe wherever they are shown. Pure. */
const MAX_LENGTH = 120

const ENDINGS: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/aac': 'aac',
  'audio/ogg': 'ogg',
  'audio/wav': 'wav',
  'audio/amr': 'amr',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
  'video/webm': 'webm',
  'video/3gpp': '3gp',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'text/plain': 'txt',
  'text/csv': 'csv',
  'text/vcard': 'vcf',
}

/** From the header Content-Disposition (RFC 6266), else the end of the URL's path; null when neither has a name. */
export function readFileName(disposition: string | undefined, url: string): string | null {
  return safeName(named(disposition ?? '')) ?? safeName(lastSegment(url))
}

function named(disposition: string): string {
  const [, , encoded] = /;\s*filename\*\s*=\s*(UTF-8|ISO-8859-1)''([^;\s]+)/i.exec(disposition) ?? []
  if (encoded !== undefined) return decoded(encoded)
  const [, quoted, token] = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))/i.exec(disposition) ?? []
  // Header bytes beyond ASCII are UTF-8 as a rule, but arrive one character per byte.
  const text = quoted?.replace(/\\(.)/g, '$1') ?? token ?? ''
  return /[\x80-\xff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text
}

/** Only what looks like a name with an ending: `/media/8472` has none. */
function lastSegment(url: string): string {
  const name = decoded(URL.parse(url)?.pathname.split('/').at(-1) ?? '')
  return /[^.]\.[a-z0-9]{1,8}$/i.test(name) ? name : ''
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** No folders, no control or direction-changing characters, no leading dots; its ending stays when it is cut. */
function safeName(wanted: string): string | null {
  const name = wanted
    .toWellFormed()
    .replace(/^.*[/\\]/s, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"<>:|?*\ufffd]/gu, '')
    .replace(/^[\s.]+|[\s.]+$/g, '')
  if (name === '') return null
  if (name.length <= MAX_LENGTH) return name
  const ending = /\.[^.]{1,12}$/.exec(name)?.[0] ?? ''
  return `${name
    .slice(0, MAX_LENGTH - ending.length)
    .toWellFormed()
    .replaceAll('\ufffd', '')}${ending}`
}

/** What a browser may show: nothing in it can run. The rest is offered for download. */
const isInert = (contentType: string): boolean => /^(image\/(png|jpeg|gif|webp)|audio\/.+|video\/.+)$/.test(contentType)

/** The header Content-Disposition. `fallback` names a file that came without a name. */
export function dispositionOf(contentType: string, name: string | null, fallback: string): string {
  const full = name ?? `${fallback}.${ENDINGS[contentType] ?? 'bin'}`
  const ascii = full.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_')
  const place = isInert(contentType) ? 'inline' : 'attachment'
  if (ascii === full) return `${place}; filename="${full}"`
  const encoded = encodeURIComponent(full).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${place}; filename="${ascii}"; filename*=UTF-8''${encoded}`
}
