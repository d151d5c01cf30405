/**
 * Pagewire's own OpenAPI document. In: the routes that are served, with what they take as JSON. Out: each of them as
 * Twilio describes it, where Twilio does, changed by what `own.ts` says. Twilio's words stay out, as they are about
 * other channels; its summaries stay in.
 */
import assert from 'node:assert/strict'
import type { ServedRoute } from '../../src/api/api.ts'
import * as own from './own.ts'
import { RESOURCES } from './resources.ts'
import {
  DOCUMENTS,
  type DocumentName,
  documentOf,
  type Operation,
  operationAt,
  ownPathOf,
  type Parameter,
  type Schema,
} from './twilio.ts'

type Described = {
  operationId: string
  tags: string[]
  summary: string
  parameters: (Parameter & { description?: string })[]
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> }
  responses: Record<string, object>
}
export type OpenApi = {
  openapi: string
  info: { title: string; version: string; description: string; license: { name: string; url: string } }
  servers: { url: string }[]
  security: Record<string, string[]>[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Described>>
  components: { securitySchemes: object; responses: Record<string, object>; schemas: Record<string, Schema> }
}

const DESCRIPTION = `The REST API of a Pagewire, in Twilio's form. What works and what differs from Twilio's is told in
docs/TWILIO-COMPATIBILITY.md, the codes of errors in docs/errors.md.

Paths below \`/2010-04-01\` are described as JSON (\`.json\`); without a suffix or with \`.xml\` they answer XML, with
\`.csv\` CSV. Each other product has its prefix, such as \`/messaging\`.

Made from the routes that are served and from Twilio's OpenAPI documents (https://github.com/twilio/twilio-oai, MIT
licence, © Twilio Inc.).`

export function describeRoutes(routes: readonly ServedRoute[]): OpenApi {
  const paths: OpenApi['paths'] = {}
  for (const route of routes) {
    const operation = operationAt(route.method, route.path)
    const path = operation ? ownPathOf(operation) : ownTemplateOf(route.path)
    const described = operation ? describeTwilios(route, operation) : describeOwn(route)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: described }
  }
  return {
    openapi: '3.1.0',
    // Both are told by the running gateway.
    info: {
      title: 'Pagewire',
      version: 'unreleased',
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ basic: [] }],
    tags: RESOURCES.map(({ name, works }) => ({ name, description: works })),
    paths: sorted(paths),
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'Account SID and auth token, or API key SID and secret.' },
      },
      responses: {
        error: {
          description: 'A mistake, or something is away',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/error' } } },
        },
      },
      schemas: schemasOf(paths),
    },
  }
}

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'

function describeTwilios(route: ServedRoute, operation: Operation): Described {
  const { request, tag } = operation
  assert.ok(request, `add ${operation.path} to test/twilio-oai/${operation.document}.json (its README says how)`)
  const resource = RESOURCES.find((each) => each.document === operation.document && each.tags.includes(tag))
  assert.ok(resource, `test/conformance/resources.ts tells nothing of ${tag}`)
  const key = `${route.method} ${ownPathOf(operation)}`
  const more = own.MORE_PARAMETERS[key] ?? []
  const isRefused = own.REFUSED.includes(`${route.method} ${route.path}`)
  const body = isRefused ? undefined : bodyOf(route, key, request.body?.schema)
  const product = DOCUMENTS[operation.document].slice(1)
  return {
    operationId: product.replace(/^./, (letter) => letter.toUpperCase()) + request.id,
    tags: [resource.name],
    summary: isRefused
      ? `${request.summary.replace(/\.$/, '')}: always refused, as Messenger has none`
      : request.summary,
    parameters: [...request.parameters.filter(({ in: place }) => place !== 'header'), ...more].map(modernParameter),
    ...(body && { requestBody: body }),
    responses: {
      ...(!isRefused && answersOf(successesOf(operation.responses))),
      default: { $ref: '#/components/responses/error' },
    },
  }
}

const successesOf = (responses: Record<string, Schema>): Record<string, Schema | null> =>
  Object.fromEntries(
    Object.entries(responses)
      .filter(([status]) => status.startsWith('2'))
      .map(([status, schema]) => [status, status === '204' ? null : schema]),
  )

function describeOwn(route: ServedRoute): Described {
  const operation = own.OWN_OPERATIONS[`${route.method} ${route.path}`]
  assert.ok(
    operation,
    `test/conformance/own.ts does not describe ${route.method} ${route.path}, nor do Twilio's documents`,
  )
  const body = bodyOf(route, '', operation.form)
  return {
    operationId: idOf(route),
    tags: [operation.resource],
    summary: operation.summary,
    parameters: [...pathParametersOf(route.path), ...(operation.parameters ?? [])].map(modernParameter),
    ...(body && { requestBody: body }),
    responses: { ...answersOf(operation.answers), default: { $ref: '#/components/responses/error' } },
  }
}

