/**
 * Says that there is work, to this node at once and to the others by `notify`. Only a hint: whoever misses it finds the
 * work by polling. Not part of the transaction, as `notify` takes a lock over all commits (PostgreSQL, async.c).
 */
import { newId } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'
import type { JobKind } from './queue.ts'

/** At most so often per kind; the other nodes' idle time, not the order or safety of work, depends on it. */
const NOTIFY_EVERY_MS = 20
const CHANNEL = 'pagewire_jobs'

export type Wake = {
  /** There may be work of these kinds. */
  say: (kinds: Iterable<JobKind>) => void
  /** The same, of what this node knows already and has no room for. */
  tellOthers: (kinds: Iterable<JobKind>) => void
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
  const self = newId()
  const listening = await sql.listen(CHANNEL, (payload) => {
    const [by, kind] = payload.split(' ')
    if (by !== self) hear(kind as JobKind)
  })
  const tell = () => {
    timer = undefined
    const payloads = [...pending].map((kind) => `${self} ${kind}`)
    pending.clear()
    sql`select pg_notify(${CHANNEL}, payload) from unnest(${payloads}::text[]) as p(payload)`.catch(onError)
  }
  const tellOthers = (kinds: Iterable<JobKind>) => {
    for (const kind of kinds) pending.add(kind)
    if (pending.size > 0) timer ??= setTimeout(tell, NOTIFY_EVERY_MS)
  }
  return {
    say(kinds) {
      const all = [...kinds]
      for (const kind of all) hear(kind)
      tellOthers(all)
    },
    tellOthers,
    listen: (listener) => listeners.push(listener),
    async stop() {
      clearTimeout(timer)
      await listening.unlisten().catch(() => {})
    },
  }
}
