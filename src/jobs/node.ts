/**
 * This process among the others. A node says every second that it lives, by the database's clock alone; one that was
 * silent for `SILENCE_MS` loses its lanes to the others. It holds lanes in the name of a `Holder`, and takes a new name
 * when it was given up, or when an answer about lanes was lost: nothing that is still under way in an old name can then
 * move a lane, and lanes that nobody knows to hold come free.
 */
import { newId } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'

const BEAT_MS = 1000
/** With a beat's time to notice, less than 5 s. */
export const SILENCE_MS = 3500

/** What fails again and again must not fail in circles. */
const REJOIN_AFTER_MS = 250

/** A name in which lanes are held. */
export type Holder = {
  readonly id: string
  /** Claims whose answer is not there yet. */
  claims: number
  /** Lanes in hand. */
  readonly lanes: Set<string>
}

export type Node = {
  /** The name to claim in; undefined when there is none that the others know to be alive: no new work may begin. */
  holder: () => Holder | undefined
  /** The answer to a claim or a release was lost: which lanes this name holds is not known. */
  doubt: (holder: Holder) => void
  /** How many names are alive, as of the last beat: how many share the work. */
  count: () => number
  /** Runs when lanes may have come free. */
  onFreed: (listener: () => void) => void
  /** Gives all lanes back and leaves. */
  stop: () => Promise<void>
}

/** `alone`: no other node can be alive (the embedded database), so whatever is held is left from a crash. */
export async function joinNodes(sql: Sql, alone: boolean, onError: (error: unknown) => void): Promise<Node> {
  let current: Holder | undefined
  let beatAt = 0
  let stopped = false
  let count = 1
  /** Doubtful names: they stay alive until what is in hand is done. */
  const former = new Map<string, Holder>()
  const listeners: (() => void)[] = []

  const join = async () => {
    const startedAt = performance.now()
    const holder: Holder = { id: newId(), claims: 0, lanes: new Set() }
    await sql`insert into nodes (id) values (${holder.id})`
    current = holder
    beatAt = startedAt
    return holder
  }
  const giveUp = async (silenceMs: number) => {
    const silent = await sql<{ id: string }[]>`
      select id from nodes where seen_at < clock_timestamp() - ${silenceMs} * interval '1 millisecond'`
    const others = silent.map(({ id }) => id).filter((id) => id !== current?.id && !former.has(id))
    if (others.length === 0) return
    const freed = await leave(sql, others, silenceMs)
    if (freed > 0) for (const listener of listeners) listener()
  }
  const retire = async () => {
    for (const holder of [...former.values()].filter(({ claims }) => claims === 0)) {
      if (holder.lanes.size === 0) {
        await leave(sql, [holder.id])
        former.delete(holder.id)
      } else {
        await sql`
          update lanes set node_id = null
          where node_id = ${holder.id} and lane <> all(${[...holder.lanes]}::text[])`
      }
      for (const listener of listeners) listener()
    }
  }

  const { id } = await join()
  if (alone) {
    await sql`delete from nodes where id <> ${id}`
    await sql`update lanes set node_id = null where node_id is not null`
  }

  let beating: Promise<void> = Promise.resolve()
  let lastFailed = false
  const beat = async () => {
    if (stopped) return
    try {
      const startedAt = performance.now()
      const names = [...(current ? [current.id] : []), ...former.keys()]
      const alive = await sql<{ id: string }[]>`
        update nodes set seen_at = clock_timestamp() where id = any(${names}::uuid[]) returning id`
      const known = new Set(alive.map(({ id }) => id))
      for (const id of former.keys()) if (!known.has(id)) former.delete(id)
      if (current && known.has(current.id)) beatAt = startedAt
      else {
        current = undefined
        await join()
      }
      const [listed] = await sql<{ count: string }[]>`select count(*) from nodes`
      count = Math.max(1, Number(listed?.count) - former.size)
      await retire()
      // After an outage of the store every node was silent: the others get a beat's time before they are judged.
      if (!lastFailed) await giveUp(SILENCE_MS)
      lastFailed = false
    } catch (error) {
      lastFailed = true
      onError(error)
    }
  }
  const next = () => {
    beating = beating.then(beat)
  }
  const timer = setInterval(next, BEAT_MS)

  return {
    holder: () => (performance.now() - beatAt < SILENCE_MS - BEAT_MS ? current : undefined),
    doubt(holder) {
      if (holder !== current) return
      former.set(holder.id, holder)
      current = undefined
      setTimeout(next, REJOIN_AFTER_MS)
    },
    count: () => count,
    onFreed: (listener) => listeners.push(listener),
    async stop() {
      stopped = true
      clearInterval(timer)
      await beating
      await leave(sql, [...(current ? [current.id] : []), ...former.keys()])
    },
  }
}

/**
 * Names that end, and then, in a statement of its own, the lanes they hold: a claim that is still under way in such a
 * name has come before it, and is seen, or comes after it, and finds that the name is gone (`claim.ts`). Answers how
 * many lanes came free. With `silentMs`, only names that have been silent for so long.
 */
function leave(sql: Sql, names: string[], silentMs = 0): Promise<number> {
  return sql.begin(async (tx) => {
    const gone = await tx<{ id: string }[]>`
      delete from nodes
      where id = any(${names}::uuid[]) and seen_at <= clock_timestamp() - ${silentMs} * interval '1 millisecond'
      returning id`
    if (gone.length === 0) return 0
    const freed = await tx`
      update lanes set node_id = null where lane in (
        select lane from lanes where node_id = any(${gone.map(({ id }) => id)}::uuid[]) order by lane for update)`
    return freed.count
  })
}
