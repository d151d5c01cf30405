/** What a step needs to know of a message, read for many steps at once. */
import type { Json } from '#core/channel.ts'
import type { Id } from '#core/ids.ts'
import type { Job } from '#jobs/queue.ts'
import { rows, type Sql } from '#store/connection.ts'
import { freshCookies, type Reach, reachOf } from '#store/contacts.ts'
import { gather } from '#store/gather.ts'
import { asCreated, type Message, type NewMessage } from '#store/messages.ts'
import { near } from '#store/near.ts'
import type { Part } from '#store/parts.ts'

export type LoadedMessage = Message &
  Reach & {
    contactName: string | null
    /** How long ago the message was made, or a scheduled one became due. */
    ageMs: number
    /** Cookies of the customer's server for this conversation, at most 4 hours old. */
    cookies: string | null
    /** The event that an inbound message came with. */
    event: Json
    parts: (Omit<Part, 'startedAt'> & { startedMsAgo: number })[]
  }

/** The message of a job, which names it in its `data`. */
export type Load = (job: Job) => Promise<LoadedMessage | undefined>

/** A message that is being written, as `load` would find it. */
export function asLoaded(
  message: NewMessage,
  createdAt: Date,
  {
    actedMsAgo = null,
    pausedMs = null,
    contactName = null,
    cookies = null,
    event = null,
  }: Partial<Pick<LoadedMessage, 'actedMsAgo' | 'pausedMs' | 'contactName' | 'cookies' | 'event'>>,
): LoadedMessage {
  return { ...asCreated(message, createdAt), contactName, actedMsAgo, pausedMs, cookies, event, ageMs: 0, parts: [] }
}

/** What a job's maker knows of the message that it has just written. `at`: `performance.now()` then. */
export type Known = { message: LoadedMessage; at: number }

/** As long as the directory remembers: what was known so lately need not be read again. */
const FRESH_MS = 1000

export function createLoad(sql: Sql): Load {
  const read = gather(
    async (keys: { accountSid: string; messageId: Id }[]) => {
      const ids = keys.map(({ messageId }) => messageId)
      const found = await sql<LoadedMessage[]>`
        select m.*, c.name as contact_name,
          ${reachOf(sql)}, extract(epoch from clock_now() - coalesce(m.send_at, m.created_at))::float8 * 1000 as age_ms,
          ${freshCookies(sql)} as cookies,
          e.raw as event,
          coalesce((
            select json_agg(json_build_object('accountSid', p.account_sid, 'messageId', p.message_id, 'part', p.part,
              'state', p.state, 'attempt', p.attempt, 'channelMessageId', p.channel_message_id, 'code', p.code,
              'startedMsAgo', extract(epoch from clock_now() - p.started_at)::float8 * 1000) order by p.part)
            from message_parts p where p.account_sid = m.account_sid and p.message_id = m.id
              ${near(sql, 'p.message_id', ids)}), '[]') as parts
        from json_to_recordset(${rows(keys)}::text::json) as k("accountSid" text, "messageId" uuid)
        join messages m on m.account_sid = k."accountSid" and m.id = k."messageId"
          ${near(sql, 'm.id', ids)}
        left join contacts c on c.account_sid = m.account_sid and c.sender_id = m.sender_id
          and c.address = m.contact_address
        left join senders s on s.account_sid = m.account_sid and s.id = m.sender_id
        left join events e on e.id = m.event_id`
      const byId = new Map(found.map((message) => [message.id, message]))
      return keys.map((key) => byId.get(key.messageId))
    },
    { maxItems: 250, maxRunning: 2 },
  )
  return async ({ data, known }) => {
    const fresh = known as Known | undefined
    if (fresh && performance.now() - fresh.at < FRESH_MS) return fresh.message
    return await read({ accountSid: data.accountSid, messageId: data.messageId as Id })
  }
}
