/**
 * Puts the rooms together: database, queue, channel, flow, API, webhooks, built-in Messenger and pages on one port.
 * `start` answers when everything listens; `stop` undoes it in reverse and leaves nothing behind.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { createChannels } from '#channels/index.ts'
import { sharedClock } from '#core/clock.ts'
import type { AccountSid } from '#core/ids.ts'
import { closeCustomerConnections } from '#customer/request.ts'
import { countJobs } from '#jobs/count-jobs.ts'
import type { Share } from '#jobs/node.ts'
import { noOffer } from '#jobs/offer.ts'
import { createWake } from '#jobs/wake.ts'
import { createChanges, tellOf } from '#messaging/changes.ts'
import { createCommit } from '#messaging/commit.ts'
import { createDirectory } from '#messaging/directory.ts'
import type { Flow } from '#messaging/flow.ts'
import { sendsOf } from '#messaging/lanes.ts'
import { createPace } from '#messaging/pace.ts'
import { createQueueLimit } from '#messaging/queue-limit.ts'
import { createTrials } from '#messaging/trials.ts'
import { findAccount, findMainAccountSid, findSettledToken, saveAccount } from '#store/accounts.ts'
import { type ConnectionOptions, connect, isStoreAway, isStoreStarting, PATIENT, type Sql } from '#store/connection.ts'
import { startEmbedded } from '#store/embedded.ts'
import { migrate } from '#store/migrate.ts'
import { createVault, type Vault } from '#store/secrets.ts'
import { settle } from '#store/settings.ts'
import { keepTime } from '#store/shared-time.ts'
import type { ServedRoute } from './api/api.ts'
import { startChores } from './chores.ts'
import type { Config } from './config.ts'
import { type FirstUser, makeFirstUser } from './console/first-user.ts'
import { watchActivity } from './count-activity.ts'
import { addWelcomeBin, connectDemoPage, subscribeApp } from './demo.ts'
import { createCopies } from './media/copies.ts'
import { openMedia } from './media/media.ts'
import { registerSandbox, type Sandbox, sandboxMigrations } from './sandbox/sandbox.ts'
import { closeServer, createServer } from './server.ts'
import { SENDS, startWork, type Work } from './work.ts'

const MIGRATIONS = new URL('./store/migrations/', import.meta.url)
/**
 * What a node that sends no messages may call all the same, for typing indicators: 4 calls a second and Page, out of what
 * the others leave below the limit (messaging/pace.ts).
 */
const SHARE_ASIDE: Share = { nth: 0, of: 60 }
/** Connections of one node to the database. */
const POOL_SIZE = 16
const HANG_UP_WITHIN_MS = 200
const RESTARTS_WITHIN_MS = 3000
const RECOVERS_WITHIN_MS = 60_000
const ASK_AGAIN_MS = 100

export type App = {
  account: { sid: AccountSid; authToken: string }
  url: string
  /** Whom this start has made, if there was nobody. */
  firstUser: FirstUser | undefined
  /** What is served of the REST API. */
  routes: readonly ServedRoute[]
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
  const from = performance.now()
  for (;;) {
    try {
      return { ...(await build(config, log, undo)), stop }
    } catch (error) {
      await stop()
      // It was there, and went: it restarts, and all begins anew.
      const mayReturn = config.databaseUrl !== undefined && isStoreAway(error)
      if (!mayReturn || performance.now() - from >= RECOVERS_WITHIN_MS) throw error
      log.warn({ err: error }, 'the database went away during the start')
    }
  }
}

/** Secrets never reach a log line, whatever object they come in. */
const REDACTED = ['authorization', 'accessToken', 'authToken', 'headers.authorization', 'req.headers.authorization']

