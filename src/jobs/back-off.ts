const MAX_MS = 10 * 60_000

/** Doubles with every attempt from `baseMs` up to ten minutes, give or take a quarter, so that retries spread. */
export function backOff(baseMs: number, attempt: number, random: () => number = Math.random): number {
  const grown = Math.min(MAX_MS, baseMs * 2 ** Math.min(attempt, 30))
  return grown * (0.75 + random() / 2)
}
