/** Reads what the dial's API is given: strict, with a sentence for every refusal. */
import { fieldsOf, Refused, text } from '../chat/input.ts'
import type { FaultName, TokenState } from '../contract.ts'
import { FAULT_NAMES, MEASURES } from './catalogue.ts'
import type { FaultRow } from './faults.ts'
import { MAX_OFFSET_MS } from './time.ts'

const TOKEN_STATES: readonly TokenState[] = ['valid', 'expired', 'password_changed', 'app_removed', 'role_lost']

function wholeNumber(value: unknown, name: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max) {
    throw new Refused(400, `"${name}" must be a whole number from ${min} to ${max}`)
  }
  return value
}

export function faultName(value: string): FaultName {
  const name = FAULT_NAMES.find((known) => known === value)
  if (name === undefined) throw new Refused(404, `there is no fault "${value.slice(0, 50)}"`)
  return name
}

export function readFault(name: FaultName, body: unknown): Omit<FaultRow, 'pageId' | 'hits'> {
  const measure = MEASURES[name]
  const fields = fieldsOf(body ?? {}, 'probability', 'count', 'seed', ...(measure ? [measure.unit] : []))
  const { probability = 1, count = null, seed = 1 } = fields
  if (typeof probability !== 'number' || !(probability >= 0 && probability <= 1)) {
    throw new Refused(400, '"probability" must be a number from 0 to 1')
  }
  const amount = measure && (fields[measure.unit] ?? measure.usual)
  return {
    name,
    probability,
    countLeft: count === null ? null : wholeNumber(count, 'count', 1, 1_000_000),
    seed: wholeNumber(seed, 'seed', 0, 2 ** 32 - 1),
    amount: measure === undefined ? null : wholeNumber(amount, measure.unit, measure.min, measure.max),
  }
}

export function readTokenState(body: unknown): TokenState {
  const { state } = fieldsOf(body, 'state')
  const known = TOKEN_STATES.find((each) => each === state)
  if (known === undefined) throw new Refused(400, `"state" must be one of ${TOKEN_STATES.join(', ')}`)
  return known
}

/** How far to move the clock, which stands at `now`, `offsetMs` ahead. */
export function readAdvance(body: unknown, now: Date, offsetMs: number): number {
  const { advanceMs, to } = fieldsOf(body, 'advanceMs', 'to')
  if ((advanceMs === undefined) === (to === undefined)) throw new Refused(400, 'give either "advanceMs" or "to"')
  const byMs = to === undefined ? wholeNumber(advanceMs, 'advanceMs', 0, MAX_OFFSET_MS) : instant(to) - now.getTime()
  if (byMs < 0) throw new Refused(400, 'the clock moves forward only')
  if (offsetMs + byMs > MAX_OFFSET_MS) throw new Refused(400, 'the clock is at most 20 years ahead')
  return Math.ceil(byMs)
}

function instant(value: unknown): number {
  const given = text(value, 'to', 50)
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(given) ? Date.parse(given) : Number.NaN
  if (Number.isNaN(at)) throw new Refused(400, '"to" must be an instant such as 2026-10-01T12:00:00Z')
  return at
}

export function readLimit(value: unknown, usual: number, max: number): number {
  if (value === undefined) return usual
  return wholeNumber(typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value, 'limit', 1, max)
}
