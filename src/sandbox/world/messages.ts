/** Messages of both sides, and their shape on the chat page. */
import type { Attachment, QuickReply, ThreadMessage } from '../contract.ts'
import { browserUrl } from './files.ts'
import type { Tx, World } from './world.ts'

export type NewMessage = {
  mid: string
  psid: string
  fromPage: boolean
  text: string | null
  attachments: Attachment[]
  quickReplies: QuickReply[]
  replyTo: string | null
  /** Of a message of the Page: what its app gave along, and the how many-th of the thread it is. */
  metadata?: string | null
  number?: number
  sentAt: Date
  deliveredAt: Date | null
  webhook: ThreadMessage['webhook']
}

export type MessageRow = NewMessage & { readAt: Date | null; takenBack: boolean }

const columns = (sql: Tx) => sql`
  mid, psid, from_page as "fromPage", text, attachments, quick_replies as "quickReplies", reply_to as "replyTo",
  sent_at as "sentAt", delivered_at as "deliveredAt", read_at as "readAt", webhook, taken_back as "takenBack"`

export async function insertMessage(tx: Tx, message: NewMessage): Promise<MessageRow> {
  const { mid, psid, fromPage, text, attachments, quickReplies, replyTo, sentAt, deliveredAt, webhook } = message
  const { metadata = null, number = null } = message
  await tx`
    insert into sandbox.messages
      (mid, psid, from_page, text, attachments, quick_replies, reply_to, sent_at, delivered_at, webhook, metadata, number)
    values (${mid}, ${psid}, ${fromPage}, ${text}, ${JSON.stringify(attachments)}::text::jsonb,
      ${JSON.stringify(quickReplies)}::text::jsonb, ${replyTo}, ${sentAt}, ${deliveredAt}, ${webhook}, ${metadata}, ${number})`
  return { ...message, readAt: null, takenBack: false }
}

export async function findMessage(sql: Tx, mid: string): Promise<MessageRow | undefined> {
  const [message] = await sql<MessageRow[]>`select ${columns(sql)} from sandbox.messages where mid = ${mid}`
  return message
}

/** The newest ones, oldest first. */
export async function listMessages(sql: Tx, psid: string, limit: number): Promise<MessageRow[]> {
  const rows = await sql<MessageRow[]>`
    select ${columns(sql)} from sandbox.messages where psid = ${psid} order by position desc limit ${limit}`
  return rows.reverse()
}

/** The mids of the Page's messages that the person had not yet seen. */
export async function markRead(tx: Tx, psid: string, at: Date): Promise<string[]> {
  const rows = await tx<{ mid: string }[]>`
    update sandbox.messages set read_at = ${at} where psid = ${psid} and from_page and read_at is null returning mid`
  return rows.map((row) => row.mid)
}

/** The mids of the person's messages that the Page had not yet marked as seen. */
export async function markSeen(sql: Tx, psid: string, at: Date): Promise<string[]> {
  const rows = await sql<{ mid: string }[]>`
    update sandbox.messages set read_at = ${at} where psid = ${psid} and not from_page and read_at is null returning mid`
  return rows.map((row) => row.mid)
}

/** Empties the person's message; false when there is none, or it was taken back before. */
export async function emptyMessage(tx: Tx, psid: string, mid: string): Promise<boolean> {
  const done = await tx`
    update sandbox.messages set taken_back = true, text = null, attachments = '[]', quick_replies = '[]'
    where mid = ${mid} and psid = ${psid} and not from_page and not taken_back`
  return done.count > 0
}

/** True when that changed something. */
export async function setWebhookState(sql: Tx, mid: string, state: 'accepted' | 'failed'): Promise<boolean> {
  const done = await sql`
    update sandbox.messages set webhook = ${state} where mid = ${mid} and webhook is distinct from ${state}`
  return done.count > 0
}

export const toThreadMessage = (world: World, row: MessageRow): ThreadMessage => ({
  mid: row.mid,
  from: row.fromPage ? 'page' : 'person',
  text: row.text,
  attachments: row.attachments.map((attachment) =>
    attachment.type === 'template' ? attachment : { ...attachment, url: browserUrl(world, attachment.url) },
  ),
  quickReplies: row.quickReplies,
  sentAt: row.sentAt.toISOString(),
  deliveredAt: row.deliveredAt?.toISOString() ?? null,
  readAt: row.readAt?.toISOString() ?? null,
  webhook: row.webhook,
  takenBack: row.takenBack,
})
