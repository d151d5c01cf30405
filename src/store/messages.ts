/** Messages, in and out. Their status is written by `moveStatuses` alone, which only `messaging/update-status` calls. */
import type { ProviderDetail } from '#core/channel.ts'
import type { AccountSid, Id } from '#core/ids.ts'
import type { MessageStatus } from '#core/status.ts'
import { rows, type Tx } from './connection.ts'
import type { ContactKey } from './contacts.ts'
import { near } from './near.ts'
import type { Method } from './senders.ts'
import { countingUsage } from './usage.ts'

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
  /** The messaging service that it goes, or came, through. */
  serviceId: Id | null
  /** When a scheduled message becomes due. */
  sendAt: Date | null
  /** What it was made from: a reply from what it answers, a repeated send from the one that failed. */
  causeId?: Id | null
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
    with input as (
      select * from ${messageRows(tx, messages)}
    ), message as (
      ${insertingMessages(tx)} on conflict (account_sid, id) do nothing
      returning account_sid, id, channel, direction, num_media, created_at
    ), counted as (
      ${countingUsage(tx)}
    )
    select id, created_at from message`
  return new Map(inserted.map((message) => [message.id, message.createdAt]))
}

/** New messages, and what `more` columns they have beside, as rows `m` of a statement. */
export const messageRows = (tx: Tx, messages: readonly NewMessage[], more = tx``) => tx`
  json_to_recordset(${rows(messages)}::text::json) as m("accountSid" text, id uuid, direction text, channel text,
    "senderId" uuid, "senderAddress" text, "contactAddress" text, body text, media json, status text,
    "statusCallbackUrl" text, "actionUrl" text, "actionMethod" text, "validitySeconds" integer, tags json,
    "contentRetention" text, "addressRetention" text, "eventId" uuid, "channelMessageId" text, inbound json,
    "serviceId" uuid, "sendAt" timestamptz, "causeId" uuid${more})`

/** For a statement that has `messageRows` in a CTE `input`. */
export const insertingMessages = (tx: Tx) => tx`
  insert into messages (account_sid, id, direction, channel, sender_id, sender_address, contact_address, body, media,
    num_media, status, status_callback_url, action_url, action_method, validity_seconds, tags, content_retention,
    address_retention, event_id, channel_message_id, inbound, service_id, send_at, cause_id)
  select "accountSid", id, direction, channel, "senderId", "senderAddress", "contactAddress", body, media,
    json_array_length(media), status, "statusCallbackUrl", "actionUrl", "actionMethod", "validitySeconds", tags,
    "contentRetention", "addressRetention", "eventId", "channelMessageId", inbound, "serviceId", "sendAt", "causeId"
  from input`

export async function findMessage(sql: Tx, accountSid: string, id: Id): Promise<Message | undefined> {
  const [row] = await sql<Message[]>`
    select m.*, ${shownStatus(sql, sql`and p.message_id = ${id}`)} from messages m
    where account_sid = ${accountSid} and id = ${id}`
  return row
}

/** Whether the conversation holds replies that this message caused, among the `REPLIED_TO` after it. */
export async function hasReplies(
  sql: Tx,
  { accountSid, contactAddress, id }: Pick<Message, 'accountSid' | 'contactAddress' | 'id'>,
): Promise<boolean> {
  const found = await sql`
    select from (
      select account_sid, cause_id, direction from messages
      where contact_address = ${contactAddress} and id > ${id} order by id limit ${REPLIED_TO}
    ) later
    where account_sid = ${accountSid} and cause_id = ${id} and direction = 'outbound-reply' limit 1`
  return found.length > 0
}

/** When the person of this message last wrote before it; null: not that is kept. */
export async function findLastInboundBefore(
  sql: Tx,
  { senderId, contactAddress, id }: Pick<Message, 'senderId' | 'contactAddress' | 'id'>,
): Promise<Date | null> {
  const [row] = await sql<{ createdAt: Date }[]>`
    select created_at from (
      select created_at, direction, sender_id from messages
      where contact_address = ${contactAddress} and id < ${id} order by id desc limit ${REPLIED_TO}
    ) earlier
    where direction = 'inbound' and sender_id = ${senderId} limit 1`
  return row?.createdAt ?? null
}

/** What was made because of this message: replies and repeated sends, in its conversation and among those at its time. */
export async function findEffects(
  sql: Tx,
  { accountSid, contactAddress, id }: Pick<Message, 'accountSid' | 'contactAddress' | 'id'>,
  until: Id,
): Promise<Id[]> {
  const found = await sql<{ id: Id }[]>`
    select id from (
      (select id, account_sid, cause_id from messages
        where contact_address = ${contactAddress} and id > ${id} order by id limit ${REPLIED_TO})
      union
      (select id, account_sid, cause_id from messages
        where account_sid = ${accountSid} and id > ${id} and id < ${until} order by id limit ${10 * REPLIED_TO})
    ) later
    where account_sid = ${accountSid} and cause_id = ${id} order by id limit 50`
  return found.map((row) => row.id)
}

/** A queued message is sending once a provider call of it is written down. */
export const shownStatus = (sql: Tx, alone = sql``) => sql`
  case when m.status = 'queued' and exists (
    select from message_parts p where p.account_sid = m.account_sid and p.message_id = m.id ${alone}
  ) then 'sending' else m.status end as status`

/**
 * The message of this conversation that has this id at the provider, in or out. One that we sent is looked for among the
 * conversation's newest `REPLIED_TO`: an index over all ids would cost every send, and this is asked for seldom.
 */
export async function findByChannelId(
  sql: Tx,
  { accountSid, senderId, address }: ContactKey,
  channelMessageId: string,
): Promise<Message | undefined> {
  const [row] = await sql<Message[]>`
    select * from messages where sender_id = ${senderId} and channel_message_id = ${channelMessageId}
    union all
    (select m.* from (
      select * from messages
      where contact_address = ${address} and (account_sid = ${accountSid} and sender_id = ${senderId}) is true
      order by id desc limit ${REPLIED_TO}
    ) m
    join message_parts p on p.account_sid = m.account_sid and p.message_id = m.id
    where p.channel_message_id = ${channelMessageId})
    limit 1`
  return row
}

const REPLIED_TO = 1000

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
      ${near(
        tx,
        'm.id',
        moves.map(({ messageId }) => messageId),
      )}
    returning m.account_sid, m.id, m.sender_id, m.status, m.num_media, m.action_url is not null as has_action,
      m.status_callback_url is not null or exists (
        select 1 from senders x where x.account_sid = m.account_sid and x.id = m.sender_id
          and x.status_callback_url is not null)
      or m.service_id is not null and exists (
        select 1 from messaging_services v where v.account_sid = m.account_sid and v.id = m.service_id
          and v.status_callback_url is not null) as has_callback`
}
