/**
 * What has been kept long enough goes, a whole partition at a time: nothing is written for it but the catalog. By the
 * real clock, as the ids are: a clock that the built-in Messenger has moved drops nothing.
 */
import { type Clock, sharedClock } from '#core/clock.ts'
import { firstIdAt, type Id, madeAt } from '#core/ids.ts'
import { FINAL } from '#core/status.ts'
import type { Sql } from './connection.ts'
import {
  changeShape,
  DAY_MS,
  isLocked,
  type LargeTable,
  largeTables,
  partitionsOf,
  type Retention,
} from './partitions.ts'

export type Cleared = {
  dropped: string[]
  /** Not free within short tries: another time. */
  locked: string[]
  /** A message that is older than it may be and still at work: it keeps its partition and the younger ones. */
  atWork: Id | undefined
}

/**
 * Drops the oldest partition of each table, if it holds nothing but what is older than it is to be kept. One at a time,
 * so that a clock that is wrong for an hour does not cost everything.
 */
export async function dropOutdated(sql: Sql, retention: Retention, clock: Clock = sharedClock): Promise<Cleared> {
  const cleared: Cleared = { dropped: [], locked: [], atWork: undefined }
  const outdated: Outdated[] = []
  for (const table of largeTables(retention)) outdated.push(...(await outdatedOf(sql, table, clock.now().getTime())))
  const ofMessages = outdated.filter(isOfMessages).map(({ toMs }) => toMs)
  if (ofMessages.length > 0) {
    const looked = await oldestAtWork(sql, firstIdAt(new Date(Math.max(...ofMessages))))
    if (looked === 'elsewhere') return cleared
    cleared.atWork = looked
  }
  const keptFromMs = cleared.atWork ? madeAt(cleared.atWork).getTime() : Number.POSITIVE_INFINITY
  for (const each of outdated) {
    if (isOfMessages(each) && each.toMs > keptFromMs) continue
    try {
      await changeShape(sql, (tx) => tx.unsafe(each.removal))
      cleared.dropped.push(each.name)
    } catch (error) {
      if (!isLocked(error)) throw error
      cleared.locked.push(each.name)
    }
  }
  return cleared
}

type Outdated = { table: string; name: string; toMs: number; removal: string }

const isOfMessages = ({ table }: Outdated): boolean => table !== 'alerts'

const STRAYS_AT_ONCE = 10_000

/** The default partition stays, and what is in it goes by itself: what was said of a message that was just dropped. */
async function outdatedOf(sql: Sql, { name: table, key, keptFor }: LargeTable, nowMs: number): Promise<Outdated[]> {
  if (keptFor === 'forever') return []
  const toMs = nowMs - keptFor * DAY_MS
  const [oldest] = (await partitionsOf(sql, table)).filter((partition) => partition.toMs <= toMs)
  const name = `${table}_default`
  const strays = `select ctid from ${name} where ${key} < '${firstIdAt(new Date(toMs))}' limit ${STRAYS_AT_ONCE}`
  const [stray] = await sql.unsafe(strays)
  return [
    ...(oldest
      ? [{ table, name: oldest.name, toMs: oldest.toMs, removal: `drop table if exists ${oldest.name}` }]
      : []),
    ...(stray ? [{ table, name, toMs, removal: `delete from ${name} where ctid = any(array(${strays}))` }] : []),
  ]
}

/**
 * The oldest message before an id that is not at its end, or that a job names, as when the customer is to be told of it.
 * Reads those partitions from end to end, which is quicker than by any index; one node at a time.
 */
async function oldestAtWork(sql: Sql, before: Id): Promise<Id | undefined | 'elsewhere'> {
  return await sql.begin(async (tx) => {
    const [lock] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(hashtext('retention')) as mine`
    if (!lock?.mine) return 'elsewhere'
    await tx`set local enable_seqscan = on`
    const [found] = await tx<{ id: Id }[]>`
      select id from (
        select id from messages where id < ${before} and status <> all(${[...FINAL]}::text[])
        union all
        select (data->>'messageId')::uuid from jobs where (data->>'messageId')::uuid < ${before}
      ) at_work order by id limit 1`
    return found?.id
  })
}

/** How many rows are in a default partition, where none should be; it counts to 1,000. */
export async function countStrays(sql: Sql, retention: Retention): Promise<{ table: string; rows: number }[]> {
  const strays: { table: string; rows: number }[] = []
  for (const { name: table } of largeTables(retention)) {
    const [found] = await sql.unsafe<{ rows: number }[]>(
      `select count(*)::int as rows from (select from ${table}_default limit 1000) counted`,
    )
    if (found?.rows) strays.push({ table, rows: found.rows })
  }
  return strays
}
