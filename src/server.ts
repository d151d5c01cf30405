/** The web server: all that is served on the one port, and how it ends so that no client is left in doubt. */
import { readFileSync } from 'node:fs'
import { Server as NetServer } from 'node:net'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import type { pino } from 'pino'
import { newRequestSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { sendError } from './api/answers.ts'
import { isApiPath, registerApi, type ServedRoute, toRoutedUrl } from './api/api.ts'
import { registerBins } from './bins.ts'
import { reserveBodies } from './body-reserve.ts'
import type { Config } from './config.ts'
import { registerConsole } from './console/console.ts'
import { registerDocsPage } from './docs-page.ts'
import { type Health, registerHealth } from './health.ts'
import { registerPages } from './pages.ts'
import { answerPlainly } from './plain-answers.ts'
import { registerWebhooks } from './webhooks/receive.ts'

const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

const CLOSE_WITHIN_MS = 1500
/** A request that has not come in whole by then is ended. */
const RECEIVED_WITHIN_MS = 60_000
/** Connections that are kept alive have so long to end in good order, each with its next answer. */
const LINGER_MS = 500
const ARRIVE_WITHIN_MS = 100

export async function createServer(
  config: Config,
  flow: Flow,
  log: pino.Logger,
  health: Health,
): Promise<{ server: FastifyInstance; routes: ServedRoute[] }> {
  const server = fastify({
    loggerInstance: log as unknown as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // A logger per request costs as much as all else that Fastify does (5 µs, 2026-11): what logs names the request.
    childLoggerFactory: (logger) => logger,
    genReqId: newRequestSid,
    requestIdHeader: false,
    rewriteUrl: (request) => toRoutedUrl(request.url ?? '/', request.headers.host),
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    bodyLimit: 1024 * 1024 - 1,
    requestTimeout: RECEIVED_WITHIN_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // Types are as they were sent, and what is unknown is ignored, not removed.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    frameworkErrors: (error, request, reply) => {
      const anyReply = reply as FastifyReply
      if (isApiPath(request.url)) sendError(error, request as FastifyRequest, anyReply)
      else anyReply.code(400).send({ error: 'The URL cannot be read' })
    },
  })
  answerPlainly(server)
  registerHealth(server, flow.sql, health)
  const routes: ServedRoute[] = []
  if (config.roles.includes('web')) {
    reserveBodies(server)
    routes.push(...(await registerApi(server, flow)))
    await registerWebhooks(server, flow)
    registerBins(server, flow.sql)
    await registerConsole(server, flow, { version: VERSION, publicUrl: config.publicUrl, sandbox: config.sandbox })
    await registerPages(server, config.sandbox)
    await registerDocsPage(server, { version: VERSION, publicUrl: config.publicUrl })
  }
  return { server, routes }
}

/**
 * Answers what has been asked, also what is still on its way: a client that is cut off cannot know whether it was heard.
 * New connections are refused, which tells it. Then ends the connections that wait for nothing.
 */
export async function closeServer(server: FastifyInstance, leavingFrom: number): Promise<void> {
  await wait(Math.max(0, leavingFrom + LINGER_MS - performance.now()))
  // Right after a look at the network: the system breaks connections that were made and that we have not taken yet.
  await nextTurn()
  await nextTurn()
  // Of the socket alone: the web server's own `close` also ends connections whose first request is on its way.
  NetServer.prototype.close.call(server.server)
  await wait(ARRIVE_WITHIN_MS)
  const force = setTimeout(() => server.server.closeAllConnections(), CLOSE_WITHIN_MS)
  await server.close()
  clearTimeout(force)
}
