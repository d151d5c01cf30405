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
 * of PostgreSQL per relayed message before, see docs/PERFORMANCE.md.)
 */
const PLANNER = { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off', jit: 'off' }

/**
 * A node that stands still, or whose network does, must not keep its locks until TCP notices, which may take hours. A
 * node that is silent for so long is about to be given up anyway (jobs/node.ts).
 */
const LIMITS = { idle_in_transaction_session_timeout: 3000 }

/** Lazy: connects with the first query. `max` connections at most. */
export function connect(target: ConnectionOptions, max: number): Sql {
  const options = {
    max,
    onnotice: () => {},
    // Columns are snake_case in SQL and camelCase here.
    transform: { column: { from: postgres.toCamel } },
    connect_timeout: 10,
    // Seconds. After an outage the store is asked again soon, not after up to 20 s.
    backoff: (retries: number) => Math.min(1, 0.05 * 2 ** retries),
    connection: { application_name: 'pagewire', ...PLANNER, ...LIMITS },
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

/** Is the store away (worth a 503 and a retry), as opposed to refusing what we asked of it? */
export function isStoreAway(error: unknown): boolean {
  const code = (error as { code?: unknown })?.code
  if (typeof code !== 'string') return false
  // 57P: shutting down or starting up; 25P03: we stood still for too long; 08: connection; 53300: too many connections
  // (PostgreSQL, appendix A).
  return /^(57P0|25P03|08|53300)|^(ECONN|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|CONNECTION_|CONNECT_TIMEOUT)/.test(code)
}

/** Rows as one JSON parameter, read back with `json_to_recordset`: one statement, whatever the number of rows. */
export const rows = (items: readonly unknown[]): string => JSON.stringify(items)
