/**
 * The Twilio-compatible REST API. Comes in: Twilio's paths, parameters and credentials. Goes out: Twilio's JSON, success
 * or error. Decides nothing itself: what is made goes through `messaging`, what is read comes from `store`.
 */
import type { FastifyInstance, HTTPMethods } from 'fastify'
import type { Flow } from '#messaging/flow.ts'
import { alertRoutes } from './alerts.ts'
import { answerLikeTwilio, sendMethodNotAllowed } from './answers.ts'
import { parseForms } from './form.ts'
import { messageRoutes } from './messages.ts'
import { senderRoutes } from './senders.ts'

/** Path prefixes of Twilio's products; a host whose first label is one of them works without (contract.md). */
const PRODUCTS = ['messaging', 'conversations', 'content', 'monitor', 'accounts']

export async function registerApi(server: FastifyInstance, flow: Flow): Promise<void> {
  await server.register(async (scope) => {
    answerLikeTwilio(scope)
    parseForms(scope)
    const served = new Map<string, Set<string>>()
    scope.addHook('onRoute', ({ url, method }) => {
      const methods = served.get(url) ?? new Set()
      for (const each of [method].flat()) methods.add(each)
      served.set(url, methods)
    })
    messageRoutes(scope, flow)
    senderRoutes(scope, flow)
    alertRoutes(scope, flow)
    for (const [url, methods] of [...served]) {
      const others = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as HTTPMethods[]).filter((each) => !methods.has(each))
      scope.route({ method: others, url, handler: sendMethodNotAllowed })
    }
  })
}

/** `messaging.gateway.example/v1/…` is `/messaging/v1/…`. */
export function withProductPrefix(url: string, host: string | undefined): string {
  const [product = ''] = (host ?? '').toLowerCase().split('.')
  return PRODUCTS.includes(product) && /^\/v\d+\//.test(url) ? `/${product}${url}` : url
}

export const isApiPath = (url: string): boolean =>
  url.startsWith('/2010-04-01/') || PRODUCTS.some((product) => url.startsWith(`/${product}/`))
