import { isHttpUrl } from '#core/callback-url.ts'

/** A URL as it goes over the wire: path and query keep the bytes that the customer wrote, as the signature covers them. */
export type Target = {
  /** What to connect to, normalised. */
  origin: string
  /** The Host header. */
  host: string
  /** Path and query, as sent. */
  path: string
  /** What is signed and logged: no userinfo, no fragment. */
  url: string
  /** The Authorization header that the userinfo stands for. */
  authorization: string | null
}

/** The parts of an absolute URL, uninterpreted; undefined when there is no `scheme://`. The fragment is left out. */
export function splitUrl(
  url: string,
): { scheme: string; userinfo: string; authority: string; rest: string } | undefined {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?([^/?#]*)([^#]*)/is.exec(url)
  if (!match) return undefined
  const [, scheme = '', userinfo = '', authority = '', rest = ''] = match
  return { scheme, userinfo, authority, rest }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Undefined when the text is no http(s) URL with a valid host name. */
export function readTarget(text: string): Target | undefined {
  const parts = splitUrl(text)
  if (!parts || !isHttpUrl(text)) return undefined
  const url = new URL(text)
  const slash = parts.rest.startsWith('/') ? '' : '/'
  // HTTP carries ASCII only. Everything else stays as written: what the customer's framework sees is what was signed.
  const path = slash + parts.rest.replace(/[^\x21-\x7e]+/gu, encodeURIComponent)
  // The written host (letter case, an explicit default port) is kept unless it names the host in another spelling.
  const written = parts.authority.toLowerCase()
  const host = written === url.host || written.replace(/:\d*$/, '') === url.hostname ? parts.authority : url.host
  const { username, password } = url
  const credentials = Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')
  return {
    origin: url.origin,
    host,
    path,
    url: `${url.protocol}//${host}${path}`,
    authorization: username || password ? `Basic ${credentials}` : null,
  }
}

/** The URL with the parameters appended to its own query, which stays byte for byte. */
export function withQuery(url: string, params: Record<string, string>): string {
  const query = new URLSearchParams(params).toString()
  const [address = '', ...fragment] = url.split('#')
  if (!query) return url
  const joint = !address.includes('?') ? '?' : /[?&]$/.test(address) ? '' : '&'
  return [address + joint + query, ...fragment].join('#')
}
