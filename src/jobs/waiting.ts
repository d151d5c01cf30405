/** What waits in certain lanes. */
import type { Tx } from '#store/connection.ts'
import type { Job, JobKind } from './queue.ts'

export type WaitingJob = {
  kind: JobKind
  lane: string
  data: Job['data']
  /** How often it has been put back so far. */
  attempt: number
  /** Jobs of its lane that come first. */
  ahead: number
  /** The lane's first job runs then, or when a node is free for it. */
  dueAt: Date
  /** In a node's hands. */
  isHeld: boolean
}

/** A person who floods has more; what is that far behind is not looked for. */
const LOOKED_AT = 1_000

/** Of the lanes' first jobs, in order, those about this message. */
export async function findWaitingJobs(sql: Tx, lanes: readonly string[], messageId: string): Promise<WaitingJob[]> {
  return await sql<WaitingJob[]>`
    select l.kind, l.lane, j.data, j.attempt, j.ahead::integer, l.due_at, l.node_id is not null as is_held
    from unnest(${[...lanes]}::text[]) with ordinality as named(lane, nth)
    join lanes l on l.lane = named.lane
    cross join lateral (
      select data, attempt, row_number() over (order by id) - 1 as ahead from (
        select * from jobs where jobs.lane = l.lane order by id limit ${LOOKED_AT}
      ) first
    ) j
    where j.data ->> 'messageId' = ${messageId}
    order by named.nth, j.ahead`
}
