/**
 * The pretend Graph API: every call below `/sandbox/graph`, with or without a version. Token first, then the object,
 * then the parameters, as Meta complains. Whatever it does not know is refused as Meta refuses (100/33), never with 404.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { graphJson } from '../webhooks/json.ts'
import { newTraceId } from '../world/names.ts'
import type { World } from '../world/world.ts'
import { handleAppSubscriptions } from './app-subscriptions.ts'
import { uploadAttachment } from './attachment.ts'
import { answerBroken, Broken } from './broken.ts'
import type { Call, Handler } from './call.ts'
import { type Caller, findCaller, tokenOf } from './caller.ts'
import { debugToken } from './debug-token.ts'
import { challenge, errorBody, GraphError, unsupported } from './error.ts'
import { handleMessengerProfile } from './messenger-profile.ts'
import { accessToken } from './oauth.ts'
import { handleSubscribedApps, readNode } from './page.ts'
import { readParams, textOf } from './params.ts'
import { sendMessage } from './send-message.ts'
import { listAccounts, listPermissions } from './user.ts'

const MAX_BODY_BYTES = 1024 * 1024

/** The living versions (meta.md 8): a call with an older one, or with none, is served by the oldest, silently. */
const OLDEST_VERSION = 20
const NEWEST_VERSION = 26

const EDGES: Record<string, Handler> = {
  'POST messages': sendMessage,
  'POST message_attachments': uploadAttachment,
  'GET subscribed_apps': handleSubscribedApps,
  'POST subscribed_apps': handleSubscribedApps,
  'DELETE subscribed_apps': handleSubscribedApps,
  'GET subscriptions': handleAppSubscriptions,
  'POST subscriptions': handleAppSubscriptions,
  'DELETE subscriptions': handleAppSubscriptions,
  'GET accounts': listAccounts,
  'GET permissions': listPermissions,
  'GET messenger_profile': handleMessengerProfile,
  'POST messenger_profile': handleMessengerProfile,
  'DELETE messenger_profile': handleMessengerProfile,
}

/** `server` is a scope of its own: the body parsers and the error shape set here must not reach other routes. */
export function registerGraph(server: FastifyInstance, world: World): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  )
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof GraphError) return refuse(reply, error)
    const status = error.statusCode ?? 500
    if (status < 500) return refuse(reply, new GraphError(1, 'Invalid request.', { status }))
    world.log.error({ err: error }, 'sandbox: a Graph call failed')
    const message = 'An unexpected error has occurred. Please retry your request later.'
    return refuse(reply, new GraphError(2, message, { status: 500, transient: true }))
  })
  for (const url of ['', '/*']) {
    server.route({
      method: ['GET', 'POST', 'DELETE', 'PUT', 'PATCH'],
      url,
      bodyLimit: MAX_BODY_BYTES,
      handler: async (request, reply) => {
        const body = await handle(world, request, reply)
        return body instanceof Broken ? answerBroken(reply, body.how) : answer(reply, body)
      },
    })
  }
}

async function handle(world: World, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const url = new URL(request.raw.url ?? '/', 'http://localhost')
  const path = url.pathname.slice(url.pathname.indexOf('/graph') + '/graph'.length)
  const segments = path.split('/').filter((segment) => segment !== '')
  const version = readVersion(segments)
  reply.header('facebook-api-version', version)

  const body = typeof request.body === 'string' ? request.body : ''
  const params = readParams(url.searchParams, request.headers['content-type'] ?? '', body)
  const method = textOf(params.method, 'method', 10)?.toUpperCase() ?? request.method
  const [node = '', edge, ...rest] = segments

  if (node === 'oauth' && edge === 'access_token' && rest.length === 0) return accessToken(world, params)

  const token = tokenOf(request.headers.authorization, params)
  if (token === undefined && node === 'me') {
    const message = 'An active access token must be used to query information about the current user.'
    throw new GraphError(2500, message)
  }
  const caller = await findCaller(world, token, params)
  const self = selfOf(caller)
  const isSelf = node === 'me' || (node === 'app' && caller.kind === 'app')
  const setHeader = (name: string, value: string) => void reply.header(name, value)
  const call: Call = { method, node: isSelf ? self : node, params, caller, version, setHeader }

  if (rest.length > 0) throw unsupported(method, node)
  if (edge === undefined && method === 'GET') {
    return node === 'debug_token' ? debugToken(world, call) : readNode(world, call)
  }
  const name = `${method} ${edge}`
  const handler = Object.hasOwn(EDGES, name) ? EDGES[name] : undefined
  if (handler === undefined) throw unsupported(method, node)
  return handler(world, call)
}

function selfOf(caller: Caller): string {
  if (caller.kind === 'page') return caller.pageId
  return caller.kind === 'user' ? caller.person.id : caller.app.id
}

/** Takes the version off the path. */
function readVersion(segments: string[]): string {
  const match = /^v(\d{1,3})\.\d{1,2}$/.exec(segments[0] ?? '')
  if (match === null) return `v${OLDEST_VERSION}.0`
  segments.shift()
  return `v${Math.min(Math.max(Number(match[1]), OLDEST_VERSION), NEWEST_VERSION)}.0`
}

function answer(reply: FastifyReply, body: unknown, caching = 'private, no-cache, no-store, must-revalidate') {
  return reply
    .header('content-type', 'application/json; charset=UTF-8')
    .header('cache-control', caching)
    .header('expires', 'Sat, 01 Jan 2000 00:00:00 GMT')
    .header('x-fb-trace-id', newTraceId())
    .send(graphJson(body))
}

function refuse(reply: FastifyReply, error: GraphError) {
  reply.code(error.status).header('www-authenticate', challenge(error))
  return answer(reply, errorBody(error), 'no-store')
}
