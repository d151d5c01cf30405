/** Reading what Meta posts: every digit of an id kept, every string storable, no shape taken for granted. */
import type { Json } from '#core/channel.ts'

export type JsonObject = { [key: string]: Json }

/** Deeper than any event; far from what overflows a stack here or in PostgreSQL. */
const MAX_DEPTH = 100
const MAX_ID_LENGTH = 400

/** A number of 16 or more digits outside of a string. May also match inside one, which costs time only. */
const LONG_NUMBER = /[:,[]\s*-?\d{16}/

/** Undefined when the text is not JSON. Integers that a number cannot hold come back as text (RestFB's fixtures have them as ids). */
export function parseJson(text: string): Json | undefined {
  try {
    return clean(LONG_NUMBER.test(text) ? parseKeepingDigits(text) : JSON.parse(text))
  } catch {
    return undefined
  }
}

function parseKeepingDigits(text: string): unknown {
  try {
    return JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) =>
      Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
        ? context?.source
        : value,
    )
  } catch (error) {
    // A reviver recurses where plain parsing does not, so that deep nesting overflows only here.
    if (error instanceof RangeError) return JSON.parse(text)
    throw error
  }
}

/** A copy that PostgreSQL takes: no NUL, no lone surrogate, no infinite number, no bottomless nesting. */
export function clean(value: unknown, depth = 0): Json {
  if (typeof value === 'string') return cleanText(value)
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return null
  if (depth >= MAX_DEPTH) return '[nested too deep]'
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1))
  // fromEntries defines, so that a key "__proto__" stays a key.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), clean(item, depth + 1)]))
}

export const cleanText = (text: string): string => text.replaceAll('\u0000', '\uFFFD').toWellFormed()

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const asObject = (value: Json | undefined): JsonObject | undefined => (isObject(value) ? value : undefined)

/** Meta sends one thing bare as often as in a list. */
export const asList = (value: Json | undefined): Json[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]

export const asText = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

/** An id as text, whether it came as text or as a number; undefined when it is neither, or absurd. */
export function asId(value: Json | undefined): string | undefined {
  const text = typeof value === 'number' ? String(value) : asText(value)
  return text !== '' && text.length <= MAX_ID_LENGTH ? text : undefined
}

/** 1e11 seconds are the year 5138, 1e11 milliseconds 1973. */
const SECONDS_BELOW = 1e11

/** A time in milliseconds or, as real traffic also has it, in seconds or as text (meta.md 0, fact 7). */
export function asInstant(value: Json | undefined): Date | undefined {
  const text = asText(value)
  const count = typeof value === 'number' ? value : /^\d{1,16}$/.test(text) ? Number(text) : 0
  const epochMs = count < SECONDS_BELOW ? count * 1000 : count
  return count > 0 && epochMs < 1e14 ? new Date(epochMs) : undefined
}

/** The last moment that a time names: whole seconds last until the next one. */
export function asLastInstant(value: Json | undefined): Date | undefined {
  const at = asInstant(value)
  return at && Number(value) < SECONDS_BELOW ? new Date(at.getTime() + 999) : at
}

/** Equal for equal values, whatever the order of the keys. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}
