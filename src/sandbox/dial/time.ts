/** The clock that gateway and built-in Messenger share: PostgreSQL's, ahead by an offset that only grows. */
import type { Clock } from '../contract.ts'
import type { Tx } from '../world/world.ts'

/** In all. PostgreSQL and JavaScript could go further; a token or a date in a test should not. */
export const MAX_OFFSET_MS = 20 * 366 * 86_400_000

export async function readClock(sql: Tx): Promise<Clock> {
  const [row] = await sql<{ now: Date; offsetMs: number }[]>`
    select clock_timestamp() + clock_offset_ms * interval '1 millisecond' as now, clock_offset_ms::float8 as "offsetMs"
    from sandbox.dial`
  if (row === undefined) throw new Error('the clock is gone')
  return { now: row.now.toISOString(), offsetMs: row.offsetMs }
}

/** Everything that the database calls now is later from the commit on. */
export async function advanceClock(sql: Tx, byMs: number): Promise<void> {
  await sql`select sandbox.advance_clock(${byMs}::bigint)`
}
