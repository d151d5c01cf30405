/**
 * The 2010 API in Twilio's three representations: JSON with `.json`, XML with `.xml` or no suffix, CSV with `.csv`
 * (twilio.md 0.4). Routes know JSON alone: a URL is routed as its `.json` spelling, and what comes out is written anew.
 */
import { toCsv } from './csv.ts'
import { escapeAttribute, escapeText, XML_DECLARATION } from './xml.ts'

export type Representation = 'json' | 'xml' | 'csv'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

const ROOT = '/2010-04-01/'
/** The file of a media is what it is: without suffix, and with any ending but that of its description. */
const FILE = /\/Messages\/[^/]+\/Media\/[^/.]+(?:\.[^/]*)?$/

/** The `.json` spelling of a URL of the 2010 API; any other URL as it is. */
export function toJsonUrl(url: string): string {
  if (!url.startsWith(ROOT)) return url
  const { path, query } = split(url)
  if (path.endsWith('.json') || path.length === ROOT.length) return url
  const isFile = FILE.test(path) && !path.endsWith('.xml')
  return isFile ? url : `${path.replace(/\.(xml|csv)$/, '')}.json${query}`
}

/** `url` as the caller wrote it. */
export function representationOf(url: string): Representation {
  const { path } = split(url)
  if (path.endsWith('.json') || !`${path}/`.startsWith(ROOT)) return 'json'
  return path.endsWith('.csv') && !FILE.test(path) ? 'csv' : 'xml'
}

export type Represented = {
  type: string
  text: string
  /** Where a list goes on, if its own text cannot say it. */
  next: string | null
}

/** `answer` is what the route for this path, in its `.json` spelling, has answered. */
export function represent(kind: 'xml' | 'csv', path: string, answer: object, isError: boolean): Represented {
  const json = answer as JsonObject
  const list = isError ? undefined : readList(json)
  if (kind === 'csv') {
    const rows = (list?.items ?? [json]).map(rowOf)
    const next = typeof json.next_page_uri === 'string' ? json.next_page_uri.replace(/\.json(?=\?|$)/, '.csv') : null
    return { type: 'text/csv; charset=utf-8', text: toCsv(rows), next: list ? next : null }
  }
  const content = list ? listElement(list, json) : element(isError ? 'RestException' : nameOf(path), json)
  const text = `${XML_DECLARATION}<TwilioResponse>${content}</TwilioResponse>`
  return { type: 'application/xml; charset=utf-8', text, next: null }
}

const split = (url: string) => {
  const at = url.indexOf('?')
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at) }
}

type List = { key: string; items: JsonObject[] }

function readList(json: JsonObject): List | undefined {
  if (!('first_page_uri' in json)) return undefined
  const [key, items] = Object.entries(json).find(([, value]) => Array.isArray(value)) ?? []
  return key === undefined ? undefined : { key, items: items as JsonObject[] }
}

const pascalNames = new Map<string, string>()

/** Remembered: keys are our own, few, and the same for each of a thousand items. */
function pascal(key: string): string {
  const known = pascalNames.get(key)
  if (known !== undefined) return known
  const name = key.replace(/(?:^|_)([a-z])/g, (_all, letter: string) => letter.toUpperCase())
  pascalNames.set(key, name)
  return name
}

const withoutSuffix = (uri: string): string => uri.replace(/\.json(?=\?|$)/, '')
const isUriKey = (key: string): boolean => key === 'uri' || key.endsWith('_uri')

/** Names whose singular is not what is left without the `s`. */
const SINGULARS: Record<string, string> = {
  MediaList: 'Media',
  Triggers: 'UsageTrigger',
  MediaSettings: 'MediaSettings',
  Callbacks: 'Callbacks',
}
const singular = (name: string): string => SINGULARS[name] ?? name.replace(/s$/, '')

/** `…/Messages/SM….json` and a create at `…/Messages.json` answer a `Message`. */
function nameOf(path: string): string {
  const names = path.replace(/\.json$/, '').split('/')
  return singular(names.findLast((name) => !/^[A-Z]{2}[0-9a-fA-F]{32}$/.test(name)) ?? '')
}

/** Pages are told in attributes, in lower case and without underscores. */
function listElement({ key, items }: List, json: JsonObject): string {
  const name = pascal(key)
  const told = ['page', 'page_size', 'uri', 'first_page_uri', 'previous_page_uri', 'next_page_uri']
  const attributes = told.map((each) => {
    const text = String(json[each] ?? '')
    return ` ${each.replaceAll('_', '')}="${escapeAttribute(isUriKey(each) ? withoutSuffix(text) : text)}"`
  })
  const content = items.map((item) => element(singular(name), item)).join('')
  return `<${name}${attributes.join('')}>${content}</${name}>`
}

function element(name: string, value: Json, isUri = false): string {
  if (value === null || value === '') return `<${name}/>`
  return `<${name}>${contentOf(name, value, isUri)}</${name}>`
}

function contentOf(name: string, value: Json, isUri: boolean): string {
  // Its keys are the customer's, and need not be names in XML. This is how they came, too.
  if (name === 'Tags' || Array.isArray(value)) return escapeText(JSON.stringify(value))
  if (typeof value !== 'object' || value === null) {
    return escapeText(isUri ? withoutSuffix(String(value)) : String(value))
  }
  const areUris = name === 'SubresourceUris'
  return Object.entries(value)
    .map(([key, each]) => element(pascal(key), each, areUris || isUriKey(key)))
    .join('')
}

/** Links to other resources have no place in a table. */
function rowOf(item: JsonObject): Record<string, string> {
  const cells = Object.entries(item).filter(([key]) => key !== 'subresource_uris')
  return Object.fromEntries(
    cells.map(([key, value]) => {
      const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
      return [pascal(key), isUriKey(key) ? withoutSuffix(text) : text]
    }),
  )
}
