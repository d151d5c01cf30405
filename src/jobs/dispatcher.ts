/**
 * Runs the queue's work on this node: claims due lanes, runs each lane's jobs one after the other and many lanes side by
 * side, and lets the lanes go. A handler writes its result and the job's end in one transaction of its own and says here
 * only what became of the job; a handler that throws is tried again later, with its lane waiting behind it.
 */
import type { Sql } from '#store/connection.ts'
import { gather } from '#store/gather.ts'
import { backOff } from './back-off.ts'
import { type ClaimedLane, claim, type Release, release } from './claim.ts'
import type { Node } from './node.ts'
import { type Job, type JobKind, type PutBack, putBack } from './queue.ts'
import type { Wake } from './wake.ts'

/** `done`: the job is gone, the lane may go on. `put back`: it waits, and its lane with it. */
export type JobResult = 'done' | 'put back'

export type Worker = {
  kind: JobKind
  /** Lanes at work at the same time on this node. */
  concurrency: number
  run: (job: Job) => Promise<JobResult>
}

export type Dispatcher = {
  /** Takes no more work, waits for what is in hand at most `withinMs`, gives the rest back. */
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
  return {
    async stop(withinMs) {
      clearInterval(timer)
      await Promise.all(loops.map((loop) => loop.stop(withinMs)))
    },
  }
}

function startLoop({ kind, concurrency, run }: Worker, { sql, node, wake, onError }: DispatcherDeps) {
  /** Claimed ahead, so that a lane that ends is followed at once by the next. */
  const maxHeld = concurrency * 4
  let held = 0
  let working = 0
  let claiming = false
  let again = false
  let stopping = false
  let idle: (() => void) | undefined
  const ready: { claimed: ClaimedLane; nodeId: string }[] = []

  const letGo = gather<Release & { nodeId: string }, undefined>(
    async (items) => {
      for (const nodeId of new Set(items.map((each) => each.nodeId))) {
        const own = items.filter((each) => each.nodeId === nodeId)
        // A lane that got followers while it was ours: its wake-up call has been heard already, in vain.
        if ((await release(sql, nodeId, own)) > 0) wake.say([kind])
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

  const claimMore = async () => {
    if (claiming || stopping || !node.holds()) {
      again = claiming
      return
    }
    if (held > maxHeld / 2) return
    claiming = true
    again = false
    const nodeId = node.id()
    const wanted = maxHeld - held
    try {
      const lanes = await claim(sql, kind, nodeId, wanted)
      held += lanes.length
      for (const claimed of lanes) ready.push({ claimed, nodeId })
      if (lanes.length === wanted) again = true
    } catch (error) {
      onError(error)
    }
    claiming = false
    work()
    if (again) setImmediate(claimMore)
  }

  const work = () => {
    while (working < concurrency && ready.length > 0) {
      const next = ready.shift() as (typeof ready)[number]
      working += 1
      runLane(next.claimed, next.nodeId)
        .catch((error) => onError(error))
        .finally(() => {
          working -= 1
          held -= 1
          work()
          if (held <= maxHeld / 2 && again) claimMore()
          if (working === 0) idle?.()
        })
    }
  }

  const runLane = async ({ lane, version, jobs, more }: ClaimedLane, nodeId: string) => {
    let waits = false
    let unfinished = more
    for (const job of jobs) {
      // Given up by the others, or asked to stop: the rest of the lane is for its next holder.
      if (stopping || !node.holds() || node.id() !== nodeId) {
        unfinished = true
        break
      }
      const result = await run(job).catch(async (error): Promise<JobResult> => {
        onError(error, job)
        await delay({ job, afterMs: backOff(1000, job.attempt) })
        return 'put back'
      })
      if (result === 'put back') {
        waits = true
        break
      }
    }
    await letGo({ lane, version, empty: !waits && !unfinished, putBack: waits, nodeId })
  }

  return {
    kind,
    wake: () => {
      claimMore()
    },
    async stop(withinMs: number) {
      stopping = true
      ready.length = 0
      if (working === 0) return
      let timer: NodeJS.Timeout | undefined
      await Promise.race([
        new Promise<void>((resolve) => {
          idle = resolve
        }),
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, withinMs)
        }),
      ])
      clearTimeout(timer)
    },
  }
}
