/** Carries out the plan's disruptions, and keeps a diary of what was broken from when to when. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Door } from '../door.ts'
import type { Database } from './database.ts'
import type { GatewayNode } from './nodes.ts'
import { type Disruption, describe } from './plan.ts'

/** On `Date.now()`'s clock. `untilMs`: when everything of it was whole again. */
export type Disturbance = { what: string; where: 'inside' | 'Meta'; fromMs: number; untilMs: number }

/** A SIGTERM must be obeyed within this (docs/ARCHITECTURE.md, "about ten seconds at most"). */
const END_WITHIN_MS = 10_500

export type Killer = {
  diary: Disturbance[]
  skipped: number
  problems: string[]
  /** Begins nothing more; comes back when everything is whole and every node is up. */
  heal: () => Promise<void>
}

export function releaseKiller(
  disruptions: Disruption[],
  nodes: GatewayNode[],
  database: Database,
  meta: Door,
  say: (line: string) => void,
): Killer {
  const healing = new AbortController()
  const running = new Set<Promise<void>>()
  const started = performance.now()
  const killer: Killer = { diary: [], skipped: 0, problems: [], heal }
  /** Ends early when the run does. */
  const pause = (ms: number) => wait(Math.max(0, ms), undefined, { signal: healing.signal }).catch(() => {})

  const carryOut = async (disruption: Disruption): Promise<void> => {
    if (isAtMeta(disruption)) {
      if (disruption.kind === 'refuse') meta.shut()
      else await meta.swallow()
      await pause(disruption.forMs)
      return meta.open()
    }
    if (!('node' in disruption)) {
      database.signal(disruption.kind === 'postmaster' ? 'SIGKILL' : 'SIGQUIT')
      await untilBack(database)
      return
    }
    const node = nodes[disruption.node] as GatewayNode
    switch (disruption.kind) {
      case 'kill':
        await node.kill()
        await pause(disruption.forMs)
        return node.start()
      case 'terminate': {
        const tookMs = await node.terminate()
        if (tookMs > END_WITHIN_MS) killer.problems.push(`${node.name} took ${Math.round(tookMs)} ms to obey a SIGTERM`)
        return node.start()
      }
      case 'stop':
        node.freeze()
        await pause(disruption.forMs)
        return node.thaw()
      case 'cut':
        node.cable.cut()
        await pause(disruption.forMs)
        return node.cable.mend()
      case 'freeze':
      case 'freeze and break':
        node.cable.freeze()
        await pause(disruption.forMs)
        return node.cable.mend(disruption.kind === 'freeze and break')
    }
  }

  /** What is being broken already is left alone, and the next free node takes its turn. */
  const busy = new Set<number | 'database' | 'Meta'>()
  const targetOf = (disruption: Disruption) => {
    if ('node' in disruption) return disruption.node
    return isAtMeta(disruption) ? 'Meta' : 'database'
  }
  const freeTarget = (wanted: Disruption): Disruption | undefined => {
    if (!('node' in wanted)) return busy.has(targetOf(wanted)) ? undefined : wanted
    const turns = nodes.map((_, index) => (wanted.node + index) % nodes.length)
    const node = turns.find((index) => !busy.has(index))
    return node === undefined ? undefined : { ...wanted, node }
  }
  const begin = (planned: Disruption) => {
    const disruption = freeTarget(planned)
    if (!disruption) {
      killer.skipped += 1
      return
    }
    const target = targetOf(disruption)
    busy.add(target)
    const disturbance: Disturbance = {
      what: describe(disruption),
      where: isAtMeta(disruption) ? 'Meta' : 'inside',
      fromMs: Date.now(),
      untilMs: Number.POSITIVE_INFINITY,
    }
    killer.diary.push(disturbance)
    say(disturbance.what)
    const done = carryOut(disruption)
      .catch((error: Error) => void killer.problems.push(`${disturbance.what}: ${error.message}`))
      .finally(() => {
        disturbance.untilMs = Date.now()
        busy.delete(target)
        running.delete(done)
      })
    running.add(done)
  }

  const timetable = (async () => {
    for (const disruption of disruptions) {
      await pause(disruption.atMs - (performance.now() - started))
      if (healing.signal.aborted) return
      begin(disruption)
    }
  })()

  async function heal(): Promise<void> {
    healing.abort()
    await timetable
    await Promise.all(running)
    await untilBack(database)
  }
  return killer
}

const isAtMeta = ({ kind }: Disruption): boolean => kind === 'refuse' || kind === 'black hole'

async function untilBack(database: Database): Promise<void> {
  const deadline = performance.now() + 60_000
  for (;;) {
    await wait(200)
    const answer = await Promise.race([database.sql`select 1`.catch(() => undefined), wait(2000)])
    if (answer) return
    if (performance.now() > deadline) throw new Error('PostgreSQL did not come back within 60 s')
  }
}
