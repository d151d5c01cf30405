/** Taking lanes to work on, and letting go of them. A lane belongs to at most one node at a time. */
import { rows, type Sql } from '#store/connection.ts'
import { type ClaimedLane, JOBS_PER_LANE, type Job, type JobKind } from './queue.ts'

/**
 * Up to `limit` due lanes, the longest due first, each with its first jobs in order. None when the node's name is no
 * longer listed: its row is locked, so that who gives the node up sees every lane that it has claimed.
 */
export async function claim(sql: Sql, kind: JobKind, nodeId: string, limit: number): Promise<ClaimedLane[]> {
  const lanes = await sql<{ lane: string; version: string; dueAt: Date }[]>`
    with me as materialized (select id from nodes where id = ${nodeId} for key share),
    due as materialized (
      select lane from lanes cross join me
      where kind = ${kind} and node_id is null and due_at <= clock_now()
      order by due_at limit ${limit}
      for update of lanes skip locked)
    update lanes l set node_id = ${nodeId} from due where l.lane = due.lane
    returning l.lane, l.version, l.due_at`
  if (lanes.length === 0) return []
  // A statement of its own: its snapshot is younger than the lanes' versions, so no job they count is missed.
  const jobs = await sql<{ lane: string; id: string; data: Job['data']; attempt: number; createdAt: Date }[]>`
    select j.* from unnest(${lanes.map((each) => each.lane)}::text[]) as l(lane)
    cross join lateral (
      select lane, id, data, attempt, created_at from jobs where jobs.lane = l.lane order by id limit ${JOBS_PER_LANE + 1}
    ) j`
  lanes.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())
  const byLane = new Map<string, ClaimedLane>(
    lanes.map(({ lane, version }) => [lane, { lane, version, jobs: [], more: false }]),
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
export type Released = { again: number; leftOver: string[] }

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
    again: kept.filter(({ waits, leftOver }) => !waits && !leftOver).length,
    leftOver: kept.filter(({ leftOver }) => leftOver).map(({ lane }) => lane),
  }
}
