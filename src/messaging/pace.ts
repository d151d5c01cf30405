/**
 * Keeps a sender below its provider's limits, so that they are never hit. Every call takes its turn here before it is
 * written down. The nodes share the turns: time is cut into turns by the clock that all of them share, and every n-th is
 * this node's, so that they need not ask each other. What the provider says of its own count slows the sender down from
 * `SLOW_FROM_PERCENT` on.
 */
import type { Usage } from '#core/channel.ts'
import { sharedNowMs } from '#core/clock.ts'

/** Calls that leave evenly do not arrive evenly: some are 50 ms late and meet those behind them. */
const SAFETY = 0.9
/** A turn may be used so much later. Together this keeps any second, wherever it begins, below the allowance. */
const LATE_MS = 30
const SLOW_FROM_PERCENT = 80
/** What the provider said is forgotten after this. */
const USAGE_MS = 5 * 60_000
const MAX_SENDERS = 10_000
/** Without a share we ask so often for one. */
const SHARE_LOOK_MS = 25
/** A timer's own grain. */
const GRAIN_MS = 1

type Rate = { kind: string; perSecond: number }
/** We are number `nth`, from 0, of `of` nodes that send. */
type Share = { nth: number; of: number }

export type Pace = {
  /**
   * Resolves when the sender's turn for a call of this kind has come; in the order of the calls. False when it has not
   * come within `withinMs`: then none is used up.
   */
  turn: (senderId: string, rate: Rate, withinMs?: number) => Promise<boolean>
  /**
   * Just before the call itself: calls that had their turns and were held up since, by a slow store or because this
   * process stood still, do not go all at once.
   */
  spread: (senderId: string, rate: Rate) => Promise<void>
  learn: (senderId: string, usage: Usage) => void
}

export type PaceDeps = {
  /** Undefined: nothing may be sent now. */
  share: () => Share | undefined
  /** Milliseconds of a clock that never goes back. */
  nowMs?: () => number
  /** Milliseconds of the clock that all nodes share. */
  sharedMs?: () => number
  sleep?: (ms: number) => Promise<void>
}

export function createPace(deps: PaceDeps): Pace {
  const { share, nowMs = () => performance.now(), sharedMs = sharedNowMs, sleep = sleepMs } = deps
  const learned = new Map<string, { factor: number; untilMs: number }>()
  const factorOf = (senderId: string) => {
    const known = learned.get(senderId)
    return known && known.untilMs > nowMs() ? known.factor : 1
  }
  const turns = createLines({ share, nowMs, sleep }, (senderId, { perSecond }, from, { nth, of }) => {
    const turnMs = 1000 / (perSecond * SAFETY * factorOf(senderId))
    const at = of === 1 ? from : nextTurn(from, turnMs, nth, of, sharedMs() - nowMs())
    return { at, nextFrom: at + turnMs }
  })
  const calls = createLines({ share, nowMs, sleep }, (_senderId, { perSecond }, from, { of }) => {
    return { at: from, nextFrom: from + (1000 * of) / (perSecond * SAFETY) }
  })
  return {
    async turn(senderId, rate, withinMs) {
      if (withinMs === undefined) return await turns(senderId, rate)
      const late = sleep(withinMs).then(() => false)
      return await Promise.race([turns(senderId, rate, nowMs() + withinMs), late])
    },
    async spread(senderId, rate) {
      await calls(senderId, rate)
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

/** Turns count from 1970 on the shared clock, which is `aheadMs` ahead of ours; those with `nth` left over are ours. */
function nextTurn(from: number, turnMs: number, nth: number, of: number, aheadMs: number): number {
  const next = Math.ceil((from + aheadMs) / turnMs - 1e-3)
  const own = next + ((((nth - next) % of) + of) % of)
  return own * turnMs - aheadMs
}

/** When the first in the line may go, not before `from`, and from when on the one behind it. */
type Timing = (senderId: string, rate: Rate, from: number, share: Share) => { at: number; nextFrom: number }
/** `waiting` ends with the one who came last. */
type Line = { from: number; waiting: (() => void)[] }

/**
 * One line per sender and kind. Nobody is given a time before being first in it: what holds then decides, as the share
 * may have become smaller meanwhile.
 */
function createLines({ share, nowMs, sleep }: Required<Omit<PaceDeps, 'sharedMs'>>, timing: Timing) {
  const lines = new Map<string, Line>()
  const lineOf = (key: string): Line => {
    const known = lines.get(key)
    if (known) return known
    if (lines.size >= MAX_SENDERS) {
      for (const [each, { from, waiting }] of lines) if (waiting.length === 0 && from < nowMs()) lines.delete(each)
    }
    const line = { from: 0, waiting: [] }
    lines.set(key, line)
    return line
  }
  /** 0: the first may go, and has now gone. Else how long it has to wait. */
  const go = (line: Line, senderId: string, rate: Rate): number => {
    const own = share()
    if (!own) return SHARE_LOOK_MS
    const now = nowMs()
    const { at, nextFrom } = timing(senderId, rate, Math.max(line.from, now - LATE_MS), own)
    if (at > now + GRAIN_MS) return at - now
    line.from = nextFrom
    return 0
  }
  return async (senderId: string, rate: Rate, untilMs = Number.POSITIVE_INFINITY): Promise<boolean> => {
    const line = lineOf(`${senderId} ${rate.kind}`)
    if (line.waiting.length > 0) await new Promise<void>((resolve) => line.waiting.push(resolve))
    else {
      if (go(line, senderId, rate) === 0) return true
      line.waiting.push(() => {})
    }
    let isGone = false
    while (!isGone && nowMs() < untilMs) {
      const waitMs = go(line, senderId, rate)
      if (waitMs > 0) await sleep(waitMs)
      else isGone = true
    }
    line.waiting.shift()
    line.waiting[0]?.()
    return isGone
  }
}

/** Keeps no process alive: whoever stops has handed back what waits here. */
const sleepMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref())
