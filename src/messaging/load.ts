/** What a step needs to know of a message, read for many steps at once. */
import type { Json } from '#core/channel.ts'
import { sharedNowMs } from '#core/clock.ts'
import { firstIdAt, type Id } from '#core/ids.ts'
import type { Job } from '#jobs/queue.ts'
import { rows, type Sql } from '#store/connection.ts'
import { gather } from '#store/gather.ts'
import type { Message } from '#store/messages.ts'
import { near } from '#store/near.ts'
import type { Part } from '#store/parts.ts'

export type LoadedMessage = Message & {
  contactName: string | null
  /** How long ago the person last acted, by the database's clock against the provider's; null: never. */
  actedMsAgo: number | null
  /** How long ago the message was made, or a scheduled one became due. */
  ageMs: number
  /** How much longer the provider wants the sender to be silent; null or less than 0: not now. */
  pausedMs: number | null
  /** Cookies of the customer's server for this conversation, at most 4 hours old. */
  cookies: string | null
  /** Replies that the person of an inbound message has got within the last `REPLY_WINDOW_SECONDS`. */
  recentReplies: number
  /** The event that an inbound message came with. */
  event: Json
  parts: (Omit<Part, 'startedAt'> & { startedMsAgo: number })[]
}

/** Twilio's guard against two machines that answer each other counts replies within so long (twilio.md 2.7, 14107). */
export const REPLY_WINDOW_SECONDS = 30

/** The message of a job, which names it in its `data`. */
export type Load = (job: Job) => Promise<LoadedMessage | undefined>

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
          extract(epoch from clock_now() - c.last_action_at)::float8 * 1000 as acted_ms_ago,
          extract(epoch from clock_now() - coalesce(m.send_at, m.created_at))::float8 * 1000 as age_ms,
          extract(epoch from s.paused_until - clock_now())::float8 * 1000 as paused_ms,
          case when c.cookies_at > clock_now() - interval '4 hours' then c.cookies end as cookies,
          e.raw as event,
          case when m.direction = 'inbound' then (
            select count(*)::integer from messages r
            where r.contact_address = m.contact_address and r.id > ${firstIdAt(new Date(sharedNowMs() - 2000 * REPLY_WINDOW_SECONDS))}
              and r.account_sid = m.account_sid and r.sender_id = m.sender_id and r.direction = 'outbound-reply'
              and r.created_at > clock_now() - ${REPLY_WINDOW_SECONDS} * interval '1 second'
          ) else 0 end as recent_replies,
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
