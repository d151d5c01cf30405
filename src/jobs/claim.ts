/** Taking lanes to work on, and letting go of them. A lane belongs to at most one node at a time. */
import { rows, type Sql } from '#store/connection.ts'
import { type ClaimedLane, JOBS_PER_LANE, type Job, type JobKind } from './queue.ts'

/** Groups looked at in one claim: the others come with the next ones. */
const GROUPS_PER_CLAIM = 100

export type ClaimRequest = {
  kind: JobKind
  nodeId: string
  limit: number
  /** Lanes of one group at most; `busy` groups: so many at most. */
  perGroup: number
  busy: readonly { group: string; room: number }[]
  /** The group after which to begin: where the last claim ended. */
  after: string
}

export type Claim = {
  lanes: ClaimedLane[]
  /** Groups that had lanes for us. */
  groups: number
  /** Where the next claim begins; empty: from the first group. */
  after: string
}

/**
 * Due lanes in fair shares: a few of each group, urgent ones first, then the longest due. None when the node's name is no
 * longer listed: its row is locked, so that who gives the node up sees every lane that it has claimed.
 */
export async function claim(sql: Sql, request: ClaimRequest): Promise<Claim> {
  const { kind, nodeId, limit, perGroup, busy, after } = request
  // Groups are found by skipping from one to the next in the index: what a group holds costs nothing. The last step of
  // the walk has no group.
  const found = await sql<Found[]>`
    with recursive me as materialized (
      select id from nodes where id = ${nodeId} for key share
    ), groups(nth, group_key) as (
      select 1, (select min(group_key) from lanes where kind = ${kind} and node_id is null and group_key > ${after})
      union all
      select nth + 1, (
        select min(l.group_key) from lanes l where l.kind = ${kind} and l.node_id is null and l.group_key > g.group_key)
      from groups g where g.group_key is not null and nth < ${GROUPS_PER_CLAIM}
    ), due as materialized (
      select l.lane from groups g cross join me
      left join json_to_recordset(${rows(busy)}::text::json) as b("group" text, room integer) on b."group" = g.group_key
      cross join lateral (
        select lane from lanes
        where kind = ${kind} and node_id is null and group_key = g.group_key and due_at <= clock_now()
        order by urgent desc, due_at limit least(${perGroup}::integer, coalesce(b.room, ${perGroup}::integer))
        for update skip locked
      ) l
      order by g.nth limit ${limit}
    ), claimed as (
      update lanes l set node_id = ${nodeId} from due where l.lane = due.lane
      returning l.lane, l.group_key, l.urgent, l.version, l.due_at
    )
    select lane, group_key, urgent, version, due_at, null::bigint as nth from claimed
    union all select null, group_key, null, null, null, nth from groups`
  const walked = found.filter((row) => row.lane === null)
  const last = walked.reduce((most, row) => (Number(row.nth) > Number(most.nth) ? row : most))
  const lanes = found.filter((row): row is FoundLane => row.lane !== null)
  lanes.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())
  return {
    lanes: await withJobs(sql, kind, lanes),
    groups: new Set(lanes.map(({ groupKey }) => groupKey)).size,
    after: walked.length === GROUPS_PER_CLAIM ? (last.groupKey ?? '') : '',
  }
}

type FoundLane = { lane: string; groupKey: string; urgent: boolean; version: string; dueAt: Date }
/** A lane, or (without one) a group that was looked at. */
type Found = FoundLane | { lane: null; groupKey: string | null; nth: string }

/** A statement of its own: its snapshot is younger than the lanes' versions, so no job they count is missed. */
async function withJobs(sql: Sql, kind: JobKind, lanes: FoundLane[]): Promise<ClaimedLane[]> {
  if (lanes.length === 0) return []
  const jobs = await sql<{ lane: string; id: string; data: Job['data']; attempt: number; createdAt: Date }[]>`
    select j.* from unnest(${lanes.map((each) => each.lane)}::text[]) as l(lane)
    cross join lateral (
      select lane, id, data, attempt, created_at from jobs where jobs.lane = l.lane order by id limit ${JOBS_PER_LANE + 1}
    ) j`
  const byLane = new Map<string, ClaimedLane>(
    lanes.map(({ lane, groupKey, urgent, version }) => {
      return [lane, { lane, group: groupKey, urgent, version, jobs: [], more: false }]
    }),
  )
  for (const { lane, id, data, attempt, createdAt } of jobs) {
    const claimed = byLane.get(lane) as ClaimedLane
    if (claimed.jobs.length === JOBS_PER_LANE) claimed.more = true
    else claimed.jobs.push({ kind, lane, id, data, attempt, createdAt })
  }
  return [...byLane.values()]
}

/** `empty`: every job that the claim saw is done and there were no more. `putBack`: the lane waits for its own time. */
export type Release = { lane: string; version: string; empty: boolean; putBack: boolean }

/** Of the lanes that remain: `again` are due at once; `leftOver` were said to be done and still have those jobs. */
export type Released = { again: string[]; leftOver: string[] }

/** A handler that says "done" and does not finish its job must not run in circles, and its job must not be lost. */
const LEFT_OVER_AFTER_S = 10

/** Lets go of lanes; those that are truly empty disappear. Leaves alone what is no longer ours. */
export async function release(sql: Sql, nodeId: string, items: readonly Release[]): Promise<Released> {
  const kept = await sql<{ lane: string; waits: boolean; leftOver: boolean }[]>`
    with input as (
      select * from json_to_recordset(${rows(items)}::text::json)
        as r(lane text, version bigint, empty boolean, "putBack" boolean)
    ), locked as (
      select l.lane, i.empty and l.version = i.version as done, i."putBack" as waits
      from lanes l join input i on i.lane = l.lane
      where l.node_id = ${nodeId} order by l.lane for update of l
    ), judged as (
      select lane, waits, done, done and exists (select from jobs j where j.lane = locked.lane) as left_over from locked
    ), removed as (
      delete from lanes l using judged j where l.lane = j.lane and j.done and not j.left_over
    )
    update lanes l set node_id = null, due_at = case
      when j.waits then l.due_at
      when j.left_over then clock_now() + ${LEFT_OVER_AFTER_S} * interval '1 second'
      else clock_now() end
    from judged j where l.lane = j.lane and (j.left_over or not j.done)
    returning l.lane, j.waits, j.left_over`
  return {
    again: kept.filter(({ waits, leftOver }) => !waits && !leftOver).map(({ lane }) => lane),
    leftOver: kept.filter(({ leftOver }) => leftOver).map(({ lane }) => lane),
  }
}
