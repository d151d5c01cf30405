/**
 * Runs the queue's work on this node: claims due lanes, runs each lane's jobs one after the other and many lanes side by
 * side, and lets the lanes go. A handler writes its result and the job's end in one transaction of its own and says here
 * only what became of the job; a handler that throws is tried again later, with its lane waiting behind it.
 */
import type { Sql } from '#store/connection.ts'
import { gather } from '#store/gather.ts'
import { backOff } from './back-off.ts'
import { claim, type Release, release } from './claim.ts'
import { createFairQueue } from './fair-queue.ts'
import { createHands, type Hand } from './hands.ts'
import type { Holder, Node } from './node.ts'
import { makeOffer, noOffer, type Offer } from './offer.ts'
import { type ClaimedLane, type Job, type JobKind, type PutBack, putBack } from './queue.ts'
import type { Wake } from './wake.ts'

/** `done`: the job is gone, the lane may go on. `put back`: it waits, and its lane with it. */
export type JobResult = 'done' | 'put back'

export type Worker = {
  kind: JobKind
  /** Lanes at work at the same time on this node. */
  concurrency: number
  /** Of these, at most so many of one group: one that hangs must not hold up the others. */
  perGroup: number
  run: (job: Job) => Promise<JobResult>
}

export type Dispatcher = {
  /**
   * For a transaction that adds work: what it begins may be handed to this node at once. After the commit `keep` it,
   * after a failure `drop` it; one of them always.
   */
  offer: () => Offer
  /** Takes no more work and waits for what is in hand, at most `withinMs`. Lanes go back when the node leaves. */
  stop: (withinMs: number) => Promise<void>
}

const POLL_MS = 500

export type DispatcherDeps = {
  sql: Sql
  node: Node
  wake: Wake
  onError: (error: unknown, job?: Job) => void
}

export function startDispatcher(workers: Worker[], deps: DispatcherDeps): Dispatcher {
  const loops = workers.map((worker) => startLoop(worker, deps))
  deps.wake.listen((kind) => {
    for (const loop of loops) if (loop.kind === kind) loop.wake()
  })
  deps.node.onFreed(() => {
    for (const loop of loops) loop.wake()
  })
  const timer = setInterval(() => {
    for (const loop of loops) loop.wake()
  }, POLL_MS)
  const byKind = new Map(loops.map((loop) => [loop.kind, loop]))
  return {
    offer() {
      const holder = deps.node.holder()
      return holder ? makeOffer(holder, deps.node, deps.wake, byKind) : noOffer(deps.wake)
    },
    async stop(withinMs) {
      clearInterval(timer)
      await Promise.all(loops.map((loop) => loop.stop(withinMs)))
    },
  }
}

