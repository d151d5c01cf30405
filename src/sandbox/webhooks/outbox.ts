/**
 * Webhooks that wait, in PostgreSQL. A lane is one app's queue about one thread: its rows leave in order, one at a time
 * on all nodes together, and lanes do not wait for each other. Delivered at least once: a row goes when the app took it.
 */
import { randomUUID } from 'node:crypto'
import type { Tx } from '../world/world.ts'
import { envelope, type WebhookEvent } from './events.ts'
import { webhookJson } from './json.ts'

/** Longer than one try may take (5 s), so that a lease ends only with its node. */
const LEASE_SECONDS = 8
const ROWS_PER_CLAIM = 10

export type Place = { pageId: string; psid: string }

/**
 * Queues the events for the apps that listen: subscribed to the field at both levels, the app's and the Page's (meta.md
 * 1.1). `mid` names the person's message whose state the delivery decides; `delayMs` lets the answer to the app's own
 * call go first. Call it in the transaction that holds the thread (`lockThread`), so that the order is the thread's own.
 * Answers how many webhooks were queued.
 */
export async function enqueue(
  tx: Tx,
  place: Place,
  events: WebhookEvent[],
  options: { mid?: string; delayMs?: number; sentAt: Date },
): Promise<number> {
  const fields = events.map(({ field }) => field)
  const bodies = events.map(({ item }) => webhookJson(envelope(place.pageId, options.sentAt, item)))
  const queued = await tx`
    with heard as (
      select a.app_id, e.body, e.position
      from unnest(${fields}::text[], ${bodies}::text[]) with ordinality e (field, body, position)
      join sandbox.page_subscriptions p on p.page_id = ${place.pageId} and e.field = any (p.fields)
      join sandbox.app_subscriptions a on a.app_id = p.app_id and e.field = any (a.fields)
    ), lanes as (
      insert into sandbox.lanes as l (app_id, psid, pending, due_at)
      select app_id, ${place.psid}, count(*), now() + ${options.delayMs ?? 0}::integer * interval '1 millisecond'
      from heard group by app_id
      -- In one order everywhere, so that two transactions cannot wait for each other.
      order by app_id
      on conflict (app_id, psid) do update set pending = l.pending + excluded.pending,
        due_at = case when l.pending = 0 then excluded.due_at else l.due_at end
    )
    insert into sandbox.outbox (app_id, psid, mid, body)
    select app_id, ${place.psid}, ${options.mid ?? null}, body from heard order by position`
  return queued.count
}

export type Claim = {
  appId: string
  psid: string
  lease: string
  attempts: number
  /** Null when the app is not subscribed any more: nothing is to be delivered. */
  callbackUrl: string | null
  appSecret: string
  rows: { id: string; mid: string | null; body: string }[]
}

/** Takes up to `max` lanes that are due and that nobody works on, with their first rows. */
export async function claimLanes(sql: Tx, max: number): Promise<Claim[]> {
  const lease = randomUUID()
  const taken = await sql<Omit<Claim, 'rows' | 'lease'>[]>`
    with due as (
      select app_id, psid from sandbox.lanes
      where pending > 0 and due_at <= now() and (leased_until is null or leased_until < now())
      order by due_at limit ${max} for update skip locked
    ), taken as (
      update sandbox.lanes l set lease = ${lease}, leased_until = now() + ${LEASE_SECONDS} * interval '1 second'
      from due where l.app_id = due.app_id and l.psid = due.psid
      returning l.app_id, l.psid, l.attempts
    )
    select t.app_id as "appId", t.psid, t.attempts, s.callback_url as "callbackUrl", a.secret as "appSecret"
    from taken t join sandbox.apps a on a.id = t.app_id
    left join sandbox.app_subscriptions s on s.app_id = t.app_id`
  if (taken.length === 0) return []
  // A second statement: it sees what was committed until the lanes were ours, and nothing that was delivered since.
  const rows = await sql<(Claim['rows'][number] & { appId: string; psid: string })[]>`
    select l.app_id as "appId", l.psid, o.id::text as id, o.mid, o.body from sandbox.lanes l
    cross join lateral (
      select id, mid, body from sandbox.outbox where app_id = l.app_id and psid = l.psid order by id limit ${ROWS_PER_CLAIM}
    ) o
    where l.lease = ${lease} and l.psid in ${sql(taken.map((lane) => lane.psid))} order by o.id`
  return taken.map((lane) => ({
    ...lane,
    lease,
    rows: rows.filter((row) => row.appId === lane.appId && row.psid === lane.psid),
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
      where app_id = ${claim.appId} and psid = ${claim.psid} and lease = ${claim.lease}
      returning 1
    )
    delete from sandbox.outbox where id = ${id} and exists (select from held)`
  return gone.count > 0
}

/** Gives the lane back with rows left. `retryAfterMs`: the first of them failed once more, and is due then. */
export async function releaseLane(sql: Tx, claim: Claim, retryAfterMs?: number): Promise<void> {
  const delay = retryAfterMs ?? null
  await sql`
    update sandbox.lanes set leased_until = null,
      attempts = attempts + case when ${delay}::integer is null then 0 else 1 end,
      due_at = coalesce(now() + ${delay}::integer * interval '1 millisecond', due_at)
    where app_id = ${claim.appId} and psid = ${claim.psid} and lease = ${claim.lease}`
}
