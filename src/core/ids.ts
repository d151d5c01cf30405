/**
 * Names of things. Every id is time-ordered (UUID version 7, RFC 9562), so that the newest row is the last one of its
 * index and `order by id` is the order of creation. Outside, an id is Twilio's SID: two letters + 32 hex digits.
 */
import { randomBytes, randomUUIDv7 } from 'node:crypto'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A UUID as PostgreSQL writes it: lower case, with hyphens. */
export type Id = Branded<'Id'>
export type AccountSid = Branded<'AccountSid'>

/** Twilio's prefixes for what Pagewire keeps (twilio.md 0.1). */
export type SidPrefix = 'AC' | 'SM' | 'MM' | 'ME' | 'MG' | 'XE' | 'AP' | 'SK' | 'NO' | 'RQ'

let lastMs = 0
let count = 0

/** A new id, after all that this process has made, also within a millisecond (RFC 9562, 6.2, method 1). */
export function newId(): Id {
  const now = Date.now()
  count += 1
  if (now > lastMs || count > 0xfff) {
    lastMs = Math.max(now, lastMs + 1)
    count = 0
  }
  const ms = lastMs.toString(16).padStart(12, '0')
  const counter = count.toString(16).padStart(3, '0')
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${counter}${randomUUIDv7().slice(18)}` as Id
}

export const toSid = (prefix: SidPrefix, id: Id): string => prefix + id.replaceAll('-', '')

/** The id inside a SID, or undefined when the text is not a SID with one of these prefixes. */
export function fromSid(sid: string, ...prefixes: SidPrefix[]): Id | undefined {
  if (!/^[A-Z]{2}[0-9a-fA-F]{32}$/.test(sid) || !prefixes.includes(sid.slice(0, 2) as SidPrefix)) return undefined
  const hex = sid.slice(2).toLowerCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Id
}

/** A message's SID starts with MM when it carries media, else with SM (twilio.md 0.1). */
export const messageSid = (id: Id, numMedia: number): string => toSid(numMedia > 0 ? 'MM' : 'SM', id)

/** A new account SID: random, as nothing is ordered by it. */
export const newAccountSid = (): AccountSid => `AC${randomBytes(16).toString('hex')}` as AccountSid

/** A new auth token: 32 hex digits, as twilio-cli demands (twilio.md 0.1). */
export const newAuthToken = (): string => randomBytes(16).toString('hex')
