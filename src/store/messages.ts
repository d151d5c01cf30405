/** Messages, in and out. Their status is written by `moveStatuses` alone, which only `messaging/update-status` calls. */
import type { ProviderDetail } from '#core/channel.ts'
import { type AccountSid, type Id, messageSid } from '#core/ids.ts'
import type { MessageStatus } from '#core/status.ts'
import { rows, type Sql, type Tx } from './connection.ts'
import type { Method } from './senders.ts'

export type Direction = 'inbound' | 'outbound-api' | 'outbound-reply'
export type Media = { url: string; contentType: string | null }

/** What an inbound message had beside its text and media. */
export type InboundDetail = {
  button?: { payload: string; text: string }
  referral?: { ref: string | null; source: string | null; type: string | null; adId: string | null }
  location?: { latitude: number; longitude: number }
  repliedTo?: string
  optOutType?: 'STOP' | 'START' | 'HELP'
}

export type NewMessage = {
  accountSid: AccountSid
  id: Id
  direction: Direction
  channel: string
  senderId: Id
  senderAddress: string
  contactAddress: string
  body: string
  media: Media[]
  status: MessageStatus
  statusCallbackUrl: string | null
  actionUrl: string | null
  actionMethod: Method | null
  validitySeconds: number
  tags: Record<string, string> | null
  contentRetention: 'retain' | 'discard'
  addressRetention: 'retain' | 'obfuscate'
  eventId: Id | null
  channelMessageId: string | null
  inbound: InboundDetail | null
}

export type Message = NewMessage & {
  numMedia: number
  errorCode: number | null
  errorText: string | null
  providerDetail: ProviderDetail | null
  createdAt: Date
  updatedAt: Date
  sentAt: Date | null
}

/** A message as it reads when nothing has become of it yet. */
export const asCreated = (message: NewMessage, createdAt: Date): Message => ({
  ...message,
  numMedia: message.media.length,
  errorCode: null,
  errorText: null,
  providerDetail: null,
  createdAt,
  updatedAt: createdAt,
  sentAt: null,
})

/** Answers those that are new and when they were made; the same id again changes nothing. */
export async function insertMessages(tx: Tx, messages: readonly NewMessage[]): Promise<Map<Id, Date>> {
  if (messages.length === 0) return new Map()
  const inserted = await tx<{ id: Id; createdAt: Date }[]>`
    with input as (select * from ${messageRows(tx, messages)})
    ${insertingMessages(tx)} on conflict (account_sid, id) do nothing returning id, created_at`
  return new Map(inserted.map((message) => [message.id, message.createdAt]))
}

/** New messages, and what `more` columns they have beside, as rows `m` of a statement. */
export const messageRows = (tx: Tx, messages: readonly NewMessage[], more = tx``) => tx`
  json_to_recordset(${rows(messages)}::text::json) as m("accountSid" text, id uuid, direction text, channel text,
    "senderId" uuid, "senderAddress" text, "contactAddress" text, body text, media json, status text,
    "statusCallbackUrl" text, "actionUrl" text, "actionMethod" text, "validitySeconds" integer, tags json,
    "contentRetention" text, "addressRetention" text, "eventId" uuid, "channelMessageId" text, inbound json${more})`

/** For a statement that has `messageRows` in a CTE `input`. */
export const insertingMessages = (tx: Tx) => tx`
  insert into messages (account_sid, id, direction, channel, sender_id, sender_address, contact_address, body, media,
    num_media, status, status_callback_url, action_url, action_method, validity_seconds, tags, content_retention,
    address_retention, event_id, channel_message_id, inbound)
  select "accountSid", id, direction, channel, "senderId", "senderAddress", "contactAddress", body, media,
    json_array_length(media), status, "statusCallbackUrl", "actionUrl", "actionMethod", "validitySeconds", tags,
    "contentRetention", "addressRetention", "eventId", "channelMessageId", inbound
  from input`

