/**
 * What follows a provider's refusal that concerns the whole sender: it is paused in the store, and this keeps back what
 * has been read before that was known. When the pause is over one call goes as a trial, and only its success lets the
 * others follow: a thousand messages that became due with it must not all be refused, as every refused call counts.
 */
import type { Id } from '#core/ids.ts'

/** A trial that is not answered within this is followed by the next. */
const TRIAL_MS = 5000
/** What was read of the sender before the refusal is not believed after this. */
const STALE_MS = 1000
const MAX_SENDERS = 10_000

export type Trials = {
  /** May a call be prepared? False, after a while perhaps: all that was decided about it is to be decided anew. */
  admit: (senderId: Id) => Promise<boolean>
  /** Has a call of the sender been refused since then? Times are `performance.now()`, of `admit`'s answer. */
  refusedSince: (senderId: Id, admittedAt: number) => boolean
  /** Answers how many trials in a row have been refused: 0 for the first refusal, and for calls that it overtook. */
  refused: (senderId: Id, admittedAt: number, code: number) => number
  accepted: (senderId: Id, admittedAt: number) => void
  /** The error code of the sender's last refusal, if that was within so long: what those wait for that were not tried. */
  codeWithin: (senderId: Id, ms: number) => number | undefined
}

type Trouble = {
  refusedAt: number
  code: number
  trials: number
  nextTrialAt: number
  settled: PromiseWithResolvers<boolean>
}

export function createTrials(nowMs: () => number = () => performance.now(), sleep = sleepMs): Trials {
  const troubles = new Map<Id, Trouble>()
  const next = (trouble: Trouble, inMs: number) => {
    trouble.settled.resolve(false)
    trouble.settled = Promise.withResolvers()
    trouble.nextTrialAt = nowMs() + inMs
  }
  return {
    async admit(senderId) {
      const trouble = troubles.get(senderId)
      if (!trouble) return true
      const waitMs = trouble.nextTrialAt - nowMs()
      if (waitMs > 0) return await Promise.race([trouble.settled.promise, sleep(waitMs).then(() => false)])
      next(trouble, TRIAL_MS)
      return true
    },
    refusedSince: (senderId, admittedAt) => admittedAt < (troubles.get(senderId)?.refusedAt ?? 0),
    refused(senderId, admittedAt, code) {
      const known = troubles.get(senderId)
      if (!known && troubles.size >= MAX_SENDERS) troubles.clear()
      const trouble = known ?? { refusedAt: 0, code, trials: 0, nextTrialAt: 0, settled: Promise.withResolvers() }
      if (known && admittedAt >= known.refusedAt) trouble.trials += 1
      Object.assign(trouble, { refusedAt: nowMs(), code })
      next(trouble, STALE_MS)
      troubles.set(senderId, trouble)
      return trouble.trials
    },
    accepted(senderId, admittedAt) {
      const trouble = troubles.get(senderId)
      if (!trouble || admittedAt < trouble.refusedAt) return
      troubles.delete(senderId)
      trouble.settled.resolve(true)
    },
    codeWithin(senderId, ms) {
      const trouble = troubles.get(senderId)
      return trouble && nowMs() - trouble.refusedAt <= ms ? trouble.code : undefined
    },
  }
}

const sleepMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref())
