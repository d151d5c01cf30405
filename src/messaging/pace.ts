/**
 * Keeps a sender below its provider's limits, so that they are never hit. Every call takes its turn here first; turns of
 * one sender are spread evenly and in order. Several nodes share the allowance in equal parts. What the provider says of
 * its own count slows the sender down from `SLOW_FROM_PERCENT` on.
 */
import type { Usage } from '#core/channel.ts'

/** Our clock and the provider's differ, and so do the ends of their seconds. */
const SAFETY = 0.95
/** Turns that were not used are kept for so long. */
const BURST_MS = 100
const SLOW_FROM_PERCENT = 80
/** What the provider said is forgotten after this. */
const USAGE_MS = 5 * 60_000
const MAX_SENDERS = 10_000

export type Pace = {
  /** Resolves when the sender's turn for a call of this kind has come. */
  turn: (senderId: string, rate: { kind: string; perSecond: number }) => Promise<void>
  learn: (senderId: string, usage: Usage) => void
}

export type PaceDeps = {
  /** How many nodes send, this one included. */
  nodes: () => number
  /** Milliseconds of a clock that never goes back. */
  nowMs?: () => number
  sleep?: (ms: number) => Promise<void>
}

export function createPace({ nodes, nowMs = () => performance.now(), sleep = sleepMs }: PaceDeps): Pace {
  const nextAtMs = new Map<string, number>()
  const learned = new Map<string, { factor: number; untilMs: number }>()
  const factorOf = (senderId: string) => {
    const known = learned.get(senderId)
    return known && known.untilMs > nowMs() ? known.factor : 1
  }
  return {
    async turn(senderId, { kind, perSecond }) {
      const key = `${senderId} ${kind}`
      const now = nowMs()
      const intervalMs = 1000 / ((perSecond * SAFETY * factorOf(senderId)) / Math.max(1, nodes()))
      const turnAt = Math.max(nextAtMs.get(key) ?? 0, now - BURST_MS)
      if (nextAtMs.size >= MAX_SENDERS) forgetPast(nextAtMs, now)
      nextAtMs.set(key, turnAt + intervalMs)
      // A timer's own grain is a millisecond.
      if (turnAt > now + 1) await sleep(turnAt - now)
    },
    learn(senderId, { percent }) {
      if (percent < SLOW_FROM_PERCENT) learned.delete(senderId)
      else {
        const factor = Math.max(0.05, (100 - percent) / (100 - SLOW_FROM_PERCENT))
        learned.set(senderId, { factor: Math.min(1, factor), untilMs: nowMs() + USAGE_MS })
      }
    },
  }
}

function forgetPast(nextAtMs: Map<string, number>, now: number): void {
  for (const [key, at] of nextAtMs) if (at < now) nextAtMs.delete(key)
}

const sleepMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
