/** A backlog, made while nobody sends, and then worked off by one node: how fast, and with how much memory all the way. */
import { setTimeout as wait } from 'node:timers/promises'
import { type Bench, check, drained, type Figure, forgetSends, job, sentAtMeta, withGateway } from './bench.ts'
import { load, median } from './processes.ts'
import { memoryMb } from './usage.ts'
import { createRequests } from './world.ts'

const MAX_MB = 250
const LOOK_EVERY_MS = 250
/** Slower than this, something stands still. */
const SLOWEST_PER_SECOND = 100
const CURVE_POINTS = 60

export async function backlog(bench: Bench, size: number): Promise<Figure[]> {
  await withGateway(bench, { PAGEWIRE_ROLES: 'web' }, async (gateway) => {
    const result = await load(job(gateway.port, createRequests(gateway.port, 4000), size))
    check(result, '201', size)
    bench.log(`backlog: ${size} made in ${Math.round(result.seconds)} s`)
  })
  await forgetSends(bench)
  return await withGateway(bench, {}, async (gateway, sql) => {
    const startedAt = performance.now()
    const elapsedS = () => (performance.now() - startedAt) / 1000
    const samples: { atS: number; mb: number; left: number }[] = []
    for (let left = size; left > 0; ) {
      left = size - (await sentAtMeta(bench))
      samples.push({ atS: elapsedS(), mb: await memoryMb(gateway.process.pid), left })
      if (elapsedS() > size / SLOWEST_PER_SECOND) throw new Error(`the backlog does not drain: ${left} left`)
      await wait(LOOK_EVERY_MS)
    }
    await drained(sql)
    return report(size, elapsedS(), samples)
  })
}

function report(size: number, seconds: number, samples: NonNullable<Figure['curve']>): Figure[] {
  const most = Math.max(...samples.map(({ mb }) => mb))
  // By what is left, not by time: the start is warmed up when a fifth is done.
  const between = (from: number, to: number) =>
    samples.filter(({ left }) => left <= size * (1 - from) && left > size * (1 - to))
  const [early, late] = [between(0.2, 0.5), between(0.7, 1)]
  const middle = (part: typeof samples) => median(part.map(({ mb }) => mb))
  const rate = (part: typeof samples) => {
    const [first, last] = [part[0], part.at(-1)]
    return first && last && last.atS > first.atS ? (first.left - last.left) / (last.atS - first.atS) : 0
  }
  const step = Math.max(1, Math.ceil(samples.length / CURVE_POINTS))
  const name = `a backlog of ${size.toLocaleString('en')}`
  return [
    {
      name: `${name}: drain`,
      unit: 'per second',
      pagewire: size / seconds,
      note: `in ${Math.round(seconds)} s; ${Math.round(rate(early))}/s with much left, ${Math.round(rate(late))}/s with little`,
    },
    {
      name: `${name}: memory at most`,
      unit: 'MB',
      pagewire: most,
      bound: { value: MAX_MB, kept: most < MAX_MB },
      curve: samples.filter((_, index) => index % step === 0),
    },
    {
      name: `${name}: memory with little left`,
      unit: 'MB',
      pagewire: middle(late),
      // It may shrink, it may not grow: what it was with much left, in shares of what it is.
      against: { name: 'with much left', value: middle(early), ratio: middle(early) / middle(late), reach: 0.9 },
    },
  ]
}
