/**
 * Scheduled messages whose time has come. Comes in: a look at the schedule every second, on every node that dispatches.
 * Goes out, in one transaction per set: the messages in their lanes, with their status callbacks; those that must not be
 * sent any more, or whose sender's queue is full, fail. The schedule's rows go in the same transaction, so nothing is sent
 * twice, and nothing forgotten.
 */

import { errorText } from '#core/error-codes.ts'
import type { Id } from '#core/ids.ts'
import type { NewJob } from '#jobs/queue.ts'
import type { NewAlert } from '#store/alerts.ts'
import type { Tx } from '#store/connection.ts'
import { contactKey, findReceivers } from '#store/contacts.ts'
import type { StatusMove } from '#store/messages.ts'
import { countDue, type DueMessage, takeDue } from '#store/scheduled.ts'
import { alertOf } from './alert.ts'
import type { Flow } from './flow.ts'
import { conversationOf, jobOf } from './lanes.ts'

const LOOK_EVERY_MS = 1000
const SET = 250

/**
 * At most so many messages, and of these senders so many. Places are taken before the transaction: it must not wait for a
 * queue to be counted. A sender that is not named here has become due since, and has room.
 */
export type Release = { limit: number; places: ReadonlyMap<Id, number> }

export type Released = { count: number; jobs: NewJob[]; statuses: StatusMove[]; alerts: NewAlert[] }

/** In the caller's transaction, which writes what is answered. In the order in which they are due. */
export async function releaseDue(tx: Tx, release: Release | undefined): Promise<Released> {
  const due = release ? await takeDue(tx, release.limit) : []
  const { optedOut, present } = await findReceivers(tx, due.map(conversationOf))
  // A copy: a transaction that fails is tried again with the same places.
  const places = new Map(release?.places)
  const released: Released = { count: due.length, jobs: [], statuses: [], alerts: [] }
  for (const message of due) {
    const { accountSid, id: messageId } = message
    const code = mistakeOf(message, optedOut) ?? (takePlace(places, message) ? undefined : 30001)
    if (code === undefined) {
      released.statuses.push({ accountSid, messageId, to: 'queued' })
      released.jobs.push(jobOf({ ...message, direction: 'outbound-api' }, present))
    } else {
      released.statuses.push({ accountSid, messageId, to: 'failed', errorCode: code, errorText: errorText(code) })
      released.alerts.push(alertOf(message, code, null))
    }
  }
  return released
}

function mistakeOf(message: DueMessage, optedOut: ReadonlySet<string>): number | undefined {
  if (!message.hasService) return 21701
  return optedOut.has(contactKey(conversationOf(message))) ? 21610 : undefined
}

function takePlace(places: Map<Id, number>, { senderId }: DueMessage): boolean {
  const left = places.get(senderId)
  if (left === undefined) return true
  places.set(senderId, left - 1)
  return left > 0
}

/** Undefined: nothing is due. */
async function nextRelease({ sql, queueLimit }: Pick<Flow, 'sql' | 'queueLimit'>): Promise<Release | undefined> {
  const due = await countDue(sql, SET)
  const places = new Map<Id, number>()
  for (const { senderId, messages } of due) {
    const taken = await Promise.all(Array.from({ length: messages }, () => queueLimit.takePlace(senderId)))
    places.set(senderId, taken.filter(Boolean).length)
  }
  return due.length > 0 ? { limit: SET, places } : undefined
}

/** Answers how to stop: what is under way is waited for. */
export function startReleases(flow: Flow): () => Promise<void> {
  let stopped = false
  const look = async () => {
    for (let last = SET; last === SET && !stopped; ) {
      const due = await nextRelease(flow)
      if (!due) return
      const result = await flow.commit({ due })
      last = result.outcome === 'kept' ? (result.released ?? 0) : 0
    }
  }
  let looking: Promise<void> | undefined
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error) => flow.log.warn({ err: error }, 'the schedule could not be looked at'))
      .finally(() => {
        looking = undefined
      })
  }, LOOK_EVERY_MS)
  return async () => {
    stopped = true
    clearInterval(timer)
    await looking
  }
}
