/** Keeps the shared clock (core/clock.ts) on the store's time. */
import { hearTime } from '#core/clock.ts'
import type { Sql } from './connection.ts'

const ASK_EVERY_MS = 5000
/** What comes later says little: the store's time is known no better than the answer took. */
const SLOW_MS = 50
const ASK_AGAIN_MS = 500

/** Comes back when the store was heard; answers how to stop asking. */
export async function keepTime(sql: Sql): Promise<() => void> {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const ask = async () => {
    const askedAtMs = performance.now()
    const [store] = await sql<{ nowMs: number }[]>`
      select extract(epoch from clock_timestamp())::float8 * 1000 as now_ms`
    if (store) hearTime(store.nowMs, askedAtMs, performance.now())
    return performance.now() - askedAtMs
  }
  const askAgain = (tookMs: number) => {
    if (stopped) return
    // While the store is away the clock goes on by itself.
    const next = () =>
      void ask()
        .catch(() => SLOW_MS + 1)
        .then(askAgain)
    timer = setTimeout(next, tookMs > SLOW_MS ? ASK_AGAIN_MS : ASK_EVERY_MS)
  }
  askAgain(await ask())
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
