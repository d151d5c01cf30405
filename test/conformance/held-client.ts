/**
 * The official client, each of whose answers is held to Twilio's documents and to our own before the client sees it:
 * types, null, enums, patterns, formats, keys, our own host in every URL, and the shape of errors.
 */
import assert from 'node:assert/strict'
import twilio from 'twilio'
import { Compile, type Validator } from 'typebox/schema'
import type { ServedRoute } from '../../src/api/api.ts'
import type { Gateway } from '../gateway.ts'
import { readTwilioError } from '../twilio-error.ts'
import { type Allowed, assertDescribed } from '../twilio-schema.ts'
import type { OpenApi } from './openapi.ts'
import { operationAt, type Schema } from './twilio.ts'

/** What was called, by the path of our route, and how it was answered. */
export type Call = { method: string; path: string; status: number }
export type Account = { sid: string; authToken: string }
export type Client = ReturnType<typeof twilio>

type Answer = { status: number; headers: Headers; text: string }

/** Twilio describes these objects for other channels. Our own document is held to nevertheless. */
const ALLOWED: Record<string, Allowed> = {
  MessagingV2ChannelsSender: { added: ['m_me_url'], open: ['configuration', 'profile'] },
  Api20100401Message: { added: ['tags'] },
}

/** `calls` grows with each call. */
export function createHeldClients(gateway: Gateway, document: OpenApi, publicUrl: string) {
  const calls: Call[] = []
  const validators = new Map<string, Validator>()

  function hold(method: string, url: URL, answer: Answer): void {
    const route = routeAt(gateway.routes, method, url.pathname)
    if (route) calls.push({ method, path: route.path, status: answer.status })
    if (answer.status >= 400) return void readTwilioError(answer)
    assert.ok(route, `${method} ${url.pathname} is answered but not served`)
    const operation = operationAt(method, route.path)
    if (answer.status === 204) assert.equal(answer.text, '')
    else if (operation) {
      assertDescribed(operation.document, `${method} ${operation.path}`, answer, ALLOWED[operation.tag])
    }
    holdToOwn(route, answer)
  }

  function holdToOwn({ method, path }: ServedRoute, { status, text }: Answer): void {
    const shape = (each: string) => each.replace(/\{\w+\}/g, '{}')
    const [, described] = Object.entries(document.paths).find(([each]) => shape(each) === shape(path)) ?? []
    const answers = described?.[method.toLowerCase()]?.responses as Record<string, DescribedAnswer> | undefined
    assert.ok(answers?.[status], `our own document has no ${status} for ${method} ${path}: ${text}`)
    const schema = answers[status].content?.['application/json']?.schema
    if (!schema) return
    const key = `${method} ${path} ${status}`
    const validator = validators.get(key) ?? Compile({ ...closed(schema), components: closedAll(document) })
    validators.set(key, validator)
    const json: unknown = JSON.parse(text)
    assert.ok(validator.Check(json), `${key} is not as described: ${JSON.stringify(validator.Errors(json))} ${text}`)
    checkUrls(json, publicUrl, key)
  }

  function heldHttp(): twilio.RequestClient {
    const http = new twilio.RequestClient()
    const request = http.request.bind(http)
    http.request = async (options) => {
      const response = await request(options)
      const body: unknown = response.body
      hold(options.method.toUpperCase(), new URL(options.uri), {
        status: response.statusCode,
        headers: new Headers(Object.entries(response.headers as Record<string, string>)),
        text: typeof body === 'string' ? body : JSON.stringify(body),
      })
      return response
    }
    return http
  }

  function clientOf({ sid, authToken }: Account): Client {
    const client = twilio(sid, authToken, { accountSid: sid, httpClient: heldHttp() })
    client.api.baseUrl = gateway.url
    client.messaging.baseUrl = `${gateway.url}/messaging`
    client.monitor.baseUrl = `${gateway.url}/monitor`
    client.accounts.baseUrl = `${gateway.url}/accounts`
    client.iam.baseUrl = `${gateway.url}/iam`
    return client
  }
  return { calls, clientOf }
}

type DescribedAnswer = { content?: Record<string, { schema: Schema }> }

/** The route with the most characters of its own, as the router chooses. */
function routeAt(routes: readonly ServedRoute[], method: string, path: string): ServedRoute | undefined {
  const own = (route: ServedRoute) => route.path.replace(/\{\w+\}/g, '').length
  return routes
    .filter((route) => {
      const pattern = route.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')
      return route.method === method && new RegExp(`^${pattern}$`).test(path)
    })
    .toSorted((a, b) => own(b) - own(a))[0]
}

/** Here no other keys are taken. */
function closed(schema: Schema): Schema {
  const { properties, items, anyOf } = schema
  return {
    ...schema,
    ...(properties && { additionalProperties: false, properties: closedEach(properties) }),
    ...(items && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  }
}

const closedEach = (schemas: Record<string, Schema>): Record<string, Schema> =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, closed(schema)]))

const closedAll = ({ components }: OpenApi) => ({ schemas: closedEach(components.schemas) })

/** Whatever leads to another resource leads to one of ours; what leads elsewhere on purpose is none of Twilio's. */
function checkUrls(value: unknown, publicUrl: string, where: string, key = ''): void {
  if (typeof value === 'object' && value !== null) {
    const isLinks = key === 'links'
    for (const [name, each] of Object.entries(value)) checkUrls(each, publicUrl, where, isLinks ? 'url' : name)
  } else if (typeof value === 'string' && /^https?:/.test(value) && key !== 'more_info') {
    const leads = `${where}: ${key} leads to ${value}`
    if (key === 'url' || key.endsWith('_page_url')) assert.ok(value.startsWith(`${publicUrl}/`), leads)
    assert.ok(!/twilio\.com/.test(value), leads)
  }
}
