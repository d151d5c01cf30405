/**
 * The large tables are cut by the time in their ids (docs/decisions/0013), so that what is old goes with its partition.
 * Comes in: how long things are kept. Goes out: partitions for the time to come, made before it comes. Must never wait
 * for a lock for long, as all work on the table waits behind it.
 */
import { type Clock, sharedClock } from '#core/clock.ts'
import { firstIdAt, type Id, madeAt } from '#core/ids.ts'
import type { Sql, Tx } from './connection.ts'

/** In days; or for ever. */
export type Retention = number | 'forever'

export type LargeTable = { name: string; key: string; keptFor: Retention }
export type Span = { fromMs: number; toMs: number }
export type Partition = Span & { name: string }

/** Alerts are a log of what went wrong, and Twilio's for 30 days (twilio.md, "Alerts retention"). */
const ALERT_DAYS = 30

/** What is said of one message stands in the partitions of its time. */
export function largeTables(retention: Retention): LargeTable[] {
  return [
    { name: 'messages', key: 'id', keptFor: retention },
    { name: 'message_parts', key: 'message_id', keptFor: retention },
    { name: 'exchanges', key: 'message_id', keptFor: retention },
    { name: 'events', key: 'id', keptFor: retention },
    { name: 'alerts', key: 'id', keptFor: retention === 'forever' ? ALERT_DAYS : Math.min(ALERT_DAYS, retention) },
  ]
}

export const DAY_MS = 24 * 3_600_000
const WEEK_MS = 7 * DAY_MS
/** 1970-01-05: partitions begin on Mondays. */
const MONDAY_MS = 4 * DAY_MS
/** So far ahead there are always partitions, whatever keeps the chore from its work meanwhile. */
const AHEAD_MS = 4 * WEEK_MS
/** A tenth of the time that things are kept: a dozen partitions, as each costs every statement a little. */
const SHARE = 10
const MAX_WEEKS = 13

export function lengthMs(keptFor: Retention): number {
  const weeks = keptFor === 'forever' ? MAX_WEEKS : Math.round(keptFor / 7 / SHARE)
  return Math.min(MAX_WEEKS, Math.max(1, weeks)) * WEEK_MS
}

/** What is to be made, so that there is no gap between two times. Existing partitions may have any length. */
export function missingSpans(existing: readonly Span[], fromMs: number, untilMs: number, length: number): Span[] {
  const missing: Span[] = []
  let at = Math.floor((fromMs - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS
  while (at < untilMs) {
    const holder = existing.find((span) => span.fromMs <= at && at < span.toMs)
    const later = existing.filter((span) => span.fromMs > at).map((span) => span.fromMs)
    const toMs = holder?.toMs ?? Math.min(at + length, ...later)
    if (!holder) missing.push({ fromMs: at, toMs })
    at = toMs
  }
  return missing
}

/** By time. The default partition is not among them. */
export async function partitionsOf(sql: Tx, table: string): Promise<Partition[]> {
  const found = await sql<{ name: string; bound: string }[]>`
    select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = ${table}::regclass`
  return found
    .flatMap(({ name, bound }) => {
      const [, from, to] = /FROM \('([0-9a-f-]{36})'\) TO \('([0-9a-f-]{36})'\)/.exec(bound) ?? []
      return from && to ? [{ name, fromMs: madeAt(from as Id).getTime(), toMs: madeAt(to as Id).getTime() }] : []
    })
    .sort((a, b) => a.fromMs - b.fromMs)
}

export type MakeOptions = {
  clock?: Clock
  /** From when on there must be partitions; yesterday, if it is not given. */
  from?: Date
}

/** Makes what is missing until four weeks from now; answers the names. Idempotent, also where several nodes do it. */
export async function makePartitions(
  sql: Sql,
  retention: Retention,
  { clock = sharedClock, from }: MakeOptions = {},
): Promise<string[]> {
  const nowMs = clock.now().getTime()
  const made: string[] = []
  for (const table of largeTables(retention)) {
    const missing = async (tx: Tx) =>
      missingSpans(
        await partitionsOf(tx, table.name),
        from?.getTime() ?? nowMs - DAY_MS,
        nowMs + AHEAD_MS,
        lengthMs(table.keptFor),
      )
    if ((await missing(sql)).length === 0) continue
    const names = await changeShape(sql, async (tx) => {
      const spans = await missing(tx)
      for (const span of spans) await attach(tx, table, span)
      return spans.map((span) => nameOf(table.name, span))
    })
    made.push(...names)
  }
  return made
}

const nameOf = (table: string, { fromMs }: Span) =>
  `${table}_${new Date(fromMs).toISOString().slice(0, 10).replaceAll('-', '')}`

/** What is in the default partition already, as it came while there was no other, comes along. */
async function attach(tx: Tx, { name: table, key }: LargeTable, span: Span): Promise<void> {
  const [from, to] = [firstIdAt(new Date(span.fromMs)), firstIdAt(new Date(span.toMs))]
  const [stored] = await tx<{ options: string | null }[]>`
    select array_to_string(reloptions, ', ') as options from pg_class where oid = ${`${table}_default`}::regclass`
  const name = nameOf(table, span)
  await tx.unsafe(`
    lock table ${table}_default in access exclusive mode;
    create table ${name} (like ${table} including defaults including constraints)
      ${stored?.options ? `with (${stored.options})` : ''};
    with stray as (delete from ${table}_default where ${key} >= '${from}' and ${key} < '${to}' returning *)
      insert into ${name} select * from stray;
    alter table ${table} attach partition ${name} for values from ('${from}') to ('${to}')`)
}

/** The table is busy with short statements. A long one, such as a dump, must not make all others wait behind us. */
const LOCK_WITHIN_MS = 250
/** While we hold it, all others wait: only a default partition that has filled up takes longer than an instant. */
const DONE_WITHIN_MS = 5000
const TRIES = 4
const TRY_AGAIN_MS = 500

/**
 * A transaction that changes which partitions there are, one at a time among all nodes. Throws PostgreSQL's 55P03 when
 * the table was not free within some short tries.
 */
export async function changeShape<T>(sql: Sql, change: (tx: Tx) => Promise<T>): Promise<T> {
  for (let nth = 1; ; nth += 1) {
    try {
      return (await sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(hashtext('partitions'))`
        await tx`
          select set_config('lock_timeout', ${`${LOCK_WITHIN_MS}ms`}, true),
            set_config('statement_timeout', ${`${DONE_WITHIN_MS}ms`}, true)`
        return await change(tx)
      })) as T
    } catch (error) {
      if (!isLocked(error) || nth === TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS))
    }
  }
}

export const isLocked = (error: unknown): boolean => (error as { code?: unknown })?.code === '55P03'
