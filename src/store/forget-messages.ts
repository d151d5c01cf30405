/** What is to be known of a message no more: with its text goes every copy that was kept of it. */
import { type Id, messageSid } from '#core/ids.ts'
import type { MessageStatus } from '#core/status.ts'
import { rows, type Sql, type Tx } from './connection.ts'
import { deleteMedia } from './media.ts'

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
    await deleteMedia(tx, [{ accountSid, messageId: id }])
    await tx`delete from message_parts where account_sid = ${accountSid} and message_id = ${id}`
    await tx`delete from exchanges where account_sid = ${accountSid} and message_id = ${id}`
    await tx`delete from replays where account_sid = ${accountSid} and message_id = ${id}`
    return true
  })
}

/** What people took back (meta.md 1.8). */
export async function forgetTakenBack(
  tx: Tx,
  items: readonly { senderId: Id; channelMessageId: string | null }[],
): Promise<void> {
  if (items.length === 0) return
  const found = await tx<Forgettable[]>`
    update messages m set body = '', media = '[]', inbound = null, updated_at = clock_now()
    from json_to_recordset(${rows(items)}::text::json) as t("senderId" uuid, "channelMessageId" text)
    where m.sender_id = t."senderId" and m.channel_message_id = t."channelMessageId"
    returning m.account_sid, m.id, m.num_media, m.event_id`
  await forgetCopies(tx, found)
  await deleteMedia(
    tx,
    found.filter((message) => message.numMedia > 0).map(({ accountSid, id }) => ({ accountSid, messageId: id })),
  )
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
