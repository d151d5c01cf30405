/**
 * How much may wait for one sender. Comes in: a message that is about to be made. Goes out: that there is room, or what
 * becomes of it when there is none. Must cost the way of a message nothing: it asks memory, and the store only where the
 * queue may be full, or now and then in the background.
 *
 * What waits is a sender's `send-message` jobs. Each node keeps an estimate per sender: what was counted last and what
 * the node has let in since. It forgets what was sent meanwhile, so a queue that reaches the limit by estimate is counted
 * before anything is refused. What other nodes let in it learns by counting again, the sooner the less room there was:
 * `FASTEST` messages a second, which is more than a cluster takes, cannot fill it before. So the limit may be exceeded
 * by what all nodes let in within `SOONEST_MS` and the time of a count (2 s per million waiting messages, 2026-11), by
 * what is on its way into the store just then, and by the confirmations of STOP. What is full takes messages again when a
 * hundredth of it is free. A scheduled message takes its place when it is due (release-scheduled.ts).
 */
import { errorText } from '#core/error-codes.ts'
import { ApiError } from '#core/errors.ts'
import type { Id } from '#core/ids.ts'
import { isKeyTaken } from '#store/idempotency.ts'
import type { NewMessage } from '#store/messages.ts'
import { alertOf } from './alert.ts'
import type { Unit } from './commit.ts'
import type { Flow } from './flow.ts'

/** Messages per millisecond. */
const FASTEST = 50
const SOONEST_MS = 1000
const LATEST_MS = 60_000
/** A full queue is counted again after so long, and after ten times as long as a count takes. */
const FULL_LOOK_MS = 100
const MAX_SENDERS = 20_000

export type QueueLimit = {
  /** Is there room for one more message of this sender? It is taken. Only a promise where the store must be asked. */
  takePlace: (senderId: Id) => boolean | Promise<boolean>
}

export type QueueLimitDeps = {
  limit: number
  /** How many messages of the sender wait; `atMost` stands for more. */
  count: (senderId: Id, atMost: number) => Promise<number>
  /** A count failed: whoever waited for it is let in. */
  onError: (error: unknown) => void
  nowMs?: () => number
}

type Queue = {
  /** At least so many as we know of. */
  waiting: number
  /** Refused until then, without asking anybody. */
  fullUntil: number
  countAgainAt: number
  counting: Promise<void> | undefined
}

export function createQueueLimit({
  limit,
  count,
  onError,
  nowMs = () => performance.now(),
}: QueueLimitDeps): QueueLimit {
  const queues = new Map<Id, Queue>()
  const free = Math.max(1, Math.floor(limit / 100))

  const countAgain = (senderId: Id, queue: Queue): Promise<void> => {
    const before = queue.waiting
    const startedAt = nowMs()
    const counted = async () => {
      try {
        const found = await count(senderId, limit)
        const now = nowMs()
        // Let in while it was counted: in or not in what was found.
        queue.waiting = found + (queue.waiting - before)
        if (found > limit - free) {
          queue.waiting = limit
          queue.fullUntil = now + Math.max(FULL_LOOK_MS, 10 * (now - startedAt))
        }
        const room = Math.max(0, limit - queue.waiting)
        queue.countAgainAt = now + Math.min(LATEST_MS, Math.max(SOONEST_MS, room / FASTEST))
      } catch (error) {
        queue.countAgainAt = nowMs() + SOONEST_MS
        throw error
      } finally {
        queue.counting = undefined
      }
    }
    queue.counting ??= counted()
    return queue.counting
  }

  return {
    takePlace(senderId) {
      const queue = queues.get(senderId) ?? { waiting: 0, fullUntil: 0, countAgainAt: 0, counting: undefined }
      if (!queues.has(senderId)) {
        if (queues.size === MAX_SENDERS) queues.clear()
        queues.set(senderId, queue)
      }
      const now = nowMs()
      if (now < queue.fullUntil) return false
      const take = () => {
        if (queue.waiting >= limit) return false
        queue.waiting += 1
        return true
      }
      if (queue.waiting >= limit) {
        return countAgain(senderId, queue).then(take, (error) => {
          onError(error)
          return true
        })
      }
      if (now >= queue.countAgainAt && !queue.counting) countAgain(senderId, queue).catch(onError)
      return take()
    },
  }
}

type Overflow = Pick<Unit, 'statuses' | 'alerts'>

/**
 * What the unit of a message needs beside it when the queue is full: it fails (30001) instead of waiting, and no job is
 * made of it. Nothing when there is room. Throws for a create without a messaging service, which Twilio refuses at once
 * (twilio.md 2.2); not when its idempotency key was used, as it may be the repetition of one that was taken.
 */
export async function overflowOf(flow: Flow, message: NewMessage, idempotencyKey?: string): Promise<Overflow> {
  if (message.status === 'scheduled' || (await flow.queueLimit.takePlace(message.senderId))) return {}
  if (message.direction === 'outbound-api' && message.serviceId === null) {
    const { accountSid } = message
    if (idempotencyKey !== undefined && (await isKeyTaken(flow.sql, accountSid, idempotencyKey))) return {}
    throw new ApiError('queue_full')
  }
  const { accountSid, id: messageId } = message
  return {
    statuses: [{ accountSid, messageId, to: 'failed', errorCode: 30001, errorText: errorText(30001) }],
    alerts: [alertOf({ ...message, numMedia: message.media.length }, 30001, null)],
  }
}

export async function overflowOfAll(flow: Flow, messages: readonly NewMessage[]): Promise<Required<Overflow>> {
  const all = await Promise.all(messages.map((message) => overflowOf(flow, message)))
  return {
    statuses: all.flatMap(({ statuses = [] }) => statuses),
    alerts: all.flatMap(({ alerts = [] }) => alerts),
  }
}
