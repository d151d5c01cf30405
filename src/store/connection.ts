/** The way to PostgreSQL: one pool per process. SQL is written where its table is, with tagged templates. */
import type Postgres from 'postgres'
import { postgres } from './driver.ts'

export type Sql = Postgres.Sql
/** A transaction or the pool itself: what a query can run on. */
export type Tx = Postgres.ISql

export type ConnectionOptions = { url: string } | { socketDir: string; port: number; database: string }

/**
 * Every statement finds its rows by index, a set of them at most. The planner cannot know: it plans once, for a table
 * that may be empty then, and would read all of it when it is not. Its other ways are closed. (Measured 2026-11: 1.2 ms
 * of PostgreSQL per relayed message before, see docs/PERFORMANCE.md.) Nor can it know that a plan for all partitions
 * opens one of them, and would plan every time anew, which costs more than the statement (docs/decisions/0013).
 */
const PLANNER = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  plan_cache_mode: 'force_generic_plan',
}

/**
 * A node that stands still, or whose network does, must not keep its locks until TCP notices, which may take hours. A
 * node that is silent for so long is about to be given up anyway (jobs/node.ts).
 */
const VANISHED = {
  idle_in_transaction_session_timeout: 3000,
  // A session whose node is gone ends as well, as an outage must not leave more of them than the server allows.
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 3,
}

/**
 * How long a query may take. The server gives a statement up after `statementMs` and says so (57014); a connection that
 * then still says nothing for `silentSeconds` (or one more) is ended, and its queries fail with `CONNECTION_SILENT`.
 */
export type Patience = { statementMs: number; silentSeconds: number }

/**
 * Longer than a vanished node may hold a lock that we wait for, short enough for a caller to be told. A commit is no
 * statement that the server gives up: whether one that fell silent was made is not known.
 */
const USUAL: Patience = { statementMs: 4000, silentSeconds: 5 }
/** For what takes long by its nature, such as a migration: as long as PostgreSQL can say, which is 24 days. */
export const PATIENT: Patience = { statementMs: 2 ** 31 - 1, silentSeconds: Number.POSITIVE_INFINITY }

/** A store that cannot be reached is known to be away after so long; until it is back, queries fail at once. */
const CONNECT_SECONDS = 5
/** The operating system notices, after 10 s more, that a connection without queries is dead: one that listens. */
const KEEP_ALIVE_SECONDS = 10

/** Lazy: connects with the first query. `max` connections at most. */
export function connect(target: ConnectionOptions, max: number, patience: Patience = USUAL): Sql {
  const options = {
    max,
    onnotice: () => {},
    // Columns are snake_case in SQL and camelCase here.
    transform: { column: { from: postgres.toCamel } },
    connect_timeout: CONNECT_SECONDS,
    keep_alive: KEEP_ALIVE_SECONDS,
    silent_after: patience.silentSeconds,
    // Seconds. After an outage the store is asked again soon, not after up to 20 s.
    backoff: (retries: number) => Math.min(1, 0.05 * 2 ** retries),
    connection: { application_name: 'pagewire', ...PLANNER, ...VANISHED, statement_timeout: patience.statementMs },
  }
  if ('url' in target) return postgres(target.url, options)
  return postgres({
    ...options,
    host: target.socketDir,
    port: target.port,
    database: target.database,
    username: 'pagewire',
  })
}

/**
 * 57P: shutting down or starting up; 57014: too slow; 25P03: we stood still for too long; 25006: not the primary (any
 * more); 08: connection; 53300: too many connections (PostgreSQL, appendix A).
 */
const AWAY_STATES = /^(57P0|57014|25P03|25006|08|53300)/
const AWAY_CODES = /^(ECONN|EHOST|ENET|EAI_|ENOENT|ENOTFOUND|EPIPE|ETIMEDOUT|CONNECTION_|CONNECT_TIMEOUT)/

/** Is the store away (worth a 503 and a retry), as opposed to refusing what we asked of it? */
export function isStoreAway(error: unknown): boolean {
  const code = (error as { code?: unknown })?.code
  return typeof code === 'string' && (AWAY_STATES.test(code) || AWAY_CODES.test(code))
}

/** Does it say that it shuts down or starts up, which takes as long as there is to recover? */
export const isStoreStarting = (error: unknown): boolean => (error as { code?: unknown })?.code === '57P03'

/** Did it take the whole patience to find that out? Whoever waited meanwhile must not wait as long again. */
export function isStoreSilent(error: unknown): boolean {
  const code = (error as { code?: unknown })?.code
  return code === 'CONNECTION_SILENT' || code === 'CONNECT_TIMEOUT'
}

/** Rows as one JSON parameter, read back with `json_to_recordset`: one statement, whatever the number of rows. */
export const rows = (items: readonly unknown[]): string => JSON.stringify(items)
