/**
 * The Twilio-compatible REST API. Comes in: Twilio's paths, parameters and credentials. Goes out: Twilio's JSON, success
 * or error. Decides nothing itself: what is made goes through `messaging`, what is read comes from `store`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { ApiError } from '#core/errors.ts'
import type { Flow } from '#messaging/flow.ts'
import { accountRoutes } from './accounts.ts'
import { alertRoutes } from './alerts.ts'
import { answerLikeTwilio, notFound, sendError } from './answers.ts'
import { applicationRoutes } from './applications.ts'
import { createAudit } from './audit.ts'
import { authTokenRoutes } from './auth-tokens.ts'
import { authenticateAll, refuseStandardKeys } from './authenticate.ts'
import { balanceRoutes } from './balance.ts'
import { takeForms, takeJson } from './bodies.ts'
import { channelSenderRoutes } from './channel-senders.ts'
import { countConcurrent } from './concurrency.ts'
import { answerPreflights } from './cors.ts'
import { debuggerWebhookRoutes } from './debugger-webhook.ts'
import { eventRoutes } from './events.ts'
import { feedbackRoutes } from './feedback.ts'
import { iamKeyRoutes } from './iam-keys.ts'
import { keyRoutes } from './keys.ts'
import { mediaRoutes } from './media.ts'
import { messageRoutes } from './messages.ts'
import { optOutRoutes } from './opt-outs.ts'
import { toJsonUrl } from './representation.ts'
import { senderRoutes } from './senders.ts'
import { serviceRoutes } from './services.ts'
import { typingFormRoutes, typingJsonRoutes } from './typing.ts'
import { usageRecordRoutes } from './usage-records.ts'
import { usageTriggerRoutes } from './usage-triggers.ts'

/** Path prefixes of Twilio's products; a host whose first label is one of them works without (contract.md). */
const PRODUCTS = ['messaging', 'conversations', 'content', 'monitor', 'accounts', 'iam']
const PREFIXES = ['2010-04-01', ...PRODUCTS]
const API_PATH = new RegExp(`^/(${PREFIXES.join('|')})([/?]|$)`)
const METHODS: HTTPMethods[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Where messages were before 2010-04-01's `Messages`, with all that was below (twilio.md 1.1). */
const GONE = ['.json', '/*'].map((rest) => `/2010-04-01/Accounts/:accountSid/SMS/Messages${rest}`)
const USE_MESSAGES = 'Gone: use /Accounts/{AccountSid}/Messages'

/** An operation that is served: `path` has its parameters in braces. */
export type ServedRoute = { method: string; path: string; body: object | undefined }

/** Answers what is served, so that tests and documents can go through all of it. */
export async function registerApi(server: FastifyInstance, flow: Flow): Promise<ServedRoute[]> {
  let operations: ServedRoute[] = []
  await server.register(async (scope) => {
    answerLikeTwilio(scope)
    authenticateAll(scope, flow.directory)
    countConcurrent(scope)
    const served = new Map<string, Set<string>>()
    const routes: ServedRoute[] = []
    const audit = createAudit(flow)
    scope.addHook('onRoute', (route) => {
      const { url, method, schema } = route
      const methods = served.get(url) ?? new Set()
      for (const each of [method].flat()) {
        methods.add(each)
        routes.push({ method: each, path: templateOf(url), body: schema?.body as object | undefined })
      }
      served.set(url, methods)
      audit(route, templateOf(url))
    })
    await scope.register(async (forms) => {
      takeForms(forms)
      messageRoutes(forms, flow)
      mediaRoutes(forms, flow)
      feedbackRoutes(forms, flow)
      serviceRoutes(forms, flow)
      channelSenderRoutes(forms, flow)
      typingFormRoutes(forms, flow)
      alertRoutes(forms, flow)
      eventRoutes(forms, flow)
      debuggerWebhookRoutes(forms, flow)
      applicationRoutes(forms, flow)
      balanceRoutes(forms, flow)
      usageRecordRoutes(forms, flow)
      usageTriggerRoutes(forms, flow)
      await forms.register(async (managed) => {
        refuseStandardKeys(managed)
        accountRoutes(managed, flow)
        keyRoutes(managed, flow)
        iamKeyRoutes(managed, flow)
        authTokenRoutes(managed, flow)
      })
    })
    await scope.register(async (json) => {
      takeJson(json)
      senderRoutes(json, flow)
      optOutRoutes(json, flow)
      typingJsonRoutes(json, flow)
    })
    operations = routes.filter(({ method }) => method !== 'HEAD')
    for (const [url, methods] of [...served]) refuseOtherMethods(scope, url, methods)
    for (const url of GONE) refuse(scope, url, () => new ApiError('gone', USE_MESSAGES))
    for (const prefix of PREFIXES) {
      for (const rest of ['', '/*']) refuse(scope, `/${prefix}${rest}`, notFound)
      answerPreflights(scope, `/${prefix}/*`)
    }
  })
  return operations
}

/** `:sid(^[A-Za-z0-9]+)` is `{sid}`. */
const templateOf = (url: string): string => url.replace(/:(\w+)(?:\([^)]*\))?/g, '{$1}')

/** Before the body is read: of whatever type it is, the method is what is wrong. */
function refuseOtherMethods(scope: FastifyInstance, url: string, served: ReadonlySet<string>): void {
  const allowed = [...served].join(', ')
  const refuse = async (_request: FastifyRequest, reply: FastifyReply) => {
    reply.header('Allow', allowed)
    throw new ApiError('method_not_allowed')
  }
  scope.route({ method: METHODS.filter((each) => !served.has(each)), url, onRequest: refuse, handler: refuse })
}

/** Whatever the method. Here too nothing is read of a body that nobody asked for. */
function refuse(scope: FastifyInstance, url: string, mistakeOf: (request: FastifyRequest) => ApiError): void {
  const handler = async (request: FastifyRequest) => {
    throw mistakeOf(request)
  }
  scope.route({ method: ['HEAD', ...METHODS], url, onRequest: handler, handler })
}

/** As which URL a request is routed: `messaging.gateway.example/v1/…` is `/messaging/v1/…`, `….xml` is `….json`. */
export const toRoutedUrl = (url: string, host: string | undefined): string => toJsonUrl(withProductPrefix(url, host))

function withProductPrefix(url: string, host: string | undefined): string {
  if (!/^\/v\d+\//.test(url)) return url
  const [product = ''] = (host ?? '').toLowerCase().split('.')
  return PRODUCTS.includes(product) ? `/${product}${url}` : url
}

export const isApiPath = (url: string): boolean => API_PATH.test(url)

/** For a path of the API with a method that no route can have. */
export const sendNotFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendError(notFound(request), request, reply)
