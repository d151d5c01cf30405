/**
 * Pages of a list that is ordered by id, newest first. A token names the edge: `PA` and the last SID of the page before,
 * or `PB` and the first SID of the page after (twilio.md 1.5), so that any depth costs the same.
 */
import { ApiError } from '#core/errors.ts'
import { fromSid, type Id, type SidPrefix } from '#core/ids.ts'
import { type Form, queryOf, readQuery } from './form.ts'

const DEFAULT_SIZE = 50
const MAX_SIZE = 1000

export type PageRequest<Place = Id> = {
  size: number
  number: number
  token: string | null
  /** What the token says. */
  edge: { id: Place; direction: 'older' | 'newer' } | null
  /** All other parameters, as they go into the links. */
  filters: [string, string][]
}

const OWN = new Set(['PageSize', 'Page', 'PageToken'])

export const readPage = (url: string, prefixes: SidPrefix[]): PageRequest =>
  readPageBy(url, (text) => fromSid(text, ...prefixes))

/** For lists whose items have no SID: `readPlace` understands what `toPage` was told to write into the token. */
export function readPageBy<Place>(url: string, readPlace: (text: string) => Place | undefined): PageRequest<Place> {
  const query = readQuery(url)
  return {
    size: readSize(query),
    number: /^\d{1,9}$/.test(query.one('Page') ?? '') ? Number(query.one('Page')) : 0,
    token: query.one('PageToken') || null,
    edge: readEdge(query, readPlace),
    filters: [...new URLSearchParams(queryOf(url))].filter(([name]) => !OWN.has(name)),
  }
}

function readSize(query: Form): number {
  const text = query.one('PageSize')
  if (text === null || text === '') return DEFAULT_SIZE
  const size = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (size < 1 || size > MAX_SIZE) throw new ApiError('page_size_too_large')
  return size
}

function readEdge<Place>(query: Form, readPlace: (text: string) => Place | undefined): PageRequest<Place>['edge'] {
  const token = query.one('PageToken')
  if (token === null || token === '') return null
  const id = /^P[AB]/.test(token) ? readPlace(token.slice(2)) : undefined
  if (id === undefined) throw new ApiError('page_token_invalid')
  return { id, direction: token.startsWith('PA') ? 'older' : 'newer' }
}

export type Page<Item> = {
  items: Item[]
  first: string
  current: string
  next: string | null
  previous: string | null
}

/**
 * `found` holds up to `size + 1` items in reading order: the one too many says that there are more. Links are `path` and
 * a query; the first page of the list has no previous one.
 */
export function toPage<Item>(
  path: string,
  request: PageRequest<unknown>,
  found: Item[],
  sidOf: (item: Item) => string,
): Page<Item> {
  const { size, number, edge } = request
  const more = found.length > size
  const items = !more ? found : edge?.direction === 'newer' ? found.slice(1) : found.slice(0, size)
  const link = (nth: number, token: string | null) => {
    const query = new URLSearchParams(request.filters)
    query.set('PageSize', String(size))
    query.set('Page', String(nth))
    if (token !== null) query.set('PageToken', token)
    return `${path}?${query.toString().replaceAll('+', '%20')}`
  }
  const [first, last] = [items[0], items.at(-1)]
  const hasNext = edge?.direction === 'newer' ? items.length > 0 : more
  const hasPrevious = edge?.direction === 'newer' ? more : edge !== null && items.length > 0
  return {
    items,
    first: link(0, null),
    current: link(number, request.token),
    next: hasNext && last ? link(number + 1, `PA${sidOf(last)}`) : null,
    previous: hasPrevious && first ? link(Math.max(0, number - 1), `PB${sidOf(first)}`) : null,
  }
}

/** A list of the 2010 API: the items under their key, and where the other pages are (twilio.md 0.3, 1.5). */
export function listJson<Item>(
  key: string,
  request: PageRequest<unknown>,
  page: Page<Item>,
  json: (item: Item) => object,
) {
  const { items, first, current, next, previous } = page
  const start = items.length === 0 ? 0 : request.number * request.size
  return {
    first_page_uri: first,
    end: items.length === 0 ? 0 : start + items.length - 1,
    previous_page_uri: previous,
    [key]: items.map(json),
    uri: current,
    page_size: request.size,
    start,
    next_page_uri: next,
    page: request.number,
  }
}

/** How the lists of all products but the 2010 API speak of their pages (twilio.md 0.3). */
export const metaOf = (key: string, request: PageRequest, links: Omit<Page<unknown>, 'items'>) => ({
  page: request.number,
  page_size: request.size,
  first_page_url: links.first,
  previous_page_url: links.previous,
  url: links.current,
  next_page_url: links.next,
  key,
})
