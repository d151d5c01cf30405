/**
 * The ordered durable queue. Jobs go into lanes, in the caller's own transaction; a lane's jobs run one after the other
 * in the order of `enqueue`, also across retries and nodes. Lanes run in parallel. Nothing here decides what a job means.
 *
 * A lane's row exists while the lane has jobs. Its `version` grows with every enqueue: whoever wants to remove the lane
 * as empty names the version it saw, so that a job added meanwhile is never left without its lane.
 */
import { rows, type Tx } from '#store/connection.ts'

export type JobKind =
  | 'call-customer'
  | 'send-message'
  | 'report-status'
  | 'fetch-profile'
  | 'report-usage'
  | 'fetch-media'
  | 'report-alert'
  | 'replay-messages'

export type NewJob = {
  kind: JobKind
  /** Work with the same lane keeps its order. One kind only per lane. */
  lane: string
  /** Whose work it is (the sender): to wake or pause all of one. */
  group: string
  data: JobData
  /** Somebody waits for it now: it goes before the rest of its group. */
  urgent?: boolean
  /** Not before this long from now. Only for the first job of a lane: the lane waits with its first job. */
  delayMs?: number
  /** What is known of it already, for its handler on this node. In memory only: another node gets the job without. */
  known?: unknown
  /** What is known holds also when other jobs of the lane have run before it. Else only the first of a new lane keeps it. */
  knownLasts?: boolean
}

export type JobData = { accountSid: string; [key: string]: unknown }

/** A lane in this node's hands. `version` is the one it had when `jobs`, its first ones, were read. */
export type ClaimedLane = {
  lane: string
  group: string
  urgent: boolean
  version: string
  jobs: Job[]
  more: boolean
}

/** How many jobs of one lane are taken at once: a person who floods goes behind the others after so many. */
export const JOBS_PER_LANE = 10

export type Job = {
  kind: JobKind
  lane: string
  id: string
  data: JobData
  /** How often it has been put back so far. */
  attempt: number
  createdAt: Date
  known?: unknown
}

/**
 * What a transaction begins. Lanes of a kind that the node wants are in its hands from the first moment, so that nobody
 * needs to look for them; it counts once the transaction is committed. `enqueue` fills `taken` and `left`.
 */
export type Begun = {
  /** The node's name, see `Holder`; null: takes nothing. */
  readonly id: string | null
  /** Asked once for each job; who says no hears of its group's lanes by itself. */
  readonly wants: (kind: JobKind, group: string) => boolean
  /** New lanes, and what follows (`version` is not 0) in lanes that the node holds already. */
  readonly taken: ClaimedLane[]
  /** Kinds of new lanes that nobody holds: the other nodes must be woken after the commit. */
  readonly left: Set<JobKind>
  /** Kinds of lanes that are due now and nobody holds: every node must be woken. Filled by who makes them due. */
  readonly due: Set<JobKind>
}

export const takesNothing = (): Begun => ({
  id: null,
  wants: () => false,
  taken: [],
  left: new Set(),
  due: new Set(),
})

/** Adds jobs in the order given, in the caller's transaction. */
export async function enqueue(tx: Tx, jobs: readonly NewJob[], begun: Begun = takesNothing()): Promise<void> {
  if (jobs.length === 0) return
  const input = jobs.map(({ kind, lane, group, data, urgent = false, delayMs = 0 }) => {
    return { kind, lane, group, data, urgent, delay: delayMs, held: delayMs === 0 && begun.wants(kind, group) }
  })
  const added = await tx<Added[]>`
    with work as materialized (
      select * from rows from (
        json_to_recordset(${rows(input)}::text::json)
          as (kind text, lane text, "group" text, data json, urgent boolean, delay bigint, held boolean)
      ) with ordinality as j(kind, lane, "group", data, urgent, delay, held, nth)
    ), ${enqueueing(tx, begun)}
    ${whatWasAdded(tx)} order by id nulls first`
  collect(begun, jobs, added)
}

