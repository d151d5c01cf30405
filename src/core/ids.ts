/**
 * Names of things. Every id is time-ordered (UUID version 7, RFC 9562) by the clock that all nodes share, so that the
 * newest row is the last one of its index and `order by id` is the order of creation, to the few milliseconds that the
 * nodes disagree. Outside, an id is Twilio's SID: two letters + 32 hex digits.
 */
import { randomBytes, randomFillSync } from 'node:crypto'
import { sharedNowMs } from './clock.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** A UUID as PostgreSQL writes it: lower case, with hyphens. */
export type Id = Branded<'Id'>
export type AccountSid = Branded<'AccountSid'>

/** Twilio's prefixes for what Pagewire keeps (twilio.md 0.1). */
export type SidPrefix = 'AC' | 'AE' | 'SM' | 'MM' | 'ME' | 'MG' | 'XE' | 'AP' | 'SK' | 'NO' | 'OO' | 'RQ' | 'UT' | 'US'

const drawn = Buffer.alloc(4096)
let unused = 0

/** Drawn for hundreds of ids at once: a draw for each costs more than the rest of the id (2026-11). No secrets are made of it. */
function randomHex(bytes: number): string {
  if (unused < bytes) unused = randomFillSync(drawn).length
  unused -= bytes
  return drawn.toString('hex', unused, unused + bytes)
}

let lastMs = 0
let count = 0
/** What all ids of this millisecond begin with. */
let head = ''

/** A new id, after all that this process has made, also within a millisecond (RFC 9562, 6.2, method 1). */
export function newId(): Id {
  const now = Math.floor(sharedNowMs())
  count += 1
  if (now > lastMs || count > 0xfff) {
    lastMs = Math.max(now, lastMs + 1)
    count = 0
    const ms = lastMs.toString(16).padStart(12, '0')
    head = `${ms.slice(0, 8)}-${ms.slice(8)}-7`
  }
  const random = randomHex(8)
  return `${head}${count.toString(16).padStart(3, '0')}-8${random.slice(1, 4)}-${random.slice(4)}` as Id
}

/** The first id of a millisecond: whatever was made earlier sorts before it. */
export function firstIdAt(at: Date): Id {
  const ms = Math.max(0, at.getTime()).toString(16).padStart(12, '0')
  return `${ms.slice(0, 8)}-${ms.slice(8)}-0000-0000-000000000000` as Id
}

export const madeAt = (id: Id): Date => new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16))

export const toSid = (prefix: SidPrefix, id: Id): string => prefix + id.replaceAll('-', '')

/** The id inside a SID, or undefined when the text is not a SID with one of these prefixes. */
export function fromSid(sid: string, ...prefixes: SidPrefix[]): Id | undefined {
  if (!/^[A-Z]{2}[0-9a-fA-F]{32}$/.test(sid) || !prefixes.includes(sid.slice(0, 2) as SidPrefix)) return undefined
  const hex = sid.slice(2).toLowerCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Id
}

/** A message's SID starts with MM when it carries media, else with SM (twilio.md 0.1). */
export const messageSid = (id: Id, numMedia: number): string => toSid(numMedia > 0 ? 'MM' : 'SM', id)

/** Names one HTTP request. */
export const newRequestSid = (): string => `RQ${randomHex(16)}`

/** A new account SID: random, as nothing is ordered by it. */
export const newAccountSid = (): AccountSid => `AC${randomBytes(16).toString('hex')}` as AccountSid

/** A new auth token: 32 hex digits, as twilio-cli demands (twilio.md 0.1). */
export const newAuthToken = (): string => randomBytes(16).toString('hex')