async function build(config: Config, log: pino.Logger, undo: (() => unknown)[]): Promise<Omit<App, 'stop'>> {
  const { sql, patient } = await openStore(config, log, undo)
  await migrate(patient, 'gateway', MIGRATIONS)
  if (config.sandbox) await migrate(patient, 'sandbox', sandboxMigrations)
  else await warnOfMovedClock(sql, log)
  undo.push(await startChores(patient, config.retentionDays, log))
  undo.push(watchActivity(patient, (error) => log.warn({ err: error }, 'what has happened could not be counted')))
  const vault = createVault(config.secretKey)
  const account = await settleAccount(sql, vault, config)
  const sandboxApp = await settle(sql, vault, 'sandbox-app', config.generated.sandboxApp)
  const defaultApp = config.metaApp ?? sandboxApp

  const isWeb = config.roles.includes('web')
  const inside = `http://${/^(0\.0\.0\.0|::)$/.test(config.host) ? '127.0.0.1' : config.host.replace(/^(.*:.*)$/, '[$1]')}:${config.port}`
  const ownGraphUrl = `${isWeb ? inside : config.publicUrl}/sandbox/graph`
  const usesSandbox = config.sandbox && config.graph.url === undefined
  const graphUrl = config.graph.url ?? (config.sandbox ? ownGraphUrl : 'https://graph.facebook.com')
  const dialogUrl = config.dialogUrl ?? (usesSandbox ? `${config.publicUrl}/sandbox` : undefined)
  const channels = createChannels({
    graphUrl,
    graphVersion: config.graph.version,
    maxConnections: SENDS,
    ...(dialogUrl !== undefined && { dialogUrl }),
  })
  // A call that is still under way by now has been handed back: its answer is of no use to us, nor to be waited for.
  undo.push(() => Promise.race([Promise.all([channels.close(), closeCustomerConnections()]), wait(HANG_UP_WITHIN_MS)]))

  const stopping = new AbortController()
  const wake = await createWake(sql, (error) => log.warn({ err: error }, 'other nodes were not woken'))
  undo.push(() => wake.stop())
  const changes = await createChanges(sql, (error) => log.warn({ err: error }, 'who watches was not told of a change'))
  undo.push(() => changes.stop())
  const { publicUrl, allowPrivateCallbacks: allowPrivate, secretKey } = config
  const directory = createDirectory(sql, vault)
  const installed = Promise.resolve(defaultApp)
  const media = await openMedia({
    sql,
    settings: config.media,
    publicUrl,
    secretKey,
    clock: sharedClock,
    trusted: usesSandbox ? `${inside}/sandbox/cdn/` : undefined,
  })
  // What is made before the work begins, here or on a node without work, is found by whoever looks for it.
  let work: Work | undefined
  const flow: Flow = {
    sql,
    vault,
    ...createCommit({
      sql,
      offer: () => work?.offer() ?? noOffer(wake),
      tell: tellOf(changes.say),
    }),
    changes,
    directory,
    pace: createPace({ share: () => (config.roles.includes('dispatch') ? work?.share() : SHARE_ASIDE) }),
    trials: createTrials(),
    media,
    copies: createCopies({
      room: media,
      allowPrivate,
      publicUrl,
      onError: (error) => log.error({ err: error }, 'a file of a customer could not be kept'),
    }),
    queueLimit: createQueueLimit({
      limit: config.queueLimit,
      count: (senderId, atMost) => countJobs(sql, sendsOf(senderId), atMost),
      onError: (error) => log.warn({ err: error }, 'the messages that wait for a sender could not be counted'),
    }),
    channels: new Map(channels.all.map((channel) => [channel.name, channel])),
    app: (appId) => (appId === defaultApp.appId ? installed : directory.providerApp(appId)),
    defaultAppId: defaultApp.appId,
    publicUrl: config.publicUrl,
    allowPrivateCallbacks: config.allowPrivateCallbacks,
    signal: stopping.signal,
    log,
  }
  await addWelcomeBin(flow, account.sid)
  const firstUser = await makeFirstUser(sql, account.sid, config.admin)

  const health = { ready: false, dispatches: () => true }
  const { server, routes } = await createServer(config, flow, log, health)
  let sandbox: Sandbox | undefined
  if (config.sandbox && isWeb) {
    const app = defaultApp
    const publicUrl = `${config.publicUrl}/sandbox`
    sandbox = await registerSandbox(server, {
      sql,
      app,
      baseUrl: () => `${inside}/sandbox`,
      publicUrl,
      clock: sharedClock,
      log,
    })
  }
  await server.listen({ port: config.port, host: config.host })
  let leavingFrom = 0
  undo.push(() => closeServer(server, leavingFrom))

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
    leavingFrom = performance.now()
    channels.giveUpUnsent()
    server.server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'))
  })
  health.ready = true
  return { account, url: inside, firstUser, routes }
}

/** `patient`: for migrations and chores, whose statements may take long. */
type Store = { sql: Sql; patient: Sql }

async function openStore(config: Config, log: pino.Logger, undo: (() => unknown)[]): Promise<Store> {
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
  await reach(sql).catch((error) => {
    const why = `${error.message || error.code}`
    throw config.databaseUrl ? new Error(`the database of DATABASE_URL cannot be used: ${why}`) : error
  })
  undo.push(await keepTime(sql))
  const patient = connect(target, 1, PATIENT)
  undo.push(() => patient.end({ timeout: 2 }))
  return { sql, patient }
}

/** A database that restarts just now is waited for: a moment while it cannot be reached, longer while it says so itself. */
async function reach(sql: Sql): Promise<void> {
  const from = performance.now()
  for (;;) {
    try {
      await sql`select 1`
      return
    } catch (error) {
      const patienceMs = isStoreStarting(error) ? RECOVERS_WITHIN_MS : isStoreAway(error) ? RESTARTS_WITHIN_MS : 0
      if (performance.now() - from >= patienceMs) throw error
      await wait(ASK_AGAIN_MS)
    }
  }
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
    // One that was rotated away since it was given does not come back.
    const isRotated = existing && account.authToken === (await findSettledToken(tx, vault, sid))
    const given = isRotated ? existing.authToken : account.authToken
    const authToken = given ?? existing?.authToken ?? generated.authToken
    if (existing?.authToken !== authToken)
      await saveAccount(tx, vault, { sid, authToken, friendlyName: 'Main account' })
    return { sid, authToken }
  })
}
