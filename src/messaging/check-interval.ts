const HOUR_MS = 3_600_000
const CHECK_EVERY_HOURS = 6

/** Until a sender is looked at again. Spread, so that what was connected together is not looked at together for ever. */
export const nextCheckInMs = (): number => CHECK_EVERY_HOURS * HOUR_MS * (0.9 + Math.random() * 0.2)