function startLoop({ kind, concurrency, perGroup, run }: Worker, { sql, node, wake, onError }: DispatcherDeps) {
  /** Claimed ahead, so that a lane that ends is followed at once by the next. */
  const maxHeld = concurrency * 4
  let again = false
  let stopping = false
  let claiming: Promise<void> | undefined
  let idle: (() => void) | undefined
  const ready = createFairQueue<Hand>({ perGroup, working: concurrency, held: 2 * maxHeld })
  const hands = createHands(maxHeld)
  /** There are free places, and nothing in hand that may take them. */
  let hungry = true
  /** Where the next claim begins, and what it may expect. */
  let after = ''
  let groups = 1
  const more = new Set<string>()

  const letGo = gather<Release & { group: string; holder: Holder }, undefined>(
    async (items) => {
      for (const holder of new Set(items.map((each) => each.holder))) {
        const own = items.filter((each) => each.holder === holder)
        try {
          const released = await release(sql, holder.id, own)
          // Lanes that got followers while they were ours: their wake-up calls have been heard already, in vain.
          const again = new Set(released.again)
          for (const { lane, group } of own) if (again.has(lane)) expect(group)
          if (again.size > 0) wake.tellOthers([kind])
          for (const lane of released.leftOver) onError(new Error(`a job of ${lane} was done but not finished`))
        } catch (error) {
          node.doubt(holder)
          onError(error)
        }
        for (const { lane } of own) holder.lanes.delete(lane)
      }
      return items.map(() => undefined)
    },
    { maxItems: 500, maxRunning: 1 },
  )
  const delay = gather<PutBack, undefined>(
    async (items) => {
      await putBack(sql, items)
      return items.map(() => undefined)
    },
    { maxItems: 500, maxRunning: 1 },
  )

  const claimMore = () => {
    again = true
    const holder = node.holder()
    // Many at a time: not before half of what was in hand is done, unless all of it belongs to groups that hang.
    if (claiming || stopping || !holder || (ready.held > maxHeld / 2 && !hungry)) return
    again = false
    claiming = claimFor(holder, Math.max(concurrency, maxHeld - ready.held))
      .catch((error) => {
        node.doubt(holder)
        onError(error)
      })
      .finally(() => {
        claiming = undefined
        work()
        if (again) setImmediate(claimMore)
      })
  }

  const claimFor = async (holder: Holder, wanted: number) => {
    holder.claims += 1
    try {
      // As many of each group as would fill our hands, if the groups are as many as last time.
      const share = Math.min(perGroup, Math.max(4, Math.ceil(wanted / groups)))
      const busy = ready.busy()
      const result = await claim(sql, { kind, nodeId: holder.id, limit: wanted, perGroup: share, busy, after })
      for (const claimed of result.lanes) hold(claimed, holder)
      if (result.lanes.length === wanted || result.after !== '') again = true
      noteMore(result.lanes, busy, share)
      after = result.after
      groups = Math.max(1, result.groups)
    } finally {
      holder.claims -= 1
    }
  }

  const hold = (claimed: ClaimedLane, holder: Holder) => {
    ready.push(claimed.group, claimed.urgent, hands.hold(claimed, holder))
  }

  /** Groups that may have more than we had room for: looked at again as soon as half of theirs is done. */
  const noteMore = (lanes: ClaimedLane[], busy: { group: string; room: number }[], share: number) => {
    const got = new Map<string, number>()
    for (const { group } of lanes) got.set(group, (got.get(group) ?? 0) + 1)
    for (const { group, room } of busy) if (room === 0) more.add(group)
    for (const [group, count] of got) {
      const room = busy.find((each) => each.group === group)?.room ?? perGroup
      if (count >= Math.min(share, room)) more.add(group)
      else more.delete(group)
    }
  }

  /** A group that has more than what is in hand. */
  const expect = (group: string) => {
    if (!ready.isHalfFree(group)) {
      more.add(group)
      return
    }
    more.delete(group)
    claimMore()
  }

  const work = () => {
    while (!stopping) {
      const next = ready.next()
      hungry = !next && ready.working < concurrency
      if (!next) break
      runLane(next)
        .catch((error) => onError(error))
        .finally(() => {
          const { group } = next.claimed
          ready.done(group)
          work()
          if (again) claimMore()
          else if (more.has(group)) expect(group)
          if (ready.working === 0) idle?.()
        })
    }
  }

  const runLane = async (hand: Hand) => {
    const { claimed, holder } = hand
    const { lane, group } = claimed
    let waits = false
    let unfinished = false
    // Others may follow while these run.
    for (const job of claimed.jobs) {
      // Given up by the others, or asked to stop: the rest of the lane is for its next holder.
      if (stopping || node.holder() !== holder) {
        unfinished = true
        break
      }
      const result = await runJob(job)
      if (result === 'done') continue
      if (result === 'put back') waits = true
      else unfinished = true
      break
    }
    hands.end(hand)
    const empty = !waits && !unfinished && !claimed.more
    await letGo({ lane, group, version: claimed.version, empty, putBack: waits, holder })
  }

  const runJob = async (job: Job): Promise<JobResult | 'failed'> => {
    try {
      return await run(job)
    } catch (error) {
      onError(error, job)
    }
    try {
      await delay({ job, afterMs: backOff(1000, job.attempt) })
      return 'put back'
    } catch (error) {
      onError(error, job)
      return 'failed'
    }
  }

  return {
    kind,
    wake: claimMore,
    expect,
    hasRoom: (group: string) => !stopping && ready.room(group) > 0,
    take(claimed: ClaimedLane, holder: Holder) {
      if (claimed.version !== '0') return hands.follow(claimed, holder)
      hold(claimed, holder)
      work()
    },
    async stop(withinMs: number) {
      stopping = true
      ready.clear()
      let timer: NodeJS.Timeout | undefined
      await Promise.race([
        Promise.all([claiming, ready.working > 0 && new Promise<void>((resolve) => (idle = resolve))]),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, withinMs)
        }),
      ])
      clearTimeout(timer)
    },
  }
}
