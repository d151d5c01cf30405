/**
 * Says that there is work, to this node at once and to the others by `notify`. Only a hint: whoever misses it finds the
 * work by polling. Not part of the transaction, as `notify` takes a lock over all commits (PostgreSQL, async.c).
 */
import type { Sql } from '#store/connection.ts'
import type { JobKind } from './queue.ts'

/** At most so often per kind; the other nodes' idle time, not the order or safety of work, depends on it. */
const NOTIFY_EVERY_MS = 20
const CHANNEL = 'pagewire_jobs'

export type Wake = {
  /** There may be work of these kinds. */
  say: (kinds: Iterable<JobKind>) => void
  listen: (listener: (kind: JobKind) => void) => void
  stop: () => Promise<void>
}

export async function createWake(sql: Sql, onError: (error: unknown) => void): Promise<Wake> {
  const listeners: ((kind: JobKind) => void)[] = []
  const pending = new Set<JobKind>()
  let timer: NodeJS.Timeout | undefined
  const hear = (kind: JobKind) => {
    for (const listener of listeners) listener(kind)
  }
  // A connection of its own that reconnects and listens again by itself.
  const listening = await sql.listen(CHANNEL, (payload) => hear(payload as JobKind))
  const tell = () => {
    timer = undefined
    const kinds = [...pending]
    pending.clear()
    sql`select pg_notify(${CHANNEL}, kind) from unnest(${kinds}::text[]) as k(kind)`.catch(onError)
  }
  return {
    say(kinds) {
      for (const kind of kinds) {
        hear(kind)
        pending.add(kind)
      }
      if (pending.size > 0) timer ??= setTimeout(tell, NOTIFY_EVERY_MS)
    },
    listen: (listener) => listeners.push(listener),
    async stop() {
      clearTimeout(timer)
      await listening.unlisten().catch(() => {})
    },
  }
}
