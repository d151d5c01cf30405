/** In what two URLs or forms differ, and how else one URL may be spelled by what stands in front of a server. Pure. */
export type Finding = {
  kind:
    | 'format'
    | 'scheme'
    | 'host'
    | 'port'
    | 'path'
    | 'slash'
    | 'query'
    | 'encoding'
    | 'missing'
    | 'extra'
    | 'changed'
    | 'get'
    | 'secondary'
    | 'rotated'
    | 'otherAccount'
    | 'unknown'
  /** Names it: the URL that was called, the parameters that are meant, whose token it is. */
  detail: string | null
}

/** From the URL that a server had to the one that was signed. */
export function differences(had: string, signed: string): Finding[] {
  if (had === signed) return []
  const [a, b] = [URL.parse(had), URL.parse(signed)]
  if (!a || !b) return [{ kind: 'path', detail: signed }]
  const findings: Finding[] = []
  const add = (kind: Finding['kind'], detail: string) => findings.push({ kind, detail })
  if (a.protocol !== b.protocol) add('scheme', b.protocol.replace(':', ''))
  if (a.hostname !== b.hostname) add('host', b.hostname)
  if (writtenPort(had) !== writtenPort(signed)) add('port', writtenPort(signed))
  if (a.pathname !== b.pathname) {
    const isSlash = a.pathname.replace(/\/$/, '') === b.pathname.replace(/\/$/, '')
    const isEncoding = decoded(a.pathname) === decoded(b.pathname)
    add(isSlash ? 'slash' : isEncoding ? 'encoding' : 'path', b.pathname)
  }
  if (a.search !== b.search) add(decoded(a.search) === decoded(b.search) ? 'encoding' : 'query', b.search)
  return findings.length > 0 ? findings : [{ kind: 'encoding', detail: signed }]
}

export function paramDifferences(had: Record<string, string>, sent: Record<string, string>): Finding[] {
  const names = (of: string[]) => of.slice(0, 10).join(', ') + (of.length > 10 ? ', …' : '')
  const missing = Object.keys(sent).filter((name) => !(name in had))
  const extra = Object.keys(had).filter((name) => !(name in sent))
  const changed = Object.keys(had).filter((name) => name in sent && had[name] !== sent[name])
  return [
    ...(missing.length > 0 ? [{ kind: 'missing' as const, detail: names(missing) }] : []),
    ...(extra.length > 0 ? [{ kind: 'extra' as const, detail: names(extra) }] : []),
    ...(changed.length > 0 ? [{ kind: 'changed' as const, detail: names(changed) }] : []),
  ]
}

/** As it may have been called, when a server sees it otherwise: another scheme, port, slash, query or encoding. */
export function spellingsOf(url: string, params: Record<string, string>): string[] {
  const parsed = URL.parse(url)
  if (!parsed) return []
  const found = new Set<string>()
  for (const scheme of ['https:', 'http:']) {
    for (const port of ['', parsed.port, '80', '443', '8080', '3000', '8443']) {
      for (const path of pathsOf(parsed.pathname)) {
        for (const query of queriesOf(parsed.search, params)) {
          found.add(`${scheme}//${parsed.hostname}${port && `:${port}`}${path}${query}`)
        }
      }
    }
  }
  return [...found]
}

const pathsOf = (path: string): string[] => [
  path,
  path.endsWith('/') ? path.slice(0, -1) : `${path}/`,
  decoded(path),
  encodeURI(decoded(path)),
]

function queriesOf(search: string, params: Record<string, string>): string[] {
  const form = new URLSearchParams(params).toString()
  return ['', search, decoded(search), ...(form && search !== `?${form}` ? [`?${form}`] : [])]
}

/** A default port that is written is signed, though URL parsers drop it. */
const writtenPort = (url: string): string => /^[a-z]+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/i.exec(url)?.[1] ?? ''

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
