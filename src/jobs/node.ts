/**
 * This process among the others. A node says every second that it lives, by the database's clock alone; one that was
 * silent for `SILENCE_MS` loses its lanes to the others. It holds lanes in the name of a `Holder`, and takes a new name
 * when it was given up, or when an answer about lanes was lost: nothing that is still under way in an old name can then
 * move a lane, and lanes that nobody knows to hold come free.
 */
import { newId } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'

const BEAT_MS = 1000
/** The others look as soon as it is over: lanes move well within 5 s. */
export const SILENCE_MS = 3500
/** A node that could not say for so long that it lives begins nothing: it may be given up soon. */
const UNSURE_MS = SILENCE_MS - BEAT_MS

/** What fails again and again must not fail in circles. */
const REJOIN_AFTER_MS = 250
/** A newcomer looks so often whether all the others know of it. */
const SETTLE_LOOK_MS = 50
/** Somebody came or went. Only a hint: who misses it sees it with the next beat. */
const CHANNEL = 'pagewire_nodes'

/** A name in which lanes are held. */
export type Holder = {
  readonly id: string
  /** Claims whose answer is not there yet. */
  claims: number
  /** Lanes in hand. */
  readonly lanes: Set<string>
}

/** This node is number `nth`, from 0, of `of` that share what they may do together. */
export type Share = { nth: number; of: number }

export type Node = {
  /** The name to claim in; undefined when there is none that the others know to be alive: no new work may begin. */
  holder: () => Holder | undefined
  /** The answer to a claim or a release was lost: which lanes this name holds is not known. */
  doubt: (holder: Holder) => void
  /**
   * The parts of all nodes never add up to more than the whole. Undefined: none, as long as the others may not know that
   * we are there, or may have given us up.
   */
  share: () => Share | undefined
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
  let share: Share | undefined
  /** By the store's clock: when everybody could see our name. */
  let listedAt = new Date(0)
  /** Doubtful names: they stay alive until what is in hand is done. */
  const former = new Map<string, Holder>()
  const listeners: (() => void)[] = []

  const join = async () => {
    const startedAt = performance.now()
    const holder: Holder = { id: newId(), claims: 0, lanes: new Set() }
    await sql`insert into nodes (id) values (${holder.id})`
    const [listed] = await sql<{ at: Date }[]>`select clock_timestamp() as at, pg_notify(${CHANNEL}, '')`
    listedAt = listed?.at ?? new Date(0)
    share = undefined
    current = holder
    beatAt = startedAt
    return holder
  }
  const lookAround = async () => {
    const listed = await sql<{ id: string; silentMs: number; knowsUs: boolean }[]>`
      select id, extract(epoch from clock_timestamp() - seen_at)::float8 * 1000 as silent_ms,
        seen_at > ${listedAt} as knows_us
      from nodes order by id`
    const names = listed.filter(({ id }) => !former.has(id))
    const others = names.filter(({ id }) => id !== current?.id)
    // Who says that it lives looks around right after. Who is silent begins nothing before it has done so.
    const isKnown = others.every(({ knowsUs, silentMs }) => knowsUs || silentMs > UNSURE_MS)
    const nth = names.findIndex(({ id }) => id === current?.id)
    if (nth >= 0 && (isKnown || share)) share = { nth, of: names.length }
    return others
  }
  /** Gives up the silent ones; answers after how long another one will have been silent for too long. */
  const giveUp = async (others: { id: string; silentMs: number }[]) => {
    const silent = others.filter(({ silentMs }) => silentMs >= SILENCE_MS).map(({ id }) => id)
    const freed = silent.length > 0 ? await leave(sql, silent, SILENCE_MS) : 0
    if (freed > 0) for (const listener of listeners) listener()
    const longest = others.map(({ silentMs }) => silentMs).filter((ms) => ms < SILENCE_MS)
    return SILENCE_MS - Math.max(0, ...longest)
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
  /** After an outage of the store every node was silent: the others get a beat's time before they are judged. */
  let judgesFrom: number | undefined = 0
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
      const others = await lookAround()
      await retire()
      judgesFrom ??= performance.now() + BEAT_MS
      const untilNextMs = performance.now() >= judgesFrom ? await giveUp(others) : BEAT_MS
      lookAgainIn(Math.min(untilNextMs, share ? BEAT_MS : SETTLE_LOOK_MS))
    } catch (error) {
      judgesFrom = undefined
      onError(error)
    }
  }
  const next = () => {
    beating = beating.then(beat)
  }
  let sooner: NodeJS.Timeout | undefined
  /** Before the next beat, when that is due later. */
  const lookAgainIn = (ms: number) => {
    clearTimeout(sooner)
    if (ms < BEAT_MS) sooner = setTimeout(next, Math.ceil(ms))
  }
  const timer = setInterval(next, BEAT_MS)
  const isSure = () => !stopped && performance.now() - beatAt < UNSURE_MS
  const listening = alone ? undefined : await sql.listen(CHANNEL, next)
  await lookAround()
  if (!share) lookAgainIn(SETTLE_LOOK_MS)

  return {
    holder: () => (isSure() ? current : undefined),
    doubt(holder) {
      if (holder !== current) return
      former.set(holder.id, holder)
      current = undefined
      setTimeout(next, REJOIN_AFTER_MS)
    },
    share: () => (isSure() && current ? share : undefined),
    onFreed: (listener) => listeners.push(listener),
    async stop() {
      stopped = true
      clearInterval(timer)
      await beating
      clearTimeout(sooner)
      // It ends with the pool at the latest: nobody waits for it.
      listening?.unlisten().catch(() => {})
      await leave(sql, [...(current ? [current.id] : []), ...former.keys()])
      await sql`select pg_notify(${CHANNEL}, '')`
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
