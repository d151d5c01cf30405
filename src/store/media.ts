/** What messages carry: one row per picture, sound, film or file. Their bytes are `media-files`. */
import { type Id, newId } from '#core/ids.ts'
import { rows, type Sql, type Tx } from './connection.ts'
import type { NewMessage } from './messages.ts'

/** `waiting`: not fetched yet. `failed`: given up; Twilio would not list it, nor do we. */
export type MediaState = 'waiting' | 'stored' | 'failed'

export type MediaAccess = 'public' | 'auth' | 'signed'

export type MediaRow = {
  accountSid: string
  id: Id
  messageId: Id
  nth: number
  state: MediaState
  /** Whether those who need it still wait for it. */
  isAwaited: boolean
  contentType: string | null
  fileName: string | null
  fileId: Id | null
  createdAt: Date
  updatedAt: Date
}

/** The same message again changes nothing. Of a message whose content is not to be kept, nothing is. */
export async function insertMedia(tx: Tx, messages: readonly NewMessage[]): Promise<void> {
  const input = messages
    .filter(({ contentRetention }) => contentRetention !== 'discard')
    .flatMap(({ accountSid, id, media }) =>
      media.map(({ contentType }, nth) => ({ accountSid, id: newId(), messageId: id, nth, contentType })),
    )
  if (input.length === 0) return
  await tx`
    insert into media (account_sid, id, message_id, nth, content_type)
    select "accountSid", id, "messageId", nth, "contentType" from json_to_recordset(${rows(input)}::text::json)
      as m("accountSid" text, id uuid, "messageId" uuid, nth integer, "contentType" text)
    on conflict (account_sid, message_id, nth) do nothing`
}

export type MediaResult = {
  accountSid: string
  id: Id
  /** `waiting`: it is still tried, but nobody is to wait for it any more. */
  state: MediaState
  fileId: Id | null
  contentType: string | null
  fileName: string | null
}

/**
 * What became of media that waited. One that is gone stays gone. Throws when the file is gone (23503): then it must be
 * fetched again.
 */
export async function settleMedia(tx: Tx, results: readonly MediaResult[]): Promise<void> {
  if (results.length === 0) return
  await tx`
    update media m set state = r.state, is_awaited = false, file_id = r."fileId", updated_at = clock_now(), file_name = r."fileName",
      content_type = coalesce(r."contentType", m.content_type)
    from json_to_recordset(${rows(results)}::text::json)
      as r("accountSid" text, id uuid, state text, "fileId" uuid, "contentType" text, "fileName" text)
    where m.account_sid = r."accountSid" and m.id = r.id and m.state = 'waiting'`
}

/** `readAt`: what the store's clock said then. A link's time begins and ends by it. */
export type ReadMedia = MediaRow & { readAt: Date }

/** All of a message's, in its order. */
export async function findMediaOf(sql: Tx, accountSid: string, messageId: Id): Promise<ReadMedia[]> {
  return await sql<ReadMedia[]>`
    select *, clock_now() as read_at from media where account_sid = ${accountSid} and message_id = ${messageId} order by nth`
}

/** Those of these messages of which nothing is awaited any more. */
export async function findReady(tx: Tx, messages: readonly { accountSid: string; messageId: Id }[]): Promise<Set<Id>> {
  if (messages.length === 0) return new Set()
  const ready = await tx<{ messageId: Id }[]>`
    select k."messageId" from json_to_recordset(${rows(messages)}::text::json) as k("accountSid" text, "messageId" uuid)
    where not exists (
      select from media m where m.account_sid = k."accountSid" and m.message_id = k."messageId" and m.state = 'waiting'
        and m.is_awaited)`
  return new Set(ready.map((row) => row.messageId))
}

export type MediaFilter = {
  accountSid: string
  messageId: Id
  createdFrom: Date | null
  createdBefore: Date | null
}

/** In the message's order; `edge` continues after (older) or before (newer) a media. Pages come in reading order. */
export async function listMedia(
  sql: Sql,
  { accountSid, messageId, createdFrom, createdBefore }: MediaFilter,
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<MediaRow[]> {
  const back = edge?.direction === 'newer'
  const found = await sql<MediaRow[]>`
    select * from media
    where account_sid = ${accountSid} and message_id = ${messageId} and state <> 'failed'
      ${createdFrom ? sql`and created_at >= ${createdFrom}` : sql``}
      ${createdBefore ? sql`and created_at < ${createdBefore}` : sql``}
      ${edge ? (back ? sql`and id < ${edge.id}` : sql`and id > ${edge.id}`) : sql``}
    order by id ${back ? sql`desc` : sql`asc`} limit ${limit}`
  return back ? found.reverse() : found
}

/** One that can be loaded, with what its file and its account say. */
export type LoadableMedia = ReadMedia & { fileId: Id; bytes: number; sha256: string; access: MediaAccess }

export async function findLoadable(sql: Tx, accountSid: string, id: Id): Promise<LoadableMedia | undefined> {
  const [row] = await sql<LoadableMedia[]>`
    select m.*, f.bytes::float8 as bytes, f.sha256, a.media_access as access, clock_now() as read_at
    from media m
    join media_files f on f.account_sid = m.account_sid and f.id = m.file_id
    join accounts a on a.sid = m.account_sid
    where m.account_sid = ${accountSid} and m.id = ${id} and m.state = 'stored' and a.status <> 'closed'`
  return row
}

/** Answers how many went. Their files are looked at by the next sweep. */
export async function deleteMedia(tx: Tx, which: readonly { accountSid: string; messageId: Id; id?: Id }[]) {
  if (which.length === 0) return 0
  const [gone] = await tx<{ count: string }[]>`
    with gone as (
      delete from media m using json_to_recordset(${rows(which)}::text::json)
        as k("accountSid" text, "messageId" uuid, id uuid)
      where m.account_sid = k."accountSid" and m.message_id = k."messageId" and (k.id is null or m.id = k.id)
      returning m.account_sid, m.file_id
    ), loose as (
      update media_files f set check_at = clock_now() from gone g where f.account_sid = g.account_sid and f.id = g.file_id
    )
    select count(*) from gone`
  return Number(gone?.count)
}

/** At most `limit` of those whose ids are before this one. */
export async function deleteOldMedia(sql: Sql, before: Id, limit: number): Promise<number> {
  const [gone] = await sql<{ count: string }[]>`
    with old as (
      select account_sid, id from media where id < ${before} order by id limit ${limit} for update skip locked
    ), gone as (
      delete from media m using old o where m.account_sid = o.account_sid and m.id = o.id
      returning m.account_sid, m.file_id
    ), loose as (
      update media_files f set check_at = clock_now() from gone g where f.account_sid = g.account_sid and f.id = g.file_id
    )
    select count(*) from gone`
  return Number(gone?.count)
}

export async function findMediaAccess(sql: Tx, accountSid: string): Promise<MediaAccess> {
  const [row] = await sql<{ access: MediaAccess }[]>`
    select media_access as access from accounts where sid = ${accountSid}`
  return row?.access ?? 'auth'
}

export async function saveMediaAccess(sql: Tx, accountSid: string, access: MediaAccess): Promise<void> {
  await sql`update accounts set media_access = ${access}, updated_at = clock_now() where sid = ${accountSid}`
}
