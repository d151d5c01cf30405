/**
 * Writes down who changed what through the API. Comes in: each route as it is registered. Goes out: for those in
 * `EVENTS`, an audit entry per success, written before the caller hears of it. Secrets and what people write never come
 * in. The entry has a transaction of its own, after the change: a crash between the two loses it, and two changes at the
 * same moment may name the same state before them. Is the entry refused, so is the answer, as one whose fate is unknown.
 */
import { isDeepStrictEqual } from 'node:util'
import type { FastifyReply, FastifyRequest, RouteHandlerMethod, RouteOptions } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { type AuditActor, insertAuditEntry } from '#store/audit.ts'
import { accountOf, callerOf } from './authenticate.ts'
import { formOf } from './form.ts'

const ACCOUNT = '/2010-04-01/Accounts/{accountSid}'
const SERVICE = '/messaging/v1/Services/{serviceSid}'
const SENDERS = '/messaging/v2/Channels/Senders'
const OPT_OUTS = '/messaging/v3/OptOuts'

type EventType = `${string}.${string}`

/** What a success of a route means; a function may find that it means nothing. */
export const EVENTS: Record<string, EventType | ((request: FastifyRequest) => EventType | null)> = {
  'POST /2010-04-01/Accounts.json': 'account.created',
  [`POST ${ACCOUNT}.json`]: 'account.updated',
  ...resource('key', `${ACCOUNT}/Keys.json`, `${ACCOUNT}/Keys/{sid}.json`),
  ...resource('key', `${ACCOUNT}/SigningKeys.json`, `${ACCOUNT}/SigningKeys/{sid}.json`),
  ...resource('key', '/iam/v1/Keys', '/iam/v1/Keys/{sid}'),
  'POST /accounts/v1/AuthTokens/Secondary': 'auth-token.secondary-made',
  'DELETE /accounts/v1/AuthTokens/Secondary': 'auth-token.secondary-deleted',
  'POST /accounts/v1/AuthTokens/Promote': 'auth-token.promoted',
  ...resource('application', `${ACCOUNT}/Applications.json`, `${ACCOUNT}/Applications/{sid}.json`),
  ...resource('usage-trigger', `${ACCOUNT}/Usage/Triggers.json`, `${ACCOUNT}/Usage/Triggers/{sid}.json`),
  [`POST ${ACCOUNT}/MediaSettings.json`]: 'media-settings.updated',
  [`POST ${ACCOUNT}/DebuggerWebhook.json`]: 'debugger-webhook.updated',
  [`POST ${ACCOUNT}/Messages/{messageSid}.json`]: messageChange,
  [`DELETE ${ACCOUNT}/Messages/{messageSid}.json`]: 'message.deleted',
  [`DELETE ${ACCOUNT}/Messages/{messageSid}/Media/{mediaSid}.json`]: 'media.deleted',
  [`DELETE ${ACCOUNT}/Messages/{messageSid}/Media/{mediaSid}`]: 'media.deleted',
  ...resource('sender', SENDERS, `${SENDERS}/{sid}`),
  [`POST ${SENDERS}/{sid}`]: senderChange,
  ...resource('messaging-service', '/messaging/v1/Services', SERVICE),
  [`POST ${SERVICE}/ChannelSenders`]: 'channel-sender.created',
  [`DELETE ${SERVICE}/ChannelSenders/{sid}`]: 'channel-sender.deleted',
  ...resource('opt-out', OPT_OUTS, `${OPT_OUTS}/{sid}`),
  [`POST ${OPT_OUTS}/{sid}/Keywords`]: 'opt-out.updated',
  [`DELETE ${OPT_OUTS}/{sid}/Keywords`]: 'opt-out.updated',
  [`POST ${OPT_OUTS}/{sid}/Messages`]: 'opt-out.updated',
  [`DELETE ${OPT_OUTS}/{sid}/Messages`]: 'opt-out.updated',
}

function resource(type: string, list: string, item: string): Record<string, EventType> {
  return {
    [`POST ${list}`]: `${type}.created`,
    [`POST ${item}`]: `${type}.updated`,
    [`DELETE ${item}`]: `${type}.deleted`,
  }
}

function messageChange(request: FastifyRequest): EventType | null {
  const form = formOf(request)
  if (form.one('Body') === '') return 'message.redacted'
  return form.one('Status') === 'canceled' ? 'message.canceled' : null
}

/** The token itself is no setting that anybody may read: that there is a new one is said so. */
function senderChange(request: FastifyRequest): EventType {
  const { configuration } = request.body as { configuration?: { page_access_token?: string } }
  return configuration?.page_access_token ? 'sender.reconnected' : 'sender.updated'
}

/** Of these what they held is not kept: it would outlive them here. */
const WITHOUT_CONTENT = ['message', 'media']