export async function findMessage(sql: Tx, accountSid: string, id: Id): Promise<Message | undefined> {
  const [row] = await sql<
    Message[]
  >`select m.*, ${shownStatus(sql)} from messages m where account_sid = ${accountSid} and id = ${id}`
  return row
}

/** A queued message is sending once a provider call of it is written down. */
const shownStatus = (sql: Tx) => sql`
  case when m.status = 'queued' and exists (
    select from message_parts p where p.account_sid = m.account_sid and p.message_id = m.id
  ) then 'sending' else m.status end as status`

export type MessageFilter = {
  accountSid: string
  /** A channel address without its prefix, as sender or receiver. */
  from: { sender?: string; contact?: string } | null
  to: { sender?: string; contact?: string } | null
  sentFrom: Date | null
  sentBefore: Date | null
}

/** Newest first; `edge` continues after (older) or before (newer) a message. Pages come in reading order either way. */
export async function listMessages(
  sql: Sql,
  filter: MessageFilter,
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<Message[]> {
  const newer = edge?.direction === 'newer'
  const { from, to } = filter
  const found = await sql<Message[]>`
    select m.*, ${shownStatus(sql)} from messages m
    where account_sid = ${filter.accountSid}
      ${from ? sql`and ${isFrom(sql, from)}` : sql``}
      ${to ? sql`and ${isTo(sql, to)}` : sql``}
      ${filter.sentFrom ? sql`and coalesce(sent_at, created_at) >= ${filter.sentFrom}` : sql``}
      ${filter.sentBefore ? sql`and coalesce(sent_at, created_at) < ${filter.sentBefore}` : sql``}
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}

type Party = { sender?: string; contact?: string }

/** An address may be a Page's or a person's; which it is, only the rows tell. */
const isFrom = (sql: Sql, { sender = '', contact = '' }: Party) =>
  sql`((direction = 'inbound' and contact_address = ${contact}) or (direction <> 'inbound' and sender_address = ${sender}))`

const isTo = (sql: Sql, { sender = '', contact = '' }: Party) =>
  sql`((direction <> 'inbound' and contact_address = ${contact}) or (direction = 'inbound' and sender_address = ${sender}))`

/**
 * Text and media go, with their copies in the event, the exchanges and the alerts; the rest stays. False when the
 * message is not there or not in one of these states.
 */
export async function redactMessage(
  sql: Sql,
  accountSid: string,
  id: Id,
  states: readonly MessageStatus[],
): Promise<boolean> {
  return await sql.begin(async (tx) => {
    const found = await tx<Forgettable[]>`
      update messages set body = '', inbound = null, updated_at = clock_now()
      where account_sid = ${accountSid} and id = ${id} and status = any(${[...states]}::text[])
      returning account_sid, id, num_media, event_id`
    await forgetCopies(tx, found)
    return found.length > 0
  })
}

/** The message with everything that was kept of it. False as above. */
export async function deleteMessage(
  sql: Sql,
  accountSid: string,
  id: Id,
  states: readonly MessageStatus[],
): Promise<boolean> {
  return await sql.begin(async (tx) => {
    const gone = await tx<Forgettable[]>`
      delete from messages
      where account_sid = ${accountSid} and id = ${id} and status = any(${[...states]}::text[])
      returning account_sid, id, num_media, event_id`
    if (gone.length === 0) return false
    await forgetCopies(tx, gone)
    await tx`delete from message_parts where account_sid = ${accountSid} and message_id = ${id}`
    await tx`delete from exchanges where account_sid = ${accountSid} and message_id = ${id}`
    return true
  })
}

/** What people took back (meta.md 1.8). */
export async function forgetTakenBack(
  tx: Tx,
  items: readonly { senderId: Id; channelMessageId: string }[],
): Promise<void> {
  if (items.length === 0) return
  const found = await tx<Forgettable[]>`
    update messages m set body = '', media = '[]', inbound = null, updated_at = clock_now()
    from json_to_recordset(${rows(items)}::text::json) as t("senderId" uuid, "channelMessageId" text)
    where m.sender_id = t."senderId" and m.channel_message_id = t."channelMessageId"
    returning m.account_sid, m.id, m.num_media, m.event_id`
  await forgetCopies(tx, found)
}

type Forgettable = { accountSid: string; id: Id; numMedia: number; eventId: Id | null }

async function forgetCopies(tx: Tx, messages: readonly Forgettable[]): Promise<void> {
  if (messages.length === 0) return
  const input = rows(messages.map((each) => ({ ...each, sid: messageSid(each.id, each.numMedia) })))
  await tx`
    with gone as (
      select * from json_to_recordset(${input}::text::json)
        as g("accountSid" text, id uuid, sid text, "eventId" uuid)
    ), events_gone as (
      update events e set raw = '{"redacted": true}' from gone g where e.id = g."eventId"
    ), exchanges_gone as (
      update exchanges x set request_params = '{}', url = split_part(x.url, '?', 1)
      from gone g where x.account_sid = g."accountSid" and x.message_id = g.id
    )
    update alerts a set request_variables = null, request_url = split_part(a.request_url, '?', 1)
    from gone g where a.account_sid = g."accountSid" and a.resource_sid = g.sid`
}

/** How many messages each conversation got as replies within the last `seconds`. */
export async function countReplies(
  sql: Tx,
  accountSid: string,
  senderId: Id,
  contactAddress: string,
  seconds: number,
): Promise<number> {
  const [row] = await sql<{ count: string }[]>`
    select count(*) from (
      select created_at, sender_id, direction from messages
      where account_sid = ${accountSid} and contact_address = ${contactAddress} order by id desc limit 50
    ) latest
    where sender_id = ${senderId} and direction = 'outbound-reply'
      and created_at > clock_now() - ${seconds} * interval '1 second'`
  return Number(row?.count)
}

/** The message that has this id at the provider, in or out. */
export async function findByChannelId(sql: Tx, senderId: Id, channelMessageId: string): Promise<Message | undefined> {
  const [row] = await sql<Message[]>`
    select * from messages where sender_id = ${senderId} and channel_message_id = ${channelMessageId}
    union all
    select m.* from message_parts p join messages m on m.account_sid = p.account_sid and m.id = p.message_id
    where p.sender_id = ${senderId} and p.channel_message_id = ${channelMessageId}
    limit 1`
  return row
}

export type StatusMove = {
  accountSid: string
  messageId: Id
  to: MessageStatus
  errorCode?: number
  errorText?: string
  detail?: ProviderDetail | undefined
}

export type MovedMessage = {
  accountSid: AccountSid
  id: Id
  senderId: Id
  status: MessageStatus
  numMedia: number
  hasCallback: boolean
  hasAction: boolean
}

/** Moves those that are in a state from which the move is legal; answers them. One move per message and call. */
export async function moveStatuses(
  tx: Tx,
  moves: readonly (StatusMove & { enteredFrom: readonly MessageStatus[]; final: boolean })[],
): Promise<MovedMessage[]> {
  if (moves.length === 0) return []
  return await tx<MovedMessage[]>`
    with input as (
      select * from json_to_recordset(${rows(moves)}::text::json) as s("accountSid" text, "messageId" uuid, "to" text,
        "enteredFrom" text[], final boolean, "errorCode" integer, "errorText" text, detail json)
    )
    update messages m set
      status = s."to", updated_at = clock_now(),
      sent_at = case when s."to" = 'sent' then clock_now() else m.sent_at end,
      body = case when s.final and m.content_retention = 'discard' then '' else m.body end,
      error_code = s."errorCode", error_text = s."errorText", provider_detail = s.detail
    from input s
    where m.account_sid = s."accountSid" and m.id = s."messageId" and m.status = any(s."enteredFrom")
    returning m.account_sid, m.id, m.sender_id, m.status, m.num_media, m.action_url is not null as has_action,
      m.status_callback_url is not null or exists (
        select 1 from senders x where x.account_sid = m.account_sid and x.id = m.sender_id
          and x.status_callback_url is not null) as has_callback`
}
