/** Parts of a file and what the caller has already (RFC 9110, 13 and 14). Pure. */
/** Both ends included. */
export type ByteRange = { from: number; to: number }

/** Several ranges at once, other units and what is malformed are answered with the whole, as the standard allows. */
export function readRange(header: string | undefined, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const [, from = '', to = ''] = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/.exec(header ?? '') ?? []
  if (from === '' && to === '') return 'whole'
  if (from === '')
    return Number(to) > 0 && size > 0 ? { from: Math.max(0, size - Number(to)), to: size - 1 } : 'unsatisfiable'
  if (to !== '' && Number(to) < Number(from)) return 'whole'
  if (Number(from) >= size) return 'unsatisfiable'
  return { from: Number(from), to: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}

export type State = { etag: string; modifiedAt: Date }
type Headers = Record<string, string | string[] | undefined>

/** Does the caller have this very file? A date counts only where no ETag was given. */
export function isKnown(headers: Headers, { etag, modifiedAt }: State): boolean {
  const { 'if-none-match': tags, 'if-modified-since': since } = headers
  if (typeof tags === 'string') {
    return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
  }
  return typeof since === 'string' && seconds(modifiedAt) <= seconds(new Date(since))
}

/** `If-Range`: the range is wanted only while the file is still the same. */
export function isSame(headers: Headers, { etag, modifiedAt }: State): boolean {
  const { 'if-range': condition } = headers
  if (typeof condition !== 'string') return true
  return condition === etag || seconds(modifiedAt) === seconds(new Date(condition))
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
