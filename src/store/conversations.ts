/**
 * Conversations as people look at them. Comes in: an account. Goes out: its conversations, that with the newest message
 * first; contacts by name or address; what was said. No index is kept for it, as each message would have to write it: a
 * conversation is found by its newest message, and so much is looked at per call as keeps it short.
 */
import type Postgres from 'postgres'
import type { Id } from '#core/ids.ts'
import type { MessageStatus } from '#core/status.ts'
import type { Sql, Tx } from './connection.ts'
import { type Direction, type Media, shownStatus } from './messages.ts'

export type Conversation = {
  senderId: Id
  address: string
  name: string | null
  lastActionAt: Date | null
  /** Since the person last acted, by the provider's clock. */
  actedMsAgo: number | null
  optedOutAt: Date | null
  unreachableAt: Date | null
  createdAt: Date
  messageId: Id | null
  body: string | null
  numMedia: number | null
  direction: Direction | null
  saidAt: Date | null
}

type Fragment = Postgres.PendingQuery<Postgres.Row[]>

const contactColumns = (sql: Tx) => sql`
  c.sender_id, c.address, c.name, c.last_action_at, c.opted_out_at, c.unreachable_at, c.created_at,
  extract(epoch from clock_now() - c.last_action_at)::float8 * 1000 as acted_ms_ago`

const messageColumns = (sql: Tx) => sql`
  m.id as message_id, left(m.body, 200) as body, m.num_media, m.direction, m.created_at as said_at`

const CHUNK = 2_000

/**
 * By their newest messages. `next` continues; fewer than `limit` with a `next` when the time was up, as behind one
 * conversation of many thousand messages.
 */
export async function listConversations(
  sql: Sql,
  { accountSid, senderId }: { accountSid: string; senderId: Id | null },
  older: Id | null,
  limit: number,
  budgetMs: number,
): Promise<{ items: Conversation[]; next: Id | null }> {
  const startedMs = performance.now()
  const items: Conversation[] = []
  const base = senderId
    ? sql`m.sender_id = ${senderId} and (m.account_sid = ${accountSid}) is true`
    : sql`m.account_sid = ${accountSid}`
  for (let from = older; ; ) {
    const within = sql`${base} ${from ? sql`and m.id < ${from}` : sql``}`
    const [floor] = await sql<{ id: Id }[]>`
      select m.id from messages m where ${within} order by m.id desc offset ${CHUNK - 1} limit 1`
    const wanted = limit - items.length
    const found = await sql<Conversation[]>`
      select ${contactColumns(sql)}, ${messageColumns(sql)}
      from messages m join contacts c on c.account_sid = m.account_sid and c.sender_id = m.sender_id
        and c.address = m.contact_address
      where ${within} ${floor ? sql`and m.id >= ${floor.id}` : sql``} and not exists (
        select from messages n
        where n.contact_address = m.contact_address and n.id > m.id and (n.sender_id = m.sender_id) is true)
      order by m.id desc limit ${wanted}`
    items.push(...found)
    if (found.length === wanted) return { items, next: found.at(-1)?.messageId ?? null }
    if (!floor) return { items, next: null }
    from = floor.id
    if (performance.now() - startedMs > budgetMs) return { items, next: from }
  }
}

export type ContactPlace = { senderId: Id; address: string }

const SEARCH_CHUNK = 20_000

/** Whose name or address holds this text, in the order of senders and addresses. `searched`: how many were looked at. */
export async function searchContacts(
  sql: Sql,
  { accountSid, senderId, text }: { accountSid: string; senderId: Id | null; text: string },
  after: ContactPlace | null,
  limit: number,
  budgetMs: number,
): Promise<{ items: Conversation[]; next: ContactPlace | null; searched: number }> {
  const startedMs = performance.now()
  const items: Conversation[] = []
  const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
  const base = sql`c.account_sid = ${accountSid} ${senderId ? sql`and c.sender_id = ${senderId}` : sql``}`
  let searched = 0
  for (let from = after; ; ) {
    const within: Fragment = sql`${base} ${from ? sql`and (c.sender_id, c.address) > (${from.senderId}, ${from.address})` : sql``}`
    const [end] = await sql<ContactPlace[]>`
      select c.sender_id, c.address from contacts c where ${within} order by c.account_sid, c.sender_id, c.address
      offset ${SEARCH_CHUNK - 1} limit 1`
    const wanted = limit - items.length
    const found = await sql<Conversation[]>`
      select ${contactColumns(sql)}, l.* from contacts c
      left join lateral (${lastMessage(sql)}) l on true
      where ${within} ${end ? sql`and (c.sender_id, c.address) <= (${end.senderId}, ${end.address})` : sql``}
        and (c.name ilike ${pattern} or c.address like ${pattern})
      order by c.account_sid, c.sender_id, c.address limit ${wanted}`
    items.push(...found)
    searched += SEARCH_CHUNK
    const last = found.at(-1)
    if (found.length === wanted && last) return { items, next: last, searched }
    if (!end) return { items, next: null, searched }
    from = end
    if (performance.now() - startedMs > budgetMs) return { items, next: from, searched }
  }
}

const lastMessage = (sql: Tx) => sql`
  select ${messageColumns(sql)} from messages m
  where m.contact_address = c.address and (m.sender_id = c.sender_id) is true order by m.id desc limit 1`

export async function findConversation(
  sql: Tx,
  accountSid: string,
  { senderId, address }: ContactPlace,
): Promise<Conversation | undefined> {
  const [row] = await sql<Conversation[]>`
    select ${contactColumns(sql)}, l.* from contacts c left join lateral (${lastMessage(sql)}) l on true
    where c.account_sid = ${accountSid} and c.sender_id = ${senderId} and c.address = ${address}`
  return row
}

export type Said = {
  id: Id
  direction: Direction
  status: MessageStatus
  body: string
  media: Media[]
  numMedia: number
  errorCode: number | null
  errorText: string | null
  createdAt: Date
}

/** Newest first. */
export async function listSaid(
  sql: Tx,
  accountSid: string,
  { senderId, address }: ContactPlace,
  older: Id | null,
  limit: number,
): Promise<Said[]> {
  return await sql<Said[]>`
    select m.id, m.direction, m.body, m.media, m.num_media, m.error_code, m.error_text, m.created_at, ${shownStatus(sql)}
    from messages m
    where m.contact_address = ${address} and (m.sender_id = ${senderId} and m.account_sid = ${accountSid}) is true
      ${older ? sql`and m.id < ${older}` : sql``}
    order by m.id desc limit ${limit}`
}

const LOOKED_AT = 1_000

/** By which message the person opted out, and by which it was seen that they cannot be reached. Among the newest. */
export async function findReasons(
  sql: Tx,
  { senderId, address }: ContactPlace,
): Promise<{ optedOutBy: Said | undefined; unreachableBy: Said | undefined }> {
  const newest = (condition: Fragment) => sql<Said[]>`
    select * from (
      select * from messages where contact_address = ${address} and (sender_id = ${senderId}) is true
      order by id desc limit ${LOOKED_AT}
    ) newest
    where ${condition} order by id desc limit 1`
  const [optedOutBy] = await newest(sql`inbound ->> 'optOutType' = 'STOP'`)
  const [unreachableBy] = await newest(sql`error_code = 63014`)
  return { optedOutBy, unreachableBy }
}
