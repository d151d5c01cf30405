/** What is still to be done about a message: work in its lanes, for people who ask why nothing happens. */
import type { Id } from '#core/ids.ts'
import { findWaitingJobs } from '#jobs/waiting.ts'
import type { Tx } from '#store/connection.ts'
import type { Message } from '#store/messages.ts'
import { conversationOf, laneOfReplies, laneOfSends } from './lanes.ts'
import { reportJob } from './update-status.ts'

export type Waits = {
  what: 'callback' | 'send' | 'status' | 'action'
  /** Which one is told, of status callbacks. */
  status: string | null
  /** Tries so far that came to nothing. */
  attempts: number
  /** Earlier work of the same conversation, or status callbacks of the same message, that comes first. */
  ahead: number
  dueAt: Date
  isRunning: boolean
}

export async function whatWaits(sql: Tx, message: Message): Promise<Waits[]> {
  const laneOf = (target: 'status' | 'action') => reportJob(message, target, '').lane
  const conversation = conversationOf(message)
  const lanes: [what: Waits['what'], lane: string][] =
    message.direction === 'inbound'
      ? [['callback', laneOfReplies(conversation)]]
      : [
          ['send', laneOfSends(conversation)],
          ['status', laneOf('status')],
          ['action', laneOf('action')],
        ]
  const whatOf = new Map(lanes.map(([what, lane]) => [lane, what]))
  const found = await findWaitingJobs(sql, [...whatOf.keys()], message.id satisfies Id)
  return found.map(({ lane, data, attempt, ahead, dueAt, isHeld }) => ({
    what: whatOf.get(lane) as Waits['what'],
    status: typeof data.status === 'string' ? data.status : null,
    attempts: attempt,
    ahead,
    dueAt,
    isRunning: isHeld && ahead === 0,
  }))
}
