/**
 * The ordered durable queue. Jobs go into lanes, in the caller's own transaction; a lane's jobs run one after the other
 * in the order of `enqueue`, also across retries and nodes. Lanes run in parallel. Nothing here decides what a job means.
 *
 * A lane's row exists while the lane has jobs. Its `version` grows with every enqueue: whoever wants to remove the lane
 * as empty names the version it saw, so that a job added meanwhile is never left without its lane.
 */
import { rows, type Tx } from '#store/connection.ts'

export type JobKind = 'call-customer' | 'send-message' | 'report-status' | 'fetch-profile'

export type NewJob = {
  kind: JobKind
  /** Work with the same lane keeps its order. One kind only per lane. */
  lane: string
  /** Whose work it is (the sender): to wake or pause all of one. */
  group: string
  data: JobData
  /** Not before this long from now. Only for the first job of a lane: the lane waits with its first job. */
  delayMs?: number
}

export type JobData = { accountSid: string; [key: string]: unknown }

export type Job = {
  kind: JobKind
  lane: string
  id: string
  data: JobData
  /** How often it has been put back so far. */
  attempt: number
  createdAt: Date
}

/** Adds jobs in the order given. Call `wake` after the commit. */
export async function enqueue(tx: Tx, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return
  const input = rows(jobs.map((job) => ({ ...job, delay: job.delayMs ?? 0 })))
  // Lanes first and sorted: whoever adds to the same lanes waits for us here, so ids within a lane follow the commits.
  await tx`
    with input as (
      select * from rows from (
        json_to_recordset(${input}::text::json) as (kind text, lane text, "group" text, delay bigint)
      ) with ordinality as j(kind, lane, "group", delay, nth)
    )
    insert into lanes (lane, kind, group_key, due_at)
    select distinct on (lane) lane, kind, "group", clock_now() + delay * interval '1 millisecond'
    from input order by lane, nth
    on conflict (lane) do update set version = lanes.version + 1`
  await tx`
    insert into jobs (lane, data)
    select lane, data from rows from (json_to_recordset(${input}::text::json) as (lane text, data json))
      with ordinality as j(lane, data, nth)
    order by nth`
}

/**
 * The jobs are done: they go, their lanes move on when their holder lets go of them. Answers the ids of those that were
 * still there: what another holder of the lane has finished meanwhile must not be done a second time.
 */
export async function finish(tx: Tx, jobs: readonly Job[]): Promise<Set<string>> {
  if (jobs.length === 0) return new Set()
  const gone = await tx<{ id: string }[]>`
    delete from jobs j using json_to_recordset(${rows(jobs)}::text::json) as d(lane text, id bigint)
    where j.lane = d.lane and j.id = d.id
    returning j.id`
  return new Set(gone.map((job) => job.id))
}

export type PutBack = { job: Job; afterMs: number }

/** The jobs run again after a while, and with them the rest of their lanes. Their holder must then release the lanes. */
export async function putBack(tx: Tx, items: readonly PutBack[]): Promise<void> {
  if (items.length === 0) return
  const input = rows(items.map(({ job, afterMs }) => ({ lane: job.lane, id: job.id, after: Math.round(afterMs) })))
  await tx`
    with input as (
      select * from json_to_recordset(${input}::text::json) as d(lane text, id bigint, after bigint)
    ), counted as (
      update jobs j set attempt = attempt + 1 from input where j.lane = input.lane and j.id = input.id
    ), locked as (
      select l.lane, input.after from lanes l join input on l.lane = input.lane order by l.lane for update of l
    )
    update lanes l set due_at = clock_now() + locked.after * interval '1 millisecond'
    from locked where l.lane = locked.lane`
}

/** All waiting work of a group and kind is due now: what it waited for has come. Also what is in hand and put back already. */
export async function makeDue(tx: Tx, kind: JobKind, group: string): Promise<void> {
  await tx`
    update lanes set due_at = clock_now() where lane in (
      select lane from lanes where kind = ${kind} and group_key = ${group} and due_at > clock_now()
      order by lane for update)`
}

/** One lane's waiting work is due now. */
export async function makeLaneDue(tx: Tx, lane: string): Promise<void> {
  await tx`update lanes set due_at = clock_now() where lane = ${lane} and due_at > clock_now()`
}
