/** The provider calls of a message, one row each: written before the call, completed after it. */
import type { ProviderDetail } from '#core/channel.ts'
import type { Id } from '#core/ids.ts'
import { rows, type Tx } from './connection.ts'
import type { ContactKey } from './contacts.ts'
import { near } from './near.ts'

export type PartKey = { accountSid: string; messageId: Id; part: number }
export type PartState = 'started' | 'waiting' | 'unknown' | 'sent' | 'failed'
export type Part = PartKey & {
  state: PartState
  attempt: number
  startedAt: Date
  channelMessageId: string | null
  code: number | null
}
/** `startId`: of this try alone. Who does not know whether its start was kept starts again with the same. */
export type StartedPart = PartKey & { senderId: Id; contactAddress: string; startId: Id }

/**
 * Answers those that are started by these tries, now or when they were written before. One that another try started, or
 * that is unknown, sent or failed already, is not started again.
 */
export async function startParts(tx: Tx, parts: readonly StartedPart[]): Promise<PartKey[]> {
  if (parts.length === 0) return []
  return await tx<PartKey[]>`
    insert into message_parts (account_sid, message_id, part, sender_id, contact_address, state, start_id)
    select "accountSid", "messageId", part, "senderId", "contactAddress", 'started', "startId"
    from json_to_recordset(${rows(parts)}::text::json) as p("accountSid" text, "messageId" uuid, part integer,
      "senderId" uuid, "contactAddress" text, "startId" uuid)
    order by "accountSid", "messageId", part
    on conflict (account_sid, message_id, part) do update set state = 'started', started_at = clock_now(),
      attempt = message_parts.attempt + (message_parts.state = 'waiting')::integer, finished_at = null,
      start_id = excluded.start_id
    where message_parts.state = 'waiting' or (message_parts.state = 'started' and message_parts.start_id = excluded.start_id)
    returning account_sid, message_id, part`
}

export type PartResult = PartKey & {
  state: Exclude<PartState, 'started'>
  channelMessageId: string | null
  /** By the provider's clock: known from an echo only. */
  happenedAt: Date | null
  code: number | null
  detail: ProviderDetail | null
}

/**
 * A part that is sent stays sent, whatever a late answer says; the echo and the answer add to each other. Answers those
 * that were unknown until now, and those that turn out unknown when their echo has come.
 */
export async function finishParts(tx: Tx, results: readonly PartResult[]): Promise<PartKey[]> {
  if (results.length === 0) return []
  const within = near(
    tx,
    'p.message_id',
    results.map(({ messageId }) => messageId),
  )
  // An answer alone, the usual case, settles nothing.
  const settles = results.some(({ state, happenedAt }) => state === 'unknown' || happenedAt !== null)
  const settled = tx`
    select p.account_sid, p.message_id, p.part from message_parts p join input r
      on p.account_sid = r."accountSid" and p.message_id = r."messageId" and p.part = r.part
    where (r.settled or (p.state = 'unknown' and r.state = 'sent') or (p.state = 'sent' and r.state = 'unknown')) ${within}`
  return await tx<PartKey[]>`
    with input as (
      select * from json_to_recordset(${rows(onePerPart(results))}::text::json) as r("accountSid" text, "messageId" uuid,
        part integer, state text, "channelMessageId" text, "happenedAt" timestamptz, code integer, detail json,
        settled boolean)
    ), finished as (
      update message_parts p set
        state = case when p.state = 'sent' then 'sent' else r.state end,
        finished_at = coalesce(p.finished_at, clock_now()),
        channel_message_id = coalesce(p.channel_message_id, r."channelMessageId"),
        happened_at = coalesce(p.happened_at, r."happenedAt"),
        code = r.code, detail = r.detail
      from input r
      where p.account_sid = r."accountSid" and p.message_id = r."messageId" and p.part = r.part ${within}
    )
    ${settles ? settled : tx`select account_sid, message_id, part from message_parts where false`}`
}

