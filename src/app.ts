/**
 * Puts the rooms together: database, queue, channel, flow, API, webhooks, built-in Messenger and pages on one port.
 * `start` answers when everything listens; `stop` undoes it in reverse and leaves nothing behind.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify'
import { pino } from 'pino'
import { createChannels } from '#channels/index.ts'
import { systemClock } from '#core/clock.ts'
import type { AccountSid } from '#core/ids.ts'
import { closeCustomerConnections } from '#customer/request.ts'
import { noOffer, type Offer, startDispatcher } from '#jobs/dispatcher.ts'
import { joinNodes } from '#jobs/node.ts'
import { createWake } from '#jobs/wake.ts'
import { createCallCustomer } from '#messaging/call-customer.ts'
import { createCommit } from '#messaging/commit.ts'
import { createDirectory } from '#messaging/directory.ts'
import { createFetchProfile } from '#messaging/fetch-profile.ts'
import type { Flow } from '#messaging/flow.ts'
import { createLoad } from '#messaging/load.ts'
import { createPace } from '#messaging/pace.ts'
import { createReportStatus } from '#messaging/report-status.ts'
import { createSendMessage } from '#messaging/send-message.ts'
import { findAccount, findMainAccountSid, saveAccount } from '#store/accounts.ts'
import { type ConnectionOptions, connect, type Sql } from '#store/connection.ts'
import { startEmbedded } from '#store/embedded.ts'
import { forgetOldKeys } from '#store/idempotency.ts'
import { migrate } from '#store/migrate.ts'
import { createVault, type Vault } from '#store/secrets.ts'
import { settle } from '#store/settings.ts'
import { sendError } from './api/answers.ts'
import { isApiPath, registerApi, sendNotFound, withProductPrefix } from './api/api.ts'
import { registerBins } from './bins.ts'
import type { Config } from './config.ts'
import { registerConsole } from './console/shell.ts'
import { addWelcomeBin, connectDemoPage, subscribeApp } from './demo.ts'
import { registerHealth } from './health.ts'
import { registerPages } from './pages.ts'
import { registerSandbox, type Sandbox, sandboxMigrations } from './sandbox/sandbox.ts'
import { registerWebhooks } from './webhooks/receive.ts'

export const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version

const MIGRATIONS = new URL('./store/migrations/', import.meta.url)
/** Calls to the provider at the same time. */
const SENDS = 256
/** Connections of one node to the database. */
const POOL_SIZE = 16
const HOUR_MS = 3_600_000
/** Work in hand gets so long when the process is asked to stop, which has 10 s in all. */
const STOP_WORK_WITHIN_MS = 6000
const CLOSE_WITHIN_MS = 1500
const HANG_UP_WITHIN_MS = 200

export type App = {
  account: { sid: AccountSid; authToken: string }
  url: string
  stop: () => Promise<void>
}

