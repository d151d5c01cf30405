/**
 * The Twilio-compatible REST API. Comes in: Twilio's paths, parameters and credentials. Goes out: Twilio's JSON, success
 * or error. Decides nothing itself: what is made goes through `messaging`, what is read comes from `store`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { ApiError } from '#core/errors.ts'
import type { Flow } from '#messaging/flow.ts'
import { alertRoutes } from './alerts.ts'
import { answerLikeTwilio, notFound, sendError } from './answers.ts'
import { authenticateAll } from './authenticate.ts'
import { takeForms, takeJson } from './bodies.ts'
import { messageRoutes } from './messages.ts'
import { senderRoutes } from './senders.ts'

/** Path prefixes of Twilio's products; a host whose first label is one of them works without (contract.md). */
const PRODUCTS = ['messaging', 'conversations', 'content', 'monitor', 'accounts']
const PREFIXES = ['2010-04-01', ...PRODUCTS]
const API_PATH = new RegExp(`^/(${PREFIXES.join('|')})([/?]|$)`)
const METHODS: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export async function registerApi(server: FastifyInstance, flow: Flow): Promise<void> {
  await server.register(async (scope) => {
    answerLikeTwilio(scope)
    authenticateAll(scope, flow.directory)
    const served = new Map<string, Set<string>>()
    scope.addHook('onRoute', ({ url, method }) => {
      const methods = served.get(url) ?? new Set()
      for (const each of [method].flat()) methods.add(each)
      served.set(url, methods)
    })
    await scope.register(async (forms) => {
      takeForms(forms)
      messageRoutes(forms, flow)
      alertRoutes(forms, flow)
    })
    await scope.register(async (json) => {
      takeJson(json)
      senderRoutes(json, flow)
    })
    for (const [url, methods] of [...served]) refuseOtherMethods(scope, url, methods)
    for (const prefix of PREFIXES) for (const rest of ['', '/*']) refuseOtherPaths(scope, `/${prefix}${rest}`)
  })
}

/** Before the body is read: of whatever type it is, the method is what is wrong. */
function refuseOtherMethods(scope: FastifyInstance, url: string, served: ReadonlySet<string>): void {
  const allowed = [...served].join(', ')
  const refuse = async (_request: FastifyRequest, reply: FastifyReply) => {
    reply.header('Allow', allowed)
    throw new ApiError('method_not_allowed')
  }
  scope.route({ method: METHODS.filter((each) => !served.has(each)), url, onRequest: refuse, handler: refuse })
}

/** Here too nothing is read of a body that nobody asked for. */
function refuseOtherPaths(scope: FastifyInstance, url: string): void {
  const refuse = async (request: FastifyRequest) => {
    throw notFound(request)
  }
  scope.all(url, { onRequest: refuse }, refuse)
}

/** `messaging.gateway.example/v1/…` is `/messaging/v1/…`. */
export function withProductPrefix(url: string, host: string | undefined): string {
  const [product = ''] = (host ?? '').toLowerCase().split('.')
  return PRODUCTS.includes(product) && /^\/v\d+\//.test(url) ? `/${product}${url}` : url
}

export const isApiPath = (url: string): boolean => API_PATH.test(url)

/** For a path of the API with a method that no route can have. */
export const sendNotFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendError(notFound(request), request, reply)
