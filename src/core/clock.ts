/** The time, injected, so that tests and the sandbox can move it. */
export type Clock = { now: () => Date }

export const systemClock: Clock = { now: () => new Date() }
