/**
 * This process among the others. A node says every second that it lives, by the database's clock alone; one that was
 * silent for `SILENCE_MS` loses its lanes to the others. A node that finds itself given up takes a new id, so that what
 * it still holds in hand can no longer move a lane.
 */
import { newId } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'

const BEAT_MS = 1000
export const SILENCE_MS = 4000

export type Node = {
  id: () => string
  /** Told the others lately enough that no one can have taken our lanes: only then may new work begin. */
  holds: () => boolean
  /** Runs when lanes of a lost node have come free. */
  onFreed: (listener: () => void) => void
  /** Gives all lanes back and leaves. */
  stop: () => Promise<void>
}

/** `alone`: no other node can be alive (the embedded database), so whatever is held is left from a crash. */
export async function joinNodes(sql: Sql, alone: boolean, onError: (error: unknown) => void): Promise<Node> {
  let id: string = newId()
  let beatAt = performance.now()
  let stopped = false
  const listeners: (() => void)[] = []

  const join = async () => {
    id = newId()
    beatAt = performance.now()
    await sql`insert into nodes (id) values (${id})`
  }
  const giveUp = async (silenceMs: number) => {
    const freed = await sql`
      with lost as (
        delete from nodes
        where id <> ${id} and seen_at < clock_timestamp() - ${silenceMs} * interval '1 millisecond' returning id
      )
      update lanes set node_id = null where node_id in (select id from lost) returning lane`
    if (freed.length > 0) for (const listener of listeners) listener()
  }

  await join()
  if (alone) {
    await sql`delete from nodes where id <> ${id}`
    await sql`update lanes set node_id = null where node_id is not null`
  } else {
    // Lanes of a node that is no longer even listed: a crash between two statements of an older version.
    await sql`update lanes set node_id = null where node_id is not null and node_id not in (select id from nodes)`
  }

  let beating: Promise<void> = Promise.resolve()
  let lastFailed = false
  const timer = setInterval(() => {
    beating = beating.then(async () => {
      if (stopped) return
      try {
        const startedAt = performance.now()
        const alive = await sql`update nodes set seen_at = clock_timestamp() where id = ${id} returning id`
        if (alive.length === 0) await join()
        else beatAt = startedAt
        // After an outage of the store every node was silent: the others get a beat's time before they are judged.
        if (!lastFailed) await giveUp(SILENCE_MS)
        lastFailed = false
      } catch (error) {
        lastFailed = true
        onError(error)
      }
    })
  }, BEAT_MS)

  return {
    id: () => id,
    holds: () => performance.now() - beatAt < SILENCE_MS - BEAT_MS,
    onFreed: (listener) => listeners.push(listener),
    async stop() {
      stopped = true
      clearInterval(timer)
      await beating
      await sql`update lanes set node_id = null where node_id = ${id}`
      await sql`delete from nodes where id = ${id}`
    },
  }
}
