/** Holds an answer to Twilio's own OpenAPI description (`twilio-oai/`): types, null, enums, patterns, formats, keys. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { DocumentName } from './conformance/twilio.ts'

type Schema = {
  $ref?: string
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  nullable?: boolean
  enum?: unknown[]
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  properties?: Record<string, Schema>
  items?: Schema
}
type Document = {
  responses: Record<string, Record<string, Record<string, Schema>>>
  components: { schemas: Record<string, Schema> }
}

export type Allowed = {
  /** Keys that Pagewire adds to Twilio's (contract.md). */
  added?: string[]
  /** Objects whose keys differ per channel: what Twilio describes is checked where it is there. */
  open?: string[]
}

const RFC_2822 = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/

const FORMATS: Record<string, (value: unknown) => boolean> = {
  // Also relative ones, as the 2010 API writes them; escaped, so that they can be followed as they are.
  uri: (value) => /^(https?:\/)?\/[\x21-\x7e]+$/.test(String(value)) && URL.canParse(String(value), 'http://host'),
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(String(value)) && !Number.isNaN(Date.parse(String(value))),
  'date-time': (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(String(value)),
  'date-time-rfc-2822': (value) => RFC_2822.test(String(value)) && !Number.isNaN(Date.parse(String(value))),
  'uri-map': (value) => Object.values(value as object).every((each) => FORMATS.uri?.(each)),
  // In capitals for a balance, not so for usage, as in Twilio's examples.
  currency: (value) => /^([A-Z]{3}|[a-z]{3})$/.test(String(value)),
  'http-method': (value) => /^[A-Z]+$/.test(String(value)),
  // Of a message's sender: here always the address of a channel.
  'phone-number': (value) => /^messenger:[\dX]+$/.test(String(value)),
}

const documents = new Map<string, Document>()

function read(file: string): Document {
  const known = documents.get(file)
  if (known) return known
  const document: Document = JSON.parse(readFileSync(new URL(`./twilio-oai/${file}.json`, import.meta.url), 'utf8'))
  documents.set(file, document)
  return document
}

/**
 * `operation` is as in the file, such as `POST /v2/Channels/Senders`. Every key that Twilio describes must be there, as
 * Twilio writes null where there is nothing (twilio.md 0.3), and no other.
 */
export function assertDescribed(
  file: DocumentName,
  operation: string,
  answer: { status: number; text: string },
  allowed: Allowed = {},
): void {
  const document = read(file)
  const [method = '', path = ''] = operation.split(' ')
  const responses = document.responses[path]?.[method.toLowerCase()]
  assert.ok(responses, `${file} does not describe ${operation}`)
  const schema = responses[answer.status]
  assert.ok(schema, `${operation} answered ${answer.status}, Twilio ${Object.keys(responses)}: ${answer.text}`)
  const problems: string[] = []
  check(document, schema, JSON.parse(answer.text), '', allowed, problems)
  assert.deepEqual(problems, [], `${operation}: ${answer.text}`)
}

function check(document: Document, given: Schema, value: unknown, at: string, allowed: Allowed, problems: string[]) {
  const schema = given.$ref ? document.components.schemas[given.$ref.split('/').at(-1) ?? ''] : given
  const wrong = (what: string) => problems.push(`${at || 'the answer'} ${what}: ${JSON.stringify(value)}`)
  if (!schema) return void wrong(`has no schema ${given.$ref}`)
  if (value === null) return void (schema.nullable || wrong('may not be null'))
  if (schema.type && !isType(schema.type, value)) return void wrong(`is not of type ${schema.type}`)
  if (schema.enum && !schema.enum.includes(value)) wrong(`is none of ${schema.enum}`)
  if (schema.pattern && !new RegExp(schema.pattern).test(String(value))) wrong(`does not match ${schema.pattern}`)
  if (String(value).length < (schema.minLength ?? 0)) wrong('is too short')
  if (String(value).length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) wrong('is too long')
  const format = schema.format && FORMATS[schema.format]
  if (schema.format && !format) wrong(`has the unknown format ${schema.format}`)
  if (format && !format(value)) wrong(`is no ${schema.format}`)
  if (schema.items) {
    for (const [index, item] of (value as unknown[]).entries()) {
      check(document, schema.items, item, `${at}[${index}]`, allowed, problems)
    }
  }
  if (!schema.properties) return
  const object = value as Record<string, unknown>
  const isOpen = allowed.open?.includes(at.split('.').at(-1) ?? '') ?? false
  for (const [name, property] of Object.entries(schema.properties)) {
    if (Object.hasOwn(object, name)) check(document, property, object[name], `${at}.${name}`, allowed, problems)
    else if (!isOpen) wrong(`lacks ${name}`)
  }
  const known = [...Object.keys(schema.properties), ...(allowed.added ?? [])]
  const unknown = Object.keys(object).filter((name) => !isOpen && !known.includes(name))
  if (unknown.length > 0) wrong(`has more than Twilio's keys, ${unknown}`)
}

function isType(type: NonNullable<Schema['type']>, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'object') return typeof value === 'object' && !Array.isArray(value)
  return typeof value === type
}
