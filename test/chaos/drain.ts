/**
 * Brings a healed run to its end in bounded time: what waits for a retry is due at once, and what waits five minutes for
 * an echo gets them by moving the clock, Meta's and the database's together, once every webhook has been accepted.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from '../../src/store/connection.ts'
import type { World } from './world.ts'

const LOOK_MS = 400
/** Looks without a change before the clock moves, so that nothing that is under way is overtaken by it. */
const PATIENCE = 6
const MINUTES = 6

/** Comes back when no lane is left, or throws with what is. */
export async function drain(world: World, sql: Sql, webhooksLeft: () => number, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  let patience = PATIENCE
  let before = ''
  for (;;) {
    const [left] = await sql<{ lanes: number; jobs: number; parts: number }[]>`
      select (select count(*) from lanes)::int as lanes, (select count(*) from jobs)::int as jobs,
        (select count(*) from message_parts where state in ('started', 'unknown'))::int as parts`
    const webhooks = webhooksLeft()
    if (left?.lanes === 0 && left.jobs === 0 && webhooks === 0) return
    const now = JSON.stringify([left, webhooks])
    if (performance.now() > deadline) throw new Error(`not drained within ${withinMs} ms; left: ${now}`)
    patience = now === before && webhooks === 0 ? patience - 1 : PATIENCE
    before = now
    if (patience === 0) {
      world.aheadMs += MINUTES * 60_000
      await sql.unsafe(`create or replace function clock_now() returns timestamptz language sql stable as
        'select now() + interval ''${world.aheadMs} milliseconds'''`)
      patience = PATIENCE
    }
    await sql`update senders set paused_until = null where paused_until is not null`
    await sql`update lanes set due_at = clock_now() where node_id is null and due_at > clock_now()`
    await wait(LOOK_MS)
  }
}
