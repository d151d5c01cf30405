/**
 * Webhooks that wait, in PostgreSQL. A lane is one app's queue about one thread: its rows leave in order, one at a time
 * on all nodes together, and lanes do not wait for each other. Beside it, each on a track of its own, what the dial has
 * taken out of the order. When something is due the pretend clock says; leases end by the real one. Delivered at least once: a row goes when the app took it.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { draw } from '../dial/faults.ts'
import type { Tx, World } from '../world/world.ts'
import type { WebhookEvent } from './events.ts'
import { concerning, type Journey, journeysOf } from './fate.ts'

/** Longer than one try may take (5 s), so that a lease ends only with its node. */
const LEASE_SECONDS = 8
const ROWS_PER_CLAIM = 10
const WAKE_AHEAD_MS = 3000

export type Place = { pageId: string; psid: string }

export type Queued = {
  /** How many webhooks. */
  queued: number
  /** Rows that must be delivered before the call that made them is answered. */
  awaited: string[]
}

/**
 * Queues the events for the apps that listen: subscribed to the field at both levels, the app's and the Page's (meta.md
 * 1.1). `mid` names the person's message whose state the delivery decides; `delayMs` lets the answer to the app's own
 * call go first. Call it in the transaction that holds the thread (`lockThread`), so that the order is the thread's own.
 */
export async function enqueue(
  { dial, wake }: Pick<World, 'dial' | 'wake'>,
  tx: Tx,
  place: Place,
  events: WebhookEvent[],
  options: { mid?: string; delayMs?: number; sentAt: Date },
): Promise<Queued> {
  const faults = dial.webhookFaults(place.pageId)
  const { hits, isChanged } = await draw(
    tx,
    place.pageId,
    events.map((event) => concerning(event, faults)),
  )
  if (isChanged) await dial.announce(tx)
  const { mid = null, delayMs = 0, sentAt } = options
  const journeys = events.flatMap((event, index) => journeysOf(place.pageId, event, hits[index]!, { sentAt, delayMs }))
  const rows = await insertJourneys(tx, place, journeys, mid)
  // A hint only: what is due much later, or committed later than that, is found by polling.
  for (const journey of journeys) {
    if (journey.delayMs > delayMs && journey.delayMs <= WAKE_AHEAD_MS) wake(journey.delayMs + 5)
  }
  const isEchoFirst = hits.flat().some(({ name }) => name === 'echo-first')
  return { queued: rows.length, awaited: isEchoFirst ? rows.filter((row) => row.isMain).map(({ id }) => id) : [] }
}

function insertJourneys(tx: Tx, place: Place, journeys: Journey[], mid: string | null) {
  const column = (of: (journey: Journey) => unknown) =>
    journeys.map((journey) => {
      const value = of(journey)
      return value === null ? null : String(value)
    })
  return tx<{ id: string; isMain: boolean }[]>`
    with heard as (
      select a.app_id, e.*
      from unnest(${column(({ field }) => field)}::text[], ${column(({ body }) => body)}::text[],
          ${column(({ track }) => track)}::text[]::bigint[], ${column(({ delayMs }) => delayMs)}::text[]::bigint[],
          ${column(({ batchSize }) => batchSize)}::text[]::integer[], ${column(({ isCopy }) => isCopy)}::text[]::boolean[])
        with ordinality e (field, body, track, delay_ms, batch_size, is_copy, position)
      join sandbox.page_subscriptions p on p.page_id = ${place.pageId} and e.field = any (p.fields)
      join sandbox.app_subscriptions a on a.app_id = p.app_id and e.field = any (a.fields)
    ), lanes as (
      insert into sandbox.lanes as l (app_id, psid, track, pending, due_at)
      select app_id, ${place.psid}, track, count(*), clock_now() + min(delay_ms) * interval '1 millisecond'
      from heard group by app_id, track
      -- In one order everywhere, so that two transactions cannot wait for each other.
      order by app_id, track
      on conflict (app_id, psid, track) do update set pending = l.pending + excluded.pending,
        due_at = case when l.pending = 0 then excluded.due_at else l.due_at end
    )
    insert into sandbox.outbox (app_id, psid, track, mid, body, batch_size)
    select app_id, ${place.psid}, track, case when not is_copy then ${mid}::text end, body, batch_size
    from heard order by position
    returning id::text as id, track = 0 as "isMain"`
}

