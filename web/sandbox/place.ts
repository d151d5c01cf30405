/**
 * The address is the state: who one is and which Page one writes to, so that two windows can be two people.
 * `/sandbox/?person=…&page=…`; and `/sandbox/m/<page id>?ref=…` (or `/sandbox/?page=…&ref=…`) opens a chat as an m.me
 * link would.
 */
export type Place = {
  person: string | null
  page: string | null
  /** Set when one came through a link to a Page; `ref` is what the link carries. */
  link: { ref: string | null } | null
}

/** Where Facebook's login dialog is played, with or without a version. */
export const isLoginDialog = (pathname: string): boolean => /^\/sandbox\/(v[\d.]+\/)?dialog\/oauth$/.test(pathname)

const filled = (value: string | null): string | null => (value === null || value === '' ? null : value)

export const placeOf = (url: { pathname: string; search: string }): Place => {
  const query = new URLSearchParams(url.search)
  const person = filled(query.get('person'))
  const linked = /^\/sandbox\/m\/([^/]+)\/?$/.exec(url.pathname)?.[1]
  const ref = filled(query.get('ref'))
  if (linked !== undefined) return { person, page: decoded(linked), link: { ref } }
  const page = filled(query.get('page'))
  return { person, page, link: page === null || ref === null ? null : { ref } }
}

/** A stray `%` in a typed address is no reason to fail. */
const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const hrefOf = ({ person, page, link }: Place): string => {
  const query = new URLSearchParams()
  if (person !== null) query.set('person', person)
  if (link !== null && page !== null) {
    if (link.ref !== null) query.set('ref', link.ref)
    return withQuery(`/sandbox/m/${encodeURIComponent(page)}`, query)
  }
  if (page !== null) query.set('page', page)
  return withQuery('/sandbox/', query)
}

const withQuery = (path: string, query: URLSearchParams): string => (query.size === 0 ? path : `${path}?${query}`)
