/**
 * Scheduled messages whose time has come. Comes in: a look at the schedule every second, on every node that dispatches.
 * Goes out, in one transaction per set: the messages in their lanes, with their status callbacks; those that must not be
 * sent any more fail. The schedule's rows go in the same transaction, so nothing is sent twice, and nothing forgotten.
 */

import { errorText } from '#core/error-codes.ts'
import type { NewJob } from '#jobs/queue.ts'
import type { NewAlert } from '#store/alerts.ts'
import type { Tx } from '#store/connection.ts'
import { contactKey, findOptedOut } from '#store/contacts.ts'
import type { StatusMove } from '#store/messages.ts'
import { type DueMessage, isAnythingDue, takeDue } from '#store/scheduled.ts'
import { alertOf } from './alert.ts'
import type { Flow } from './flow.ts'
import { conversationOf, jobOf } from './lanes.ts'

const LOOK_EVERY_MS = 1000
const SET = 250

export type Released = { count: number; jobs: NewJob[]; statuses: StatusMove[]; alerts: NewAlert[] }

/** In the caller's transaction, which writes what is answered. In the order in which they are due. */
export async function releaseDue(tx: Tx, limit: number): Promise<Released> {
  const due = limit > 0 ? await takeDue(tx, limit) : []
  const { optedOut, present } = await findOptedOut(tx, due.map(conversationOf))
  const released: Released = { count: due.length, jobs: [], statuses: [], alerts: [] }
  for (const message of due) {
    const { accountSid, id: messageId } = message
    const code = mistakeOf(message, optedOut)
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

/** Answers how to stop: what is under way is waited for. */
export function startReleases(flow: Flow): () => Promise<void> {
  let stopped = false
  const look = async () => {
    if (!(await isAnythingDue(flow.sql))) return
    for (let last = SET; last === SET && !stopped; ) {
      const result = await flow.commit({ due: SET })
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
