/**
 * Which URLs a customer may give us to call (contract.md, "A Page as a sender"): absolute http(s) with a valid host
 * name, or relative to Pagewire itself. User:password and a `#…` of connection overrides are allowed. Pure.
 */
const MAX_LENGTH = 2048

/** Parsers disagree on what these mean in a URL, so that a guard and a client could see two different hosts. */
const AMBIGUOUS = /[\s\\\p{Cc}]/u

/** Behind the host; group 1 is what stands before it. */
const PORT = /^(https?:\/\/[^/?#]*):[^/?#:\]@]*(?=[/?#]|$)/i

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/

function isHostName(host: string): boolean {
  if (host.startsWith('[')) return true
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  return name.length <= 253 && name.split('.').every((label) => LABEL.test(label))
}

/** An absolute http(s) URL of any length, as found in a redirect or in TwiML. */
export function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\/[^/?#]/i.test(text) || AMBIGUOUS.test(text) || !text.isWellFormed()) return false
  const url = URL.parse(text)
  return url !== null && isHostName(url.hostname)
}

function isRelativeUrl(text: string): boolean {
  return /^\/(?!\/)/.test(text) && !AMBIGUOUS.test(text) && text.isWellFormed()
}

/** A URL that may be configured as a callback: absolute, or relative starting with one `/`; at most 2,048 characters. */
export function isCallbackUrl(text: string): boolean {
  return text.length <= MAX_LENGTH && (isRelativeUrl(text) || isHttpUrl(text))
}

/** Why a text is no URL to be called at, as a sentence for the person who types it; undefined when it is one. */
export function callbackUrlProblem(text: string): string | undefined {
  if (isCallbackUrl(text)) return undefined
  if (text.length > MAX_LENGTH) return `The URL is longer than ${MAX_LENGTH} characters`
  if (AMBIGUOUS.test(text)) return 'The URL holds a space, a backslash or a control character'
  if (text.startsWith('//')) return 'A path starts with one slash, not with two'
  if (!/^https?:/i.test(text)) return 'The URL must begin with https:// or http://, or be a path that begins with /'
  const hasHost = /^https?:\/\/[^/?#]/i.test(text)
  const url = hasHost ? URL.parse(text) : null
  if (hasHost && !url && URL.canParse(text.replace(PORT, '$1'))) return 'The port is not a number up to 65535'
  if (!url) return 'The URL has no valid host name'
  if (url.hostname.includes('_')) return `The host name ${url.hostname} holds an underscore, which is not allowed`
  return `The host name ${url.hostname.slice(0, 100)} is not valid`
}

/**
 * The absolute form of a configured URL. A relative one goes below the base, which may itself hold a path:
 * `/bins/x` on `https://example.com/gateway` is `https://example.com/gateway/bins/x`.
 */
export function resolveCallbackUrl(url: string, baseUrl: string): string {
  if (!url.startsWith('/')) return url
  const base = new URL(baseUrl)
  return base.origin + base.pathname.replace(/\/+$/, '') + url
}

export function isHttpMethod(text: string): text is 'GET' | 'POST' {
  return text === 'GET' || text === 'POST'
}
