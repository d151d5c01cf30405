/** What a run leaves behind, and what the ledger is made of. */
import type { Call } from '../customer.ts'
import type { Disturbance } from '../killer.ts'
import type { Copy } from '../meta.ts'
import type { Created, Said } from '../people.ts'

export type StoredMessage = {
  id: string
  direction: 'inbound' | 'outbound-api' | 'outbound-reply'
  contactAddress: string
  body: string
  numMedia: number
  status: string
  errorCode: number | null
  /** When the call was written down that the message ended with, unsent or without a known answer. */
  givenUpFrom: Date | null
}

export type Evidence = {
  said: Said[]
  created: Created[]
  calls: Call[]
  badSignatures: number
  copies: Copy[]
  readUntil: ReadonlyMap<string, number>
  broken: ReadonlySet<string>
  messages: StoredMessage[]
  lanes: number
  jobs: number
  diary: Disturbance[]
  /** By psid. */
  conversations: ReadonlyMap<string, string>
  /** Refused requests, nodes that ended by themselves, a drain that did not end. */
  problems: string[]
}

/** `about`: what to look for in the nodes' logs. */
export type Violation = { text: string; about: string[] }
export type Row = { promise: string; expected: number; found: number; violations: Violation[] }

/** Twilio's SID of a stored message, without its first two letters. */
export const hexOf = (id: string): string => id.replaceAll('-', '')

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

/** `re c12 #5` → its conversation and number. */
export function numbered(text: string): { conversation: string; nth: number } | undefined {
  const [, conversation, nth] = /(c\d+) #(\d+)$/.exec(text) ?? []
  return conversation === undefined ? undefined : { conversation, nth: Number(nth) }
}

export const time = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 23) : 'never')

/** A node or the database was disturbed while this lasted; a node that comes back may go on with what it had begun. */
const GOES_ON_MS = 5000

export const disturbanceIn = (diary: readonly Disturbance[], fromMs: number, untilMs: number): boolean =>
  diary.some(
    ({ where, ...each }) => where === 'inside' && each.fromMs <= untilMs && each.untilMs + GOES_ON_MS >= fromMs,
  )
