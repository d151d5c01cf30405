/**
 * The cookies of one conversation (twilio.md 3.4), small and strict: a cookie goes back to the host (and port) that set
 * it and to no other, whatever its Domain attribute says. Path, expiry and Secure as in RFC 6265.
 */
export type Cookie = {
  name: string
  value: string
  host: string
  path: string
  secure: boolean
  /** Milliseconds since 1970; null: as long as the jar is kept. */
  expiresAt: number | null
}

const MAX_COOKIES = 20
const MAX_JAR_LENGTH = 4096

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\x20-\x7e]*$/

function isCookie(item: unknown): item is Cookie {
  if (typeof item !== 'object' || item === null) return false
  const { name, value, host, path, secure, expiresAt } = item as Record<string, unknown>
  if (typeof name !== 'string' || typeof value !== 'string' || !NAME.test(name) || !VALUE.test(value)) return false
  if (typeof host !== 'string' || typeof path !== 'string' || typeof secure !== 'boolean') return false
  return expiresAt === null || typeof expiresAt === 'number'
}

const isFresh = (cookie: Cookie, now: Date): boolean => cookie.expiresAt === null || cookie.expiresAt > now.getTime()

/** What was kept from earlier calls. Anything unreadable is an empty jar. */
export function readJar(text: string | null, now: Date): Cookie[] {
  try {
    const items: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(items) ? items.filter(isCookie).filter((cookie) => isFresh(cookie, now)) : []
  } catch {
    return []
  }
}

/** The jar as text for `readJar`: the newest 20 cookies, at most 4 kB; null when it is empty. */
export function writeJar(jar: Cookie[]): string | null {
  let kept = jar.slice(-MAX_COOKIES)
  while (JSON.stringify(kept).length > MAX_JAR_LENGTH) kept = kept.slice(1)
  return kept.length > 0 ? JSON.stringify(kept) : null
}

function matchesPath(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`)
}

/** The Cookie header for a request to this URL, longest path first; null when no cookie fits. */
export function cookieHeader(jar: Cookie[], url: URL, now: Date): string | null {
  const fitting = jar
    .filter(({ host, path }) => host === url.host && matchesPath(url.pathname, path))
    .filter((cookie) => isFresh(cookie, now) && (!cookie.secure || url.protocol === 'https:'))
    .sort((a, b) => b.path.length - a.path.length)
  return fitting.length > 0 ? fitting.map(({ name, value }) => `${name}=${value}`).join('; ') : null
}

function expiryOf(attributes: Map<string, string>, now: Date): number | null {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined && /^-?\d{1,12}$/.test(maxAge)) return now.getTime() + Number(maxAge) * 1000
  const expires = Date.parse(attributes.get('expires') ?? '')
  return Number.isNaN(expires) ? null : expires
}

function readSetCookie(header: string, url: URL, now: Date): Cookie | undefined {
  const [pair = '', ...rest] = header.split(';')
  const equals = pair.indexOf('=')
  const name = pair.slice(0, Math.max(equals, 0)).trim()
  const value = pair.slice(equals + 1).trim()
  if (!NAME.test(name) || !VALUE.test(value)) return undefined
  const attributes = new Map(
    rest.map((attribute): [string, string] => {
      const [key = '', ...text] = attribute.split('=')
      return [key.trim().toLowerCase(), text.join('=').trim()]
    }),
  )
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase()
  if (domain && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) return undefined
  const secure = attributes.has('secure')
  if (secure && url.protocol !== 'https:') return undefined
  const path = attributes.get('path')
  const directory = url.pathname.slice(0, Math.max(url.pathname.lastIndexOf('/'), 1))
  return {
    name,
    value,
    host: url.host,
    path: path?.startsWith('/') && VALUE.test(path) ? path : directory,
    secure,
    expiresAt: expiryOf(attributes, now),
  }
}

/** The jar after an answer from this URL; a cookie that has expired is how a server deletes one. */
export function keepCookies(jar: Cookie[], url: URL, setCookie: string[], now: Date): Cookie[] {
  let kept = jar
  for (const header of setCookie) {
    const cookie = readSetCookie(header, url, now)
    if (!cookie) continue
    kept = kept.filter(({ name, host, path }) => name !== cookie.name || host !== cookie.host || path !== cookie.path)
    if (isFresh(cookie, now)) kept = [...kept, cookie]
  }
  return kept.slice(-MAX_COOKIES)
}
