/** What waits in an account: messages of people that its server has not heard of, sends, and status callbacks. */
import type { Id } from '#core/ids.ts'
import { type Depth, depthOfGroups, depthOfLanes } from '#jobs/queue-depth.ts'
import { contactKey } from '#store/contacts.ts'
import type { Flow } from './flow.ts'
import { sendsOf } from './lanes.ts'

export type QueueDepths = Record<'callbacks' | 'sends' | 'statuses', Depth & { atLeast: boolean }>

/** Beyond so many the answer is "at least"; also of the oldest one. */
const MOST = 10_000

export async function measureQueues(flow: Flow, senderIds: readonly Id[]): Promise<QueueDepths> {
  const told = (depth: Depth) => ({ ...depth, atLeast: depth.waiting >= MOST })
  const callbacks = senderIds.map((senderId) => `in:${contactKey({ senderId, address: '' })}`)
  return {
    callbacks: told(await depthOfLanes(flow.sql, callbacks, MOST)),
    sends: told(await depthOfLanes(flow.sql, senderIds.map(sendsOf), MOST)),
    statuses: told(await depthOfGroups(flow.sql, 'report-status', senderIds, MOST)),
  }
}
