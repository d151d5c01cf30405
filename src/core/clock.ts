/** The time, injected, so that tests and the sandbox can move it. */
export type Clock = { now: () => Date }

/** What the shared clock says when `performance.now()` says 0. */
let zeroAtMs = performance.timeOrigin

/**
 * The clock that all nodes share: the store's, as far as this process has heard of it (`hearTime`), carried on by one
 * that nobody sets. Whatever nodes compare with each other, such as ids and expiries, is dated by it, because the clock
 * of a machine may be wrong by minutes. Before the store was heard it is the machine's own.
 */
export const sharedClock: Clock = { now: () => new Date(sharedNowMs()) }

export const sharedNowMs = (): number => zeroAtMs + performance.now()

/**
 * The store's clock said `storeMs` at some moment between `askedAtMs` and `answeredAtMs` of `performance.now()`. What
 * fits into that is left as it is, so that a slow answer cannot spoil what a quick one has told.
 */
export function hearTime(storeMs: number, askedAtMs: number, answeredAtMs: number): void {
  const [earliestMs, latestMs] = [storeMs - answeredAtMs, storeMs - askedAtMs]
  if (zeroAtMs < earliestMs || zeroAtMs > latestMs) zeroAtMs = (earliestMs + latestMs) / 2
}