/**
 * For a statement that has its jobs in a CTE `work(kind, lane, "group", data, urgent, delay, held, nth)`: adds them.
 * All lanes come before the first job, and sorted: whoever adds to the same lanes waits for us there, so ids within a
 * lane follow the commits. A node that was given up gets no lanes: its name is gone (`claim`).
 */
export const enqueueing = (tx: Tx, begun: Begun) => tx`
  me as materialized (
    select id from nodes where id = ${begun.id}::uuid for key share
  ), lane as (
    insert into lanes (lane, kind, group_key, urgent, due_at, node_id)
    select distinct on (lane) lane, kind, "group", urgent, clock_now() + delay * interval '1 millisecond',
      case when held then (select id from me) end
    from work order by lane, urgent desc, nth
    on conflict (lane) do update set version = lanes.version + 1, urgent = lanes.urgent or excluded.urgent
    returning lane, kind, urgent, version, version = 0 and node_id is null as free,
      coalesce(node_id = (select id from me), false) as held
  ), job as (
    insert into jobs (lane, data, created_at)
    select lane, data, clock_now() from work where (select count(*) from lane) > 0 order by nth
    returning lane, id
  )`

/** After `enqueueing`: what `collect` wants to know. */
export const whatWasAdded = (tx: Tx) => tx`
  select kind, lane, urgent, version, null::bigint as id from lane where held
  union all select null, lane, null, null, id from job where lane in (select lane from lane where held)
  union all select distinct kind, null, null::boolean, null::bigint, null::bigint from lane where free`

/** A held lane, or (with an id) one of its jobs, or (without a lane) a kind that has new lanes that nobody holds. */
export type Added = {
  kind: JobKind | null
  lane: string | null
  urgent: boolean | null
  version: string | null
  id: string | null
}

/** Hands over what was added, in the order of `id`. Of the `jobs` that were given whole lanes may have been left out. */
export function collect(begun: Begun, jobs: readonly NewJob[], added: readonly Added[]): void {
  const taken = new Map<string, ClaimedLane>()
  const byLane = new Map<string, NewJob[]>()
  for (const { kind, lane, urgent, version, id } of added) {
    if (lane === null) begun.left.add(kind as JobKind)
    else if (id === null) {
      taken.set(lane, { lane, group: '', urgent: urgent === true, version: version as string, jobs: [], more: false })
      byLane.set(lane, [])
    }
  }
  if (taken.size === 0) return
  for (const job of jobs) byLane.get(job.lane)?.push(job)
  const createdAt = new Date()
  for (const { lane, id } of added) {
    if (lane === null || id === null) continue
    const claimed = taken.get(lane) as ClaimedLane
    const { kind, group, data, known, knownLasts } = (byLane.get(lane) as NewJob[]).shift() as NewJob
    claimed.group = group
    const job: Job = { kind, lane, id, data, attempt: 0, createdAt }
    const isFirst = claimed.version === '0' && claimed.jobs.length === 0
    if (isFirst || knownLasts) job.known = known
    if (claimed.jobs.length === JOBS_PER_LANE) claimed.more = true
    else claimed.jobs.push(job)
  }
  begun.taken.push(...taken.values())
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

/**
 * What the first job of a lane waited for has come: the lane is due now, unless another job is its first. The lane is
 * locked in any case: who puts it back at the same moment waits for us, and sees then what we did.
 */
export async function makeHeadsDue(tx: Tx, heads: readonly { lane: string; messageId: string }[]): Promise<void> {
  if (heads.length === 0) return
  await tx`select from lanes where lane = any(${heads.map(({ lane }) => lane)}::text[]) order by lane for update`
  await tx`
    update lanes l set due_at = clock_now()
    from json_to_recordset(${rows(heads)}::text::json) as h(lane text, "messageId" text)
    where l.lane = h.lane and l.due_at > clock_now()
      and h."messageId" = (select j.data ->> 'messageId' from jobs j where j.lane = l.lane order by j.id limit 1)`
}