export async function startApp(config: Config): Promise<App> {
  const log = pino({ level: config.logLevel, redact: REDACTED, base: null })
  // Undone in reverse, on a stop as on a start that fails half-way.
  const undo: (() => Promise<unknown> | unknown)[] = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      await Promise.resolve()
        .then(step)
        .catch((error) => log.error({ err: error }, 'a part did not stop cleanly'))
    }
  }
  try {
    return { ...(await build(config, log, undo)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Secrets never reach a log line, whatever object they come in. */
const REDACTED = ['authorization', 'accessToken', 'authToken', 'headers.authorization', 'req.headers.authorization']

async function build(config: Config, log: pino.Logger, undo: (() => unknown)[]): Promise<Omit<App, 'stop'>> {
  const sql = await openStore(config, log, undo)
  await migrate(sql, 'gateway', MIGRATIONS)
  if (config.sandbox) await migrate(sql, 'sandbox', sandboxMigrations)
  else await warnOfMovedClock(sql, log)
  const vault = createVault(config.secretKey)
  const account = await settleAccount(sql, vault, config)
  const sandboxApp = await settle(sql, vault, 'sandbox-app', config.generated.sandboxApp)
  const defaultApp = config.metaApp ?? sandboxApp

  const isWeb = config.roles.includes('web')
  const inside = `http://${/^(0\.0\.0\.0|::)$/.test(config.host) ? '127.0.0.1' : config.host.replace(/^(.*:.*)$/, '[$1]')}:${config.port}`
  const ownGraphUrl = `${isWeb ? inside : config.publicUrl}/sandbox/graph`
  const usesSandbox = config.sandbox && config.graph.url === undefined
  const graphUrl = config.graph.url ?? (config.sandbox ? ownGraphUrl : 'https://graph.facebook.com')
  const channels = createChannels({ graphUrl, graphVersion: config.graph.version, maxConnections: SENDS })
  // A call that is still under way by now has been handed back: its answer is of no use to us, nor to be waited for.
  undo.push(() => Promise.race([Promise.all([channels.close(), closeCustomerConnections()]), wait(HANG_UP_WITHIN_MS)]))

  const stopping = new AbortController()
  const wake = await createWake(sql, (error) => log.warn({ err: error }, 'other nodes were not woken'))
  undo.push(() => wake.stop())
  // What is made before the work begins, here or on a node without work, is found by whoever looks for it.
  let work: Work | undefined
  const flow: Flow = {
    sql,
    vault,
    ...createCommit({ sql, wake: wake.say, offer: () => work?.offer() ?? noOffer() }),
    directory: createDirectory(sql, vault),
    pace: createPace({ nodes: () => work?.nodes() ?? 1 }),
    channels: new Map(channels.all.map((channel) => [channel.name, channel])),
    app: (appId) => (appId === defaultApp.appId ? defaultApp : undefined),
    defaultAppId: defaultApp.appId,
    publicUrl: config.publicUrl,
    allowPrivateCallbacks: config.allowPrivateCallbacks,
    signal: stopping.signal,
    log,
  }
  await addWelcomeBin(flow, account.sid)

  const health = { ready: false, dispatches: () => true }
  const server = await createServer(config, flow, log, health)
  let sandbox: Sandbox | undefined
  if (config.sandbox && isWeb) {
    const app = defaultApp
    const publicUrl = `${config.publicUrl}/sandbox`
    sandbox = await registerSandbox(server, {
      sql,
      app,
      baseUrl: () => `${inside}/sandbox`,
      publicUrl,
      clock: systemClock,
      log,
    })
  }
  await server.listen({ port: config.port, host: config.host })
  undo.push(() => closeServer(server))

  if (sandbox) {
    const { pages } = await sandbox.seed()
    sandbox.start()
    const running = sandbox
    undo.push(() => running.stop())
    if (usesSandbox) {
      await subscribeApp(graphUrl, defaultApp, `${inside}/webhooks/messenger`)
      const [demo] = pages
      if (demo) await connectDemoPage(flow, account.sid, demo)
    }
  }
  if (config.roles.includes('dispatch')) {
    const started = await startWork(config, flow, wake, log, undo, stopping)
    work = started
    health.dispatches = started.alive
  }
  undo.push(() => {
    health.ready = false
  })
  health.ready = true
  return { account, url: inside }
}

/** Answers what has been asked, then ends the connections that still wait for nothing. */
async function closeServer(server: FastifyInstance): Promise<void> {
  const force = setTimeout(() => server.server.closeAllConnections(), CLOSE_WITHIN_MS)
  await server.close()
  clearTimeout(force)
}

async function openStore(config: Config, log: pino.Logger, undo: (() => unknown)[]): Promise<Sql> {
  let target: ConnectionOptions
  if (config.databaseUrl) {
    target = { url: config.databaseUrl }
  } else {
    const server = await startEmbedded({
      dataDir: config.dataDir,
      log: (line) => (/ LOG: | HINT: /.test(line) ? log.debug : log.warn).call(log, { postgres: line }, 'postgres'),
    })
    undo.push(() => server.stop())
    target = { socketDir: server.socketDir, port: server.port, database: 'postgres' }
  }
  const sql = connect(target, POOL_SIZE)
  undo.push(() => sql.end({ timeout: 2 }))
  await sql`select 1`.catch((error) => {
    const why = `${error.message || error.code}`
    throw config.databaseUrl ? new Error(`the database of DATABASE_URL cannot be used: ${why}`) : error
  })
  return sql
}

/** What the built-in Messenger's clock was moved to stays so: stored times would lie in the future otherwise. */
async function warnOfMovedClock(sql: Sql, log: pino.Logger): Promise<void> {
  const [clock] = await sql<{ aheadMs: number }[]>`
    select extract(epoch from clock_now() - now())::float8 * 1000 as ahead_ms`
  if (clock?.aheadMs) log.warn(clock, 'the clock of this database was moved forward by the built-in Messenger')
}

/**
 * The environment decides; without it the database's own main account; without one, the generated one. Nodes that start
 * together settle it one after the other.
 */
async function settleAccount(sql: Sql, vault: Vault, { account, generated }: Config): Promise<App['account']> {
  await settle(sql, vault, 'secret-key-check', 'the key of this installation')
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('main account'))`
    const sid = account.sid ?? (await findMainAccountSid(tx)) ?? generated.accountSid
    const existing = await findAccount(tx, vault, sid)
    const authToken = account.authToken ?? existing?.authToken ?? generated.authToken
    if (existing?.authToken !== authToken)
      await saveAccount(tx, vault, { sid, authToken, friendlyName: 'Main account' })
    return { sid, authToken }
  })
}

async function createServer(
  config: Config,
  flow: Flow,
  log: pino.Logger,
  health: { ready: boolean; dispatches: () => boolean },
): Promise<FastifyInstance> {
  const server = fastify({
    loggerInstance: log as unknown as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => `RQ${randomUUID().replaceAll('-', '')}`,
    requestIdHeader: false,
    rewriteUrl: (request) => withProductPrefix(request.url ?? '/', request.headers.host),
    bodyLimit: 1024 * 1024 - 1,
    forceCloseConnections: 'idle',
    // Types are as they were sent, and what is unknown is ignored, not removed.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    frameworkErrors: (error, request, reply) => {
      const anyReply = reply as FastifyReply
      if (isApiPath(request.url)) sendError(error, request as FastifyRequest, anyReply)
      else anyReply.code(400).send({ error: 'The URL cannot be read' })
    },
  })
  server.setNotFoundHandler((request, reply) => {
    if (isApiPath(request.url)) return sendNotFound(request, reply)
    return reply.code(404).send({ error: `There is nothing at ${request.url.split('?')[0]}` })
  })
  registerHealth(server, flow.sql, health)
  if (config.roles.includes('web')) {
    await registerApi(server, flow)
    await registerWebhooks(server, flow)
    registerBins(server, flow.sql)
    registerConsole(server, { version: VERSION, publicUrl: config.publicUrl, sandbox: config.sandbox })
    await registerPages(server, config.sandbox)
  }
  return server
}

type Work = { alive: () => boolean; nodes: () => number; offer: () => Offer }

async function startWork(
  config: Config,
  flow: Flow,
  wake: Awaited<ReturnType<typeof createWake>>,
  log: pino.Logger,
  undo: (() => unknown)[],
  stopping: AbortController,
): Promise<Work> {
  const alone = config.databaseUrl === undefined
  const node = await joinNodes(flow.sql, alone, (error) =>
    log.warn({ err: error }, 'this node could not say that it lives'),
  )
  undo.push(() => node.stop())
  undo.push(() => stopping.abort())
  const load = createLoad(flow.sql)
  const dispatcher = startDispatcher(
    [
      { kind: 'call-customer', concurrency: 512, perGroup: 64, run: createCallCustomer(flow, load) },
      { kind: 'send-message', concurrency: SENDS, perGroup: 64, run: createSendMessage(flow, load) },
      { kind: 'report-status', concurrency: 512, perGroup: 64, run: createReportStatus(flow, load) },
      { kind: 'fetch-profile', concurrency: 16, perGroup: 8, run: createFetchProfile(flow) },
    ],
    {
      sql: flow.sql,
      node,
      wake,
      onError: (error, job) => log.error({ err: error, kind: job?.kind, lane: job?.lane }, 'a job could not be done'),
    },
  )
  const chores = setInterval(() => {
    forgetOldKeys(flow.sql).catch((error) => log.warn({ err: error }, 'a chore failed'))
  }, HOUR_MS)
  undo.push(() => clearInterval(chores))
  undo.push(() => dispatcher.stop(STOP_WORK_WITHIN_MS))
  return { alive: () => node.holder() !== undefined, nodes: node.count, offer: dispatcher.offer }
}
