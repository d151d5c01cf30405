/** Parameters of a Graph call: query and body as one record, read with Meta's own complaints. */
import { GraphError, invalid, notOneOf, required, tooLong } from './error.ts'

export type Params = Record<string, unknown>

/** The body wins over the query. A form's values may be JSON: the readers below parse them where they need an object. */
export function readParams(query: URLSearchParams, contentType: string, body: string): Params {
  const params: Params = Object.create(null)
  for (const [name, value] of query) params[name] = value
  if (body.trim() === '') return params
  const mediaType = contentType.toLowerCase()
  if (mediaType.startsWith('application/json')) {
    const parsed = parseJson(body)
    if (!isRecord(parsed)) throw invalid('Invalid parameter')
    for (const name of Object.keys(parsed)) params[name] = parsed[name]
  } else if (mediaType.startsWith('application/x-www-form-urlencoded')) {
    for (const [name, value] of new URLSearchParams(body)) params[name] = value
  } else {
    throw new GraphError(1, 'Unsupported content type of the request body.', { status: 415 })
  }
  return params
}

/** An id of more than 15 digits is kept to the digit, also when it is written as a number. */
function parseJson(text: string): unknown {
  try {
    return LONG_NUMBER.test(text) ? JSON.parse(text, toTheDigit) : JSON.parse(text)
  } catch {
    return undefined
  }
}

export const isRecord = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Many clients write null, or a form's empty value, for what they do not give. */
export const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === ''

const LONG_NUMBER = /[:[,]\s*\d{16}/

const toTheDigit = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(context?.source ?? '')
    ? context?.source
    : value

/** An object, or a JSON text of one; undefined when absent. */
export function recordOf(value: unknown, name: string): Params | undefined {
  if (isAbsent(value)) return undefined
  const parsed = typeof value === 'string' ? parseJson(value) : value
  if (!isRecord(parsed)) throw invalid(`param ${name} must be a JSON object.`)
  return parsed
}

/** A list, or a JSON text of one; undefined when absent. */
export function listOf(value: unknown, name: string): unknown[] | undefined {
  if (isAbsent(value)) return undefined
  const parsed = typeof value === 'string' ? parseJson(value) : value
  if (!Array.isArray(parsed)) throw invalid(`param ${name} must be an array.`)
  return parsed
}

/** Text, also of a number; undefined when absent. `max` in code points. */
export function textOf(value: unknown, name: string, max: number): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' && typeof value !== 'number') throw invalid(`Param ${name} must be a string`)
  const text = String(value)
  if (text.includes('\0') || !text.isWellFormed()) throw invalid(`Param ${name} must be a UTF-8 encoded string`)
  // Code points are at most the UTF-16 units, so that only doubtful texts are counted.
  if (text.length > max && (text.length > 2 * max || [...text].length > max)) throw tooLong(name, max)
  return text
}

export function neededText(value: unknown, name: string, max: number): string {
  const text = textOf(value, name, max)
  if (text === undefined) throw required(name)
  return text
}

/** One of the names, in any case; undefined when absent. */
export function oneOf<Name extends string>(value: unknown, name: string, names: readonly Name[]): Name | undefined {
  if (isAbsent(value)) return undefined
  const found = names.find((known) => typeof value === 'string' && known === value.toUpperCase())
  if (found === undefined) throw notOneOf(name, names, typeof value === 'string' ? value : JSON.stringify(value))
  return found
}

/** A list of names as JSON or separated by commas. */
export function namesOf(value: unknown, name: string): string[] | undefined {
  if (isAbsent(value)) return undefined
  const isCsv = typeof value === 'string' && !value.trimStart().startsWith('[')
  const list: unknown[] = isCsv ? value.split(',') : (listOf(value, name) ?? [])
  if (list.length > 100) throw invalid(`param ${name} has too many elements.`)
  const names = list.map((item, index) => neededText(item, `${name}[${index}]`, 100).trim())
  return [...new Set(names.filter((item) => item !== ''))]
}
