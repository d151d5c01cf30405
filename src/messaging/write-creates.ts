/**
 * A set of plain creates, the busiest thing the API does, as one statement that is a transaction by itself: one way to
 * the store and back. It means what `commit` does with units of nothing but outbound messages.
 */
import type { Id } from '#core/ids.ts'
import { type Added, type Begun, collect, enqueueing, whatWasAdded } from '#jobs/queue.ts'
import type { Sql } from '#store/connection.ts'
import { isPresent, reachOf } from '#store/contacts.ts'
import { insertingMessages, messageRows, type NewMessage } from '#store/messages.ts'
import { countingUsage } from '#store/usage.ts'
import { jobOf } from './lanes.ts'
import { asLoaded, type Known } from './load.ts'

export type Created = { refused: Set<Id>; createdAt: Date }

/** Refused: the messages whose receivers opted out; they are not kept. */
export async function writeCreates(sql: Sql, messages: readonly NewMessage[], begun: Begun): Promise<Created> {
  const jobs = messages.map((message) => jobOf(message, NOBODY))
  const input = messages.map((message, index) => {
    const { kind, lane, group } = jobs[index] as (typeof jobs)[number]
    return { ...message, lane, held: begun.wants(kind, group) }
  })
  type Found = Added & {
    messageId: Id | null
    refused: boolean | null
    actedMsAgo: number | null
    pausedMs: number | null
    createdAt: Date | null
  }
  const found = await sql<Found[]>`
    with given as materialized (
      select m.*, c.opted_out_at is not null as refused, ${isPresent(sql)} as urgent,
        ${reachOf(sql)}
      from ${messageRows(sql, input, sql`, lane text, held boolean`)}
      left join contacts c on c.account_sid = m."accountSid" and c.sender_id = m."senderId"
        and c.address = m."contactAddress"
      left join senders s on s.account_sid = m."accountSid" and s.id = m."senderId"
    ), input as (
      select * from given where not refused
    ), message as (
      ${insertingMessages(sql)} returning account_sid, channel, direction, num_media
    ), counted as (
      ${countingUsage(sql)}
    ), work as materialized (
      select 'send-message' as kind, lane, "senderId"::text as "group", urgent, 0 as delay, held, id as nth,
        json_build_object('accountSid', "accountSid", 'messageId', id) as data
      from input
    ), ${enqueueing(sql, begun)}, added as (
      ${whatWasAdded(sql)}
    )
    select kind, lane, urgent, version, id, null::uuid as message_id, null::boolean as refused,
      null::float8 as acted_ms_ago, null::float8 as paused_ms, null::timestamptz as created_at from added
    union all select null, null, null, null, null, id, refused, acted_ms_ago, paused_ms, null from given
      where refused or lane in (select lane from lane where held)
    union all select null, null, null, null, null, null, null, null, null, clock_now()
    order by id nulls first`
  const createdAt = found.find((row) => row.createdAt)?.createdAt as Date
  const at = performance.now()
  const told = new Map(found.flatMap((row) => (row.messageId ? [[row.messageId, row]] : [])))
  for (const [index, job] of jobs.entries()) {
    const message = messages[index] as NewMessage
    const known = told.get(message.id)
    if (!known) continue
    job.known = { at, message: asLoaded(message, createdAt, known) } satisfies Known
    job.knownLasts = true
  }
  collect(
    begun,
    jobs,
    found.filter((row) => row.kind || row.lane),
  )
  return {
    refused: new Set([...told.values()].flatMap((row) => (row.refused ? [row.messageId as Id] : []))),
    createdAt,
  }
}

/** Who is present is found by the statement. */
const NOBODY: ReadonlySet<string> = new Set()