/** What takes JSON says itself what; a form is as Twilio describes it, or as it is ours. */
function bodyOf(route: ServedRoute, key: string, form: Schema | undefined): Described['requestBody'] {
  if (route.body) return { required: true, content: { [JSON_TYPE]: { schema: route.body as Schema } } }
  if (!form) return undefined
  const given = form.$ref ? (resolve(form.$ref) ?? form) : form
  const properties = Object.entries({ ...given.properties, ...own.FORM_CHANGES[key] }).map(([name, schema]) => {
    const isIdle = own.WITHOUT_EFFECT[key]?.includes(name)
    return [name, { ...modern(schema, name), ...(isIdle && { description: 'Accepted, without effect.' }) }]
  })
  const required = given.required ?? []
  const schema: Schema = {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
  }
  return { required: required.length > 0, content: { [FORM_TYPE]: { schema } } }
}

function answersOf(answers: Record<string, Schema | null | 'file'>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => {
      if (answer === null) return [status, { description: status === '204' ? 'Deleted' : 'Nothing to tell' }]
      const content = answer === 'file' ? { '*/*': {} } : { [JSON_TYPE]: { schema: complete(modern(answer)) } }
      return [status, { description: status === '201' ? 'Created' : status === '202' ? 'Accepted' : 'OK', content }]
    }),
  )
}

const modernParameter = ({ schema, ...rest }: Parameter): Described['parameters'][number] => {
  const { description, ...bare } = modern(schema)
  return { ...rest, schema: bare, ...(typeof description === 'string' && { description }) }
}

/** From OpenAPI 3.0 to 3.1, whose schemas are JSON Schema. */
function modern(schema: Schema, name = ''): Schema {
  const { nullable, $ref, properties, items, format, ...rest } = schema
  if ($ref) return nullable ? { anyOf: [{ $ref }, { type: 'null' }] } : { $ref }
  const made: Schema = { ...rest }
  if (properties) {
    made.properties = Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, modern(each, key)]))
  }
  if (items) made.items = modern(items)
  if (format === 'uri-map') made.additionalProperties = { type: 'string' }
  // In the 2010 API they are relative.
  else if (format) made.format = format === 'uri' && /(^|_)uri$/.test(name) ? 'uri-reference' : format
  if (nullable && rest.type) made.type = [rest.type as string, 'null']
  if (nullable && rest.enum) made.enum = [...rest.enum, null]
  return made
}

/** In an answer everything is there, null when there is nothing (twilio.md 0.3). */
function complete(schema: Schema, optional: string[] = []): Schema {
  const made: Schema = { ...schema }
  if (schema.properties) {
    made.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, each]) => [name, complete(each)]),
    )
    made.required ??= Object.keys(schema.properties).filter((name) => !optional.includes(name))
  }
  if (schema.items) made.items = complete(schema.items)
  return made
}

const resolve = ($ref: string): Schema | undefined => {
  const name = $ref.split('/').at(-1) ?? ''
  return (Object.keys(DOCUMENTS) as DocumentName[])
    .map((document) => documentOf(document).components.schemas[name])
    .find((schema) => schema !== undefined)
}

/** Those that are referred to. Two documents may not mean different things by one name. */
function schemasOf(paths: object): Record<string, Schema> {
  const found: Record<string, Schema> = {}
  const follow = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name in found) continue
      const schema = schemaNamed(name)
      found[name] = schema
      follow(schema)
    }
  }
  follow([paths, { $ref: '#/components/schemas/error' }])
  return sorted(found)
}

function schemaNamed(name: string): Schema {
  const ours = own.OBJECTS[name] ?? own.REPLACED[name]
  if (ours) return complete(modern(ours))
  const meanings = (Object.keys(DOCUMENTS) as DocumentName[])
    .map((document) => documentOf(document).components.schemas[name])
    .filter((schema) => schema !== undefined)
  const [first] = meanings
  assert.ok(first, `there is no schema ${name}`)
  for (const other of meanings) assert.deepEqual(other, first, `${name} means two things`)
  const { required: _required, ...twilios } = first
  const properties = { ...twilios.properties, ...own.ADDED[name] }
  const whole = twilios.properties ? { ...twilios, properties } : twilios
  return complete(modern(whole), own.OPTIONAL[name])
}

const PREFIXES: Record<string, string> = {
  Accounts: 'AC',
  Messages: '(SM|MM)',
  Media: 'ME',
  OptOuts: 'OO',
  Triggers: 'UT',
}

function pathParametersOf(path: string): Parameter[] {
  return [...path.matchAll(/([^/]+)\/\{(\w+)\}/g)].map(([, before = '', name = '']) => {
    assert.ok(PREFIXES[before], `test/conformance/openapi.ts does not know the SIDs of ${before}`)
    return {
      name: parameterName(name),
      in: 'path',
      required: true,
      schema: { type: 'string', pattern: `^${PREFIXES[before]}[0-9a-fA-F]{32}$` },
    }
  })
}

const parameterName = (name: string): string => name.replace(/^./, (letter) => letter.toUpperCase())
const ownTemplateOf = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_all, name: string) => `{${parameterName(name)}}`)

function idOf({ method, path }: ServedRoute): string {
  const verbs: Record<string, string> = { GET: 'Get', POST: 'Post', DELETE: 'Delete' }
  const words = path
    .replace(/^\/2010-04-01|\.json$/g, '')
    .split('/')
    .map((part) => part.replace(/^\{(\w+)\}$/, 'By$1'))
  return (
    verbs[method] +
    words.map((word) => word.replace(/[^A-Za-z0-9]/g, '').replace(/^./, (letter) => letter.toUpperCase())).join('')
  )
}

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
