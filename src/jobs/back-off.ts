const MAX_MS = 10 * 60_000

/** Doubles with every attempt from `baseMs` up to ten minutes (or `baseMs`, when that is more), give or take a quarter, so that retries spread. */
export function backOff(baseMs: number, attempt: number, random: () => number = Math.random): number {
  const grown = Math.min(Math.max(MAX_MS, baseMs), baseMs * 2 ** Math.min(attempt, 30))
  return grown * (0.75 + random() / 2)
}