/**
 * An answer and its echo may come in one set, and PostgreSQL updates a row once per statement, with whichever it meets:
 * `sent` must win, with all that both know. `settled`: it was unknown and sent at once.
 */
function onePerPart(results: readonly PartResult[]): (PartResult & { settled: boolean })[] {
  const parts = new Map<string, PartResult & { settled: boolean }>()
  for (const result of results) {
    const key = `${result.messageId}:${result.part}`
    const earlier = parts.get(key)
    const [main, other] = earlier?.state === 'sent' ? [earlier, result] : [result, earlier]
    parts.set(key, {
      ...main,
      channelMessageId: main.channelMessageId ?? other?.channelMessageId ?? null,
      happenedAt: main.happenedAt ?? other?.happenedAt ?? null,
      settled: earlier?.settled || (main.state === 'sent' && other?.state === 'unknown'),
    })
  }
  return [...parts.values()]
}

export type ReceivedPart = ContactKey & { messageId: Id; channelMessageId: string | null }

/**
 * Delivered or read parts by the provider's ids or by watermark. Answers those that are named by their ids or were not
 * delivered or read before. `oldest`: all messages of this contact before it are read. `answerTakesMs`: until the echo
 * tells when the provider dated a part, it is taken for sent so long before the answer came, but not before the call.
 */
export async function receiveParts(
  tx: Tx,
  receipts: readonly {
    senderId: Id
    address: string
    ids: string[]
    deliveredUntil: Date | null
    readUntil: Date | null
    oldest: Id
  }[],
  answerTakesMs: number,
): Promise<ReceivedPart[]> {
  if (receipts.length === 0) return []
  const first = receipts.map(({ oldest }) => oldest).reduce((least, each) => (each < least ? each : least))
  const sentAt = tx`coalesce(p.happened_at, greatest(p.started_at,
    p.finished_at - ${answerTakesMs} * interval '1 millisecond'))`
  return await tx`
    with input as (
      select * from json_to_recordset(${rows(receipts)}::text::json) as r("senderId" uuid, address text, ids text[],
        "deliveredUntil" timestamptz, "readUntil" timestamptz, oldest uuid)
    )
    update message_parts p set
      delivered_at = coalesce(p.delivered_at, clock_now()),
      read_at = case when ${sentAt} <= r."readUntil" then clock_now() else p.read_at end
    from input r
    where p.sender_id = r."senderId" and p.contact_address = r.address and p.state = 'sent' and p.read_at is null
      and (p.channel_message_id = any(r.ids) or ${sentAt} <= r."readUntil"
        or (p.delivered_at is null and ${sentAt} <= r."deliveredUntil"))
      and p.message_id >= r.oldest and p.message_id >= ${first}
    returning p.account_sid, p.message_id, p.sender_id, p.contact_address as address, p.channel_message_id`
}

/** How far each message is, of those of which every part is sent: all parts delivered, all parts read. */
export async function receiptStates(
  tx: Tx,
  messages: readonly { accountSid: string; messageId: Id }[],
): Promise<{ accountSid: string; messageId: Id; delivered: boolean; read: boolean }[]> {
  if (messages.length === 0) return []
  return await tx`
    select p.account_sid, p.message_id, bool_and(p.delivered_at is not null) as delivered,
      bool_and(p.read_at is not null) as read
    from message_parts p
    join (select distinct * from json_to_recordset(${rows(messages)}::text::json) as m("accountSid" text, "messageId" uuid)) m
      on p.account_sid = m."accountSid" and p.message_id = m."messageId"
        ${near(
          tx,
          'p.message_id',
          messages.map(({ messageId }) => messageId),
        )}
    group by p.account_sid, p.message_id`
}

export type PartRecord = Part & {
  finishedAt: Date | null
  deliveredAt: Date | null
  readAt: Date | null
  detail: ProviderDetail | null
}

/** All of a message's, in their order. */
export async function findParts(sql: Tx, accountSid: string, messageId: Id): Promise<PartRecord[]> {
  return await sql<PartRecord[]>`
    select * from message_parts where account_sid = ${accountSid} and message_id = ${messageId} order by part`
}
