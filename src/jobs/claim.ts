/** Taking lanes to work on, and letting go of them. A lane belongs to at most one node at a time. */
import { rows, type Sql } from '#store/connection.ts'
import type { Job, JobKind } from './queue.ts'

export type ClaimedLane = { lane: string; version: string; jobs: Job[]; more: boolean }

/** How many jobs of one lane are taken at once: a person who floods goes behind the others after so many. */
const JOBS_PER_LANE = 10

/** Up to `limit` due lanes, the longest due first, each with its first jobs in order. */
export async function claim(sql: Sql, kind: JobKind, nodeId: string, limit: number): Promise<ClaimedLane[]> {
  const lanes = await sql<{ lane: string; version: string }[]>`
    update lanes set node_id = ${nodeId}
    where lane in (
      select lane from lanes
      where kind = ${kind} and node_id is null and due_at <= clock_now()
      order by due_at limit ${limit}
      for update skip locked)
    returning lane, version`
  if (lanes.length === 0) return []
  // A statement of its own: its snapshot is younger than the lanes' versions, so no job they count is missed.
  const jobs = await sql<{ lane: string; id: string; data: Job['data']; attempt: number; createdAt: Date }[]>`
    select j.* from unnest(${lanes.map((each) => each.lane)}::text[]) as l(lane)
    cross join lateral (
      select lane, id, data, attempt, created_at from jobs where jobs.lane = l.lane order by id limit ${JOBS_PER_LANE + 1}
    ) j`
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

/**
 * Lets go of lanes; those that are truly empty disappear. Leaves alone what is no longer ours. Answers how many of them
 * are due again at once.
 */
export async function release(sql: Sql, nodeId: string, items: readonly Release[]): Promise<number> {
  const kept = await sql<{ waits: boolean }[]>`
    with input as (
      select * from json_to_recordset(${rows(items)}::text::json)
        as r(lane text, version bigint, empty boolean, "putBack" boolean)
    ), locked as (
      select l.lane, l.version = i.version and i.empty as gone, i."putBack" as waits
      from lanes l join input i on i.lane = l.lane
      where l.node_id = ${nodeId} order by l.lane for update of l
    ), removed as (
      delete from lanes l using locked where l.lane = locked.lane and locked.gone
    )
    update lanes l set node_id = null, due_at = case when locked.waits then l.due_at else clock_now() end
    from locked where l.lane = locked.lane and not locked.gone
    returning locked.waits`
  return kept.filter((lane) => !lane.waits).length
}
