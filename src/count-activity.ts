/**
 * Counts what has happened, minute by minute, for the overview and the debugger. Comes in: the time. Goes out: rows per
 * minute and hour (store/activity). Each minute is counted when it is over, and again later, as messages go on to be
 * delivered and read. One node does so at a time; what nobody counted while all were down is made up for.
 */
import { type Clock, sharedClock } from '#core/clock.ts'
import { addUpHour, countMinute, findCountedUntil, forgetActivity, saveCountedUntil } from '#store/activity.ts'
import type { Sql } from '#store/connection.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const LOOK_EVERY_MS = 5_000
/** A minute is counted anew when it is so old. */
const AGAIN_AFTER_MS = [5 * MINUTE_MS, HOUR_MS, 24 * HOUR_MS]
/** After a long silence: nothing happened while no node ran. */
const BACK_MS = HOUR_MS
const MINUTES_AT_ONCE = 60
/** What was written at the very end of a minute is there by then. */
const SETTLED_AFTER_MS = 2_000

/** Counts what can be counted now. Answers up to when that is; undefined when another node does it. */
export async function countActivity(sql: Sql, clock: Clock = sharedClock): Promise<Date | undefined> {
  return await sql.begin(async (tx) => {
    const [lock] = await tx<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(hashtext('activity')) as mine`
    if (!lock?.mine) return undefined
    const nowMs = clock.now().getTime()
    const overMs = floor(nowMs - SETTLED_AFTER_MS, MINUTE_MS)
    const knownMs = (await findCountedUntil(tx))?.getTime() ?? overMs
    let atMs = Math.max(knownMs, overMs - BACK_MS)
    const hours = new Set<number>()
    for (let count = 0; atMs < overMs && count < MINUTES_AT_ONCE; count += 1, atMs += MINUTE_MS) {
      for (const againMs of [0, ...AGAIN_AFTER_MS]) {
        await countMinute(tx, new Date(atMs - againMs))
        hours.add(floor(atMs - againMs, HOUR_MS))
      }
    }
    for (const hourMs of hours) await addUpHour(tx, new Date(hourMs))
    if (atMs > knownMs || atMs === overMs) await saveCountedUntil(tx, new Date(atMs))
    if (floor(knownMs, HOUR_MS) !== floor(atMs, HOUR_MS)) await forgetActivity(tx, new Date(atMs))
    return new Date(atMs)
  })
}

/** Answers how to stop. */
export function watchActivity(sql: Sql, onError: (error: unknown) => void): () => void {
  let stopped = false
  let running = false
  const look = async () => {
    if (running) return
    running = true
    await countActivity(sql).catch((error) => stopped || onError(error))
    running = false
  }
  look()
  const timer = setInterval(look, LOOK_EVERY_MS)
  // What is under way then is cut off with its connection, and counted at the next start.
  return () => {
    stopped = true
    clearInterval(timer)
  }
}

const floor = (ms: number, stepMs: number): number => Math.floor(ms / stepMs) * stepMs
