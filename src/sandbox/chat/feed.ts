/**
 * Who watches is told what changed: the streams of this node at once, those of other nodes by PostgreSQL's `notify`,
 * gathered for a moment as every notification is a lock at commit. Best effort: a page that reconnects reads everything anew.
 */
import { randomUUID } from 'node:crypto'
import type { StreamEvent } from '../contract.ts'
import { findMessage, toThreadMessage } from '../world/messages.ts'
import { findThread } from '../world/threads.ts'
import type { World } from '../world/world.ts'

export type Change =
  | { type: 'message'; psid: string; mid: string }
  | { type: 'typing'; psid: string; on: boolean }
  | { type: 'state' }

export type Feed = {
  publish(change: Change): void
  /** Only to those who watch at this node: the others hear of it themselves. */
  tellHere(change: Change): void
  /** Events of one person, or of everybody; answers how to stop. */
  subscribe(personId: string | null, receive: (event: StreamEvent) => void): () => void
  /** Begins to hear other nodes. */
  listen(): void
  close(): Promise<void>
}

const CHANNEL = 'pagewire_sandbox'
const GATHER_MS = 20
/** PostgreSQL takes 8,000 bytes a notification; a change is about 160. */
const CHANGES_PER_NOTIFY = 40

export function createFeed(world: () => World): Feed {
  const node = randomUUID()
  const watchers = new Set<{ personId: string | null; receive: (event: StreamEvent) => void }>()
  let gathered: Change[] = []
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let telling: Promise<void> = Promise.resolve()
  let listening: Promise<{ unlisten(): Promise<void> } | undefined> | undefined

  /** One after the other, as each looks something up: a stream gets its events in the order of the changes. */
  function tellWatchers(change: Change): void {
    if (watchers.size === 0) return
    telling = telling
      .then(() => tell(change))
      .catch((error: unknown) => world().log.warn({ err: error }, 'sandbox: a stream missed an event'))
  }

  async function tell(change: Change): Promise<void> {
    if (change.type === 'state') {
      for (const watcher of watchers) watcher.receive({ type: 'state' })
      return
    }
    const thread = await findThread(world().sql, change.psid)
    const interested = [...watchers].filter(({ personId }) => personId === null || personId === thread?.personId)
    if (thread === undefined || interested.length === 0) return
    const { pageId, psid } = thread
    if (change.type === 'typing') {
      for (const watcher of interested) watcher.receive({ type: 'typing', pageId, psid, on: change.on })
      return
    }
    const row = await findMessage(world().sql, change.mid)
    if (row === undefined) return
    const message = toThreadMessage(world(), row)
    for (const watcher of interested) watcher.receive({ type: 'message', pageId, psid, message })
  }

  async function notifyOthers(): Promise<void> {
    timer = undefined
    const changes = gathered
    gathered = []
    for (let from = 0; from < changes.length; from += CHANGES_PER_NOTIFY) {
      const payload = JSON.stringify({ node, changes: changes.slice(from, from + CHANGES_PER_NOTIFY) })
      await world().sql`select pg_notify(${CHANNEL}, ${payload})`
    }
  }

  function hear(payload: string): void {
    const heard = JSON.parse(payload) as { node: string; changes: Change[] }
    if (heard.node !== node) for (const change of heard.changes) tellWatchers(change)
  }

  return {
    publish(change) {
      if (closed) return
      tellWatchers(change)
      gathered.push(change)
      timer ??= setTimeout(() => {
        notifyOthers().catch((error: unknown) => world().log.warn({ err: error }, 'sandbox: cannot notify other nodes'))
      }, GATHER_MS)
    },
    tellHere: tellWatchers,
    subscribe(personId, receive) {
      const watcher = { personId, receive }
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    listen() {
      listening ??= world()
        .sql.listen(CHANNEL, hear)
        .catch((error: unknown) => {
          world().log.warn({ err: error }, 'sandbox: cannot hear other nodes')
          return undefined
        })
    },
    async close() {
      closed = true
      clearTimeout(timer)
      watchers.clear()
      await telling
      await (await listening)?.unlisten().catch(() => {})
    },
  }
}