/** For every route of the API, in its `onRoute` hook; `path` has its parameters in braces. */
export function createAudit(flow: Flow): (route: RouteOptions, path: string) => void {
  const readers = new Map<string, RouteHandlerMethod>()
  return (route, path) => {
    for (const method of [route.method].flat()) {
      if (method === 'GET') readers.set(path, route.handler)
      const event = EVENTS[`${method} ${path}`]
      if (!event) continue
      const typeOf = (request: FastifyRequest) => (typeof event === 'function' ? event(request) : event)
      audit(route, flow, typeOf, () => readers.get(path))
    }
  }
}

type Known = { before: Facts | null; answer: unknown }
type Facts = Record<string, unknown>

function audit(
  route: RouteOptions,
  flow: Flow,
  typeOf: (request: FastifyRequest) => EventType | null,
  reader: () => RouteHandlerMethod | undefined,
): void {
  const known = new WeakMap<FastifyRequest, Known>()

  /** The resource as its own GET shows it; null when there is none, or no GET. */
  const read = async (request: FastifyRequest, reply: FastifyReply): Promise<Facts | null> => {
    try {
      return factsOf(await reader()?.call(request.server, request, reply))
    } catch (error) {
      if (error instanceof ApiError && [404, 405].includes(error.status)) return null
      throw error
    }
  }

  const before = async (request: FastifyRequest, reply: FastifyReply) => {
    const [type = '', action] = typeOf(request)?.split('.') ?? []
    const isRead = type !== '' && !WITHOUT_CONTENT.includes(type) && action !== 'created'
    known.set(request, { before: isRead ? await read(request, reply) : null, answer: null })
  }
  const hear = async (request: FastifyRequest, _reply: FastifyReply, payload: unknown) => {
    const change = known.get(request)
    if (change) change.answer = payload
    return payload
  }
  const write = async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    const change = known.get(request)
    // Of what is refused there may be no body to look at.
    if (!change || reply.statusCode >= 300) return payload
    const eventType = typeOf(request)
    if (!eventType) return payload
    const [type = '', action] = eventType.split('.')
    const isGone = WITHOUT_CONTENT.includes(type) || action === 'deleted'
    const after = isGone ? null : change.answer ? factsOf(change.answer) : await read(request, reply)
    const entry = {
      actor: await actorOf(flow, request),
      source: 'api' as const,
      eventType,
      resourceType: type,
      resourceSid: sidOf(request, change.answer),
      ...differences(change.before, after),
    }
    // What a parent does to a subaccount is in the trails of both.
    const trails = new Set([accountOf(request), callerOf(request).accountSid])
    await flow.sql.begin(async (tx) => {
      for (const accountSid of trails) await insertAuditEntry(tx, { ...entry, accountSid })
    })
    return payload
  }

  route.preHandler = [route.preHandler ?? [], before].flat()
  route.preSerialization = [route.preSerialization ?? [], hear].flat()
  route.onSend = [route.onSend ?? [], write].flat()
}

async function actorOf({ directory }: Flow, request: FastifyRequest): Promise<AuditActor> {
  const { accountSid, keyId } = callerOf(request)
  const address = request.ip
  if (!keyId) {
    return { type: 'account', id: accountSid, name: (await directory.account(accountSid))?.friendlyName ?? '', address }
  }
  const sid = toSid('SK', keyId)
  return { type: 'key', id: sid, name: (await directory.apiKey(keyId))?.friendlyName || sid, address }
}

/** What the answer is about, else what the path names last, else the account. */
function sidOf(request: FastifyRequest, answer: unknown): string {
  const { sid, opt_out_sid: optOutSid } = (answer ?? {}) as { sid?: string; opt_out_sid?: string }
  const named = Object.values(request.params as Record<string, string>).at(-1) ?? accountOf(request)
  return sid ?? optOutSid ?? named.slice(0, 2) + named.slice(2).toLowerCase()
}

/** What a resource says of itself, and when it was made and changed, is no setting. */
const NO_SETTINGS = [
  ...['sid', 'account_sid', 'opt_out_sid', 'url', 'uri', 'links', 'subresource_uris'],
  ...['date_created', 'date_updated', 'current_value'],
]
const SECRET = /(^|_)(secret|token|password)$/

/** The settings of a resource in one level: `webhook.callback_url`. */
function factsOf(json: unknown, within = ''): Facts {
  const facts: Facts = {}
  for (const [name, value] of Object.entries(json ?? {})) {
    if (SECRET.test(name) || (within === '' && NO_SETTINGS.includes(name))) continue
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (isObject) Object.assign(facts, factsOf(value, `${within}${name}.`))
    else facts[within + name] = typeof value === 'string' ? withoutPassword(value) : value
  }
  return facts
}

const withoutPassword = (text: string) => text.replace(/^(https?:\/\/)[^/?#]*@/i, '$1***@')

/** Both whole when one of them is missing. */
function differences(before: Facts | null, after: Facts | null): { before: Facts | null; after: Facts | null } {
  if (!before || !after) return { before, after }
  const changed = Object.keys({ ...before, ...after }).filter((name) => !isDeepStrictEqual(before[name], after[name]))
  const pick = (facts: Facts) => Object.fromEntries(changed.map((name) => [name, facts[name] ?? null]))
  return { before: pick(before), after: pick(after) }
}