/** Answers when these rows have been taken by their apps, or when the time is over. */
export async function untilDelivered(sql: Tx, ids: string[], withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    const [left] = await sql`select 1 from sandbox.outbox where id = any (${ids}::text[]::bigint[]) limit 1`
    if (left === undefined) return
    await wait(10)
  }
}

export type Claim = {
  appId: string
  psid: string
  track: string
  lease: string
  attempts: number
  /** Null when the app is not subscribed any more: nothing is to be delivered. */
  callbackUrl: string | null
  appSecret: string
  rows: { id: string; mid: string | null; body: string; batchSize: number | null }[]
}

/** Takes up to `max` lanes that are due and that nobody works on, with their first rows. */
export async function claimLanes(sql: Tx, max: number): Promise<Claim[]> {
  const lease = randomUUID()
  const taken = await sql<Omit<Claim, 'rows' | 'lease'>[]>`
    with due as (
      select app_id, psid, track from sandbox.lanes
      where pending > 0 and due_at <= clock_now() and (leased_until is null or leased_until < now())
      order by due_at limit ${max} for update skip locked
    ), taken as (
      update sandbox.lanes l set lease = ${lease}, leased_until = now() + ${LEASE_SECONDS} * interval '1 second'
      from due where l.app_id = due.app_id and l.psid = due.psid and l.track = due.track
      returning l.app_id, l.psid, l.track, l.attempts
    )
    select t.app_id as "appId", t.psid, t.track::text as track, t.attempts, s.callback_url as "callbackUrl", a.secret as "appSecret"
    from taken t join sandbox.apps a on a.id = t.app_id
    left join sandbox.app_subscriptions s on s.app_id = t.app_id`
  if (taken.length === 0) return []
  // A second statement: it sees what was committed until the lanes were ours, and nothing that was delivered since.
  const rows = await sql<(Claim['rows'][number] & { appId: string; psid: string; track: string })[]>`
    select l.app_id as "appId", l.psid, l.track::text as track, o.id::text as id, o.mid, o.body,
      o.batch_size as "batchSize"
    from sandbox.lanes l
    cross join lateral (
      select id, mid, body, batch_size from sandbox.outbox
      where app_id = l.app_id and psid = l.psid and track = l.track order by id limit ${ROWS_PER_CLAIM}
    ) o
    where l.lease = ${lease} and l.psid in ${sql(taken.map((lane) => lane.psid))} order by o.id`
  return taken.map((lane) => ({
    ...lane,
    lease,
    rows: rows.filter((row) => row.appId === lane.appId && row.psid === lane.psid && row.track === lane.track),
  }))
}

/**
 * Strikes off a delivered row and goes on holding the lane, or gives it back with the last one. False when the lane was
 * lost to another node.
 */
export async function settleRow(sql: Tx, claim: Claim, id: string, isLast: boolean): Promise<boolean> {
  // The lane first: only who holds it may delete a row, so that `pending` stays the number of rows.
  const gone = await sql`
    with held as (
      update sandbox.lanes set pending = pending - 1, attempts = 0,
        leased_until = case when ${isLast} then null else now() + ${LEASE_SECONDS} * interval '1 second' end
      where app_id = ${claim.appId} and psid = ${claim.psid} and track = ${claim.track} and lease = ${claim.lease}
      returning 1
    )
    delete from sandbox.outbox where id = ${id} and exists (select from held)`
  if (isLast && claim.track !== '0') await removeTrack(sql, claim)
  return gone.count > 0
}

/** Nobody adds to a track beside the thread's own: when it is empty, it has done its duty. */
const removeTrack = (sql: Tx, { appId, psid, track }: Claim) => sql`
  delete from sandbox.lanes where app_id = ${appId} and psid = ${psid} and track = ${track} and pending = 0`

/** Gives the lane back with rows left. `retryAfterMs`: the first of them failed once more, and is due then. */
export async function releaseLane(sql: Tx, claim: Claim, retryAfterMs?: number): Promise<void> {
  const delay = retryAfterMs ?? null
  await sql`
    update sandbox.lanes set leased_until = null,
      attempts = attempts + case when ${delay}::integer is null then 0 else 1 end,
      due_at = coalesce(clock_now() + ${delay}::integer * interval '1 millisecond', due_at)
    where app_id = ${claim.appId} and psid = ${claim.psid} and track = ${claim.track} and lease = ${claim.lease}`
}
