/** How many replies the people of inbound messages have got lately. */
import { sharedNowMs } from '#core/clock.ts'
import { firstIdAt } from '#core/ids.ts'
import { rows, type Sql } from '#store/connection.ts'
import { gather } from '#store/gather.ts'
import type { Message } from '#store/messages.ts'

/** Twilio's guard against two machines that answer each other counts replies within so long (twilio.md 2.7, 14107). */
export const REPLY_WINDOW_SECONDS = 30

type Conversation = Pick<Message, 'accountSid' | 'senderId' | 'contactAddress'>

export function createCountReplies(sql: Sql): (message: Conversation) => Promise<number> {
  return gather(
    async (messages) => {
      const keys = messages.map(({ accountSid, senderId, contactAddress }) => ({
        accountSid,
        senderId,
        contactAddress,
      }))
      // `is true` keeps the sender's index, which holds all that the Page has said, away from one person's work.
      const counted = await sql<{ replies: number }[]>`
        select (
          select count(*)::integer from messages r
          where r.contact_address = k."contactAddress"
            and r.id > ${firstIdAt(new Date(sharedNowMs() - 2000 * REPLY_WINDOW_SECONDS))}
            and (r.account_sid = k."accountSid" and r.sender_id = k."senderId") is true
            and r.direction = 'outbound-reply' and r.created_at > clock_now() - ${REPLY_WINDOW_SECONDS} * interval '1 second'
        ) as replies
        from rows from (
          json_to_recordset(${rows(keys)}::text::json) as ("accountSid" text, "senderId" uuid, "contactAddress" text)
        ) with ordinality as k("accountSid", "senderId", "contactAddress", nth) order by nth`
      return counted.map(({ replies }) => replies)
    },
    { maxItems: 250, maxRunning: 2 },
  )
}
