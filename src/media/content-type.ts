/** What a file is: what its bytes say, where they say anything, else what its server said. Pure. */
export type Kind = 'image' | 'audio' | 'video' | 'file'

const UNKNOWN = 'application/octet-stream'

/** `Image/PNG; q=1` → `image/png`; null for what is no media type. */
export function bareType(text: string | null | undefined): string | null {
  const bare = (text ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return /^[a-z0-9][a-z0-9.+-]{0,62}\/[a-z0-9][a-z0-9.+-]{0,126}$/.test(bare) ? bare : null
}

export const kindOf = (contentType: string): Kind => {
  const [family] = contentType.split('/')
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'file'
}

/** Other names of the same. */
const SAME: Record<string, string> = {
  'audio/x-m4a': 'audio/mp4',
  'audio/ogg; codecs=opus': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'video/x-m4v': 'video/mp4',
  'image/apng': 'image/png',
  'image/jpg': 'image/jpeg',
}

/** Sound alone comes in these too: a voice note is an MP4. */
const CARRY_BOTH = ['video/mp4', 'video/webm', 'video/ogg', 'video/3gpp']

/** What many formats are made of: which one it is, only the server can tell. */
const WRAPPINGS = ['application/zip', 'application/x-cfb', 'application/xml', 'application/gzip']

/** Pictures and PDFs show what they are in their first bytes; SVG is text. */
const showsItself = (type: string): boolean =>
  type === 'application/pdf' || (type.startsWith('image/') && type !== 'image/svg+xml')

/**
 * `found`: by the bytes. `declared`: by the server. `expected`: what it was sent as, where that is known. A server's
 * word that the bytes do not bear out is not passed on.
 */
export function settleType(found: string | undefined, declared: string | null, expected: Kind | null = null): string {
  const said = bareType(declared)
  const meant = said === null ? UNKNOWN : (SAME[said] ?? said)
  if (found === undefined) return showsItself(meant) ? UNKNOWN : meant
  const is = SAME[found] ?? bareType(found) ?? UNKNOWN
  if (WRAPPINGS.includes(is) && kindOf(meant) === 'file' && meant !== UNKNOWN) return meant
  if (is === 'application/xml' && meant === 'image/svg+xml') return meant
  const asSound = meant.startsWith('audio/') || expected === 'audio'
  return CARRY_BOTH.includes(is) && asSound ? is.replace('video/', 'audio/') : is
}

export type Refusal = { code: number; reason: string }

/** By the head of the answer, before the file is read: pages are no media, whatever they were meant to be. */
export function refuseDeclared(declared: string | null): Refusal | undefined {
  const said = bareType(declared)
  if (said === null) return { code: 12300, reason: 'The media URL answers without a valid Content-Type' }
  if (said !== 'text/html' && said !== 'application/xhtml+xml') return undefined
  return { code: 12300, reason: `The media URL leads to a page (${said}), not to a file` }
}

/** A picture that is none, or sound and film that are something else: the channel would refuse them. */
export function refuseContent(declared: string | null, found: string | undefined): Refusal | undefined {
  const said = bareType(declared) ?? UNKNOWN
  const is = found === undefined ? undefined : (SAME[found] ?? found)
  const wrong =
    said.startsWith('image/') && said !== 'image/svg+xml'
      ? !is?.startsWith('image/')
      : /^(audio|video)\//.test(said) && is !== undefined && !/^(audio|video)\/|-asf$|\/mxf$/.test(is)
  if (!wrong) return undefined
  return { code: 63005, reason: `The file is not what its Content-Type says (${said})` }
}
