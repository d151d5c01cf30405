/**
 * The console's HTTP API. Comes in: requests of the pages in `web/`, with a session's cookie. Goes out: JSON as
 * `contract.ts` tells, or a refusal in words. Must never answer a secret that the visitor's role may not see.
 */
import fastifyCookie from '@fastify/cookie'
import type { FastifyError, FastifyInstance } from 'fastify'
import { ApiError } from '#core/errors.ts'
import type { Flow } from '#messaging/flow.ts'
import { isStoreAway } from '#store/connection.ts'
import { accountSettingsRoutes } from './account-settings.ts'
import { alertRoutes } from './alerts.ts'
import { auditRoutes } from './audit.ts'
import { binRoutes } from './bins.ts'
import { channelRoutes } from './channels.ts'
import { contactRoutes } from './contacts.ts'
import type { Problem, Shell } from './contract.ts'
import { eventRoutes } from './events.ts'
import { facebookLoginRoutes } from './facebook-login.ts'
import { keyRoutes } from './keys.ts'
import { meRoutes } from './me.ts'
import { messageDetailRoutes } from './message-detail.ts'
import { messageRoutes } from './messages.ts'
import { metaAppRoutes } from './meta-apps.ts'
import { overviewRoutes } from './overview.ts'
import { peopleRoutes } from './people.ts'
import { replayRoutes } from './replays.ts'
import { createRoutes, Refusal, type RouteInfo } from './route.ts'
import { senderHealthRoutes } from './sender-health.ts'
import { senderRoutes } from './senders.ts'
import { signInRoutes } from './sign-in.ts'
import { signatureRoutes } from './signature-check.ts'
import { streamRoutes } from './stream.ts'
import { subaccountRoutes } from './subaccounts.ts'

/** Answers the table of its routes. */
export async function registerConsole(server: FastifyInstance, flow: Flow, shell: Shell): Promise<RouteInfo[]> {
  const table: RouteInfo[] = []
  await server.register(
    async (scope) => {
      await scope.register(fastifyCookie)
      scope.setErrorHandler<FastifyError>((error, request, reply) => {
        const { status, problem } = problemOf(error)
        if (status === 500) request.log.error({ err: error, reqId: request.id }, 'a request of the console failed')
        return reply.code(status).header('Cache-Control', 'no-store').send(problem)
      })
      scope.addHook('onSend', async (_request, reply) => {
        if (!reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store')
      })
      const routes = createRoutes(scope, flow)
      routes.add({ method: 'GET', url: '/shell', needs: 'signed out' }, async (): Promise<Shell> => shell)
      for (const area of AREAS) area(routes)
      table.push(...routes.table)
    },
    { prefix: '/console/api' },
  )
  return table
}

const AREAS = [
  signInRoutes,
  meRoutes,
  peopleRoutes,
  auditRoutes,
  accountSettingsRoutes,
  keyRoutes,
  subaccountRoutes,
  messageRoutes,
  messageDetailRoutes,
  replayRoutes,
  eventRoutes,
  alertRoutes,
  overviewRoutes,
  contactRoutes,
  signatureRoutes,
  streamRoutes,
  channelRoutes,
  senderRoutes,
  senderHealthRoutes,
  facebookLoginRoutes,
  metaAppRoutes,
  binRoutes,
]

function problemOf(error: FastifyError | Refusal | ApiError): { status: number; problem: Problem } {
  if (error instanceof Refusal) {
    return { status: error.status, problem: { error: error.message, ...(error.field && { field: error.field }) } }
  }
  if (error instanceof ApiError) return { status: error.status, problem: { error: error.message, code: error.code } }
  if (isStoreAway(error)) {
    return { status: 503, problem: { error: 'The database does not answer just now. Please try again.' } }
  }
  const [first] = error.validation ?? []
  if (first) {
    const field =
      first.instancePath.slice(1) || String((first.params as { missingProperty?: unknown }).missingProperty ?? '')
    return { status: 400, problem: { error: `${field || 'The request'}: ${first.message}`, ...(field && { field }) } }
  }
  const status = error.statusCode ?? 500
  if (status < 500) return { status, problem: { error: error.message } }
  return { status: 500, problem: { error: 'Something went wrong on our side. It is in the log of the gateway.' } }
}
