import { setTimeout as wait } from 'node:timers/promises'

/** Asks until the answer is neither undefined nor false, every 20 ms, at most `withinMs`. For what no event announces. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 10_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await wait(20)
  }
}
