/** Pages of an account's messages, in about the same time at any depth and for any filter. */
import { firstIdAt, type Id } from '#core/ids.ts'
import type { Sql, Tx } from './connection.ts'
import { type Message, shownStatus } from './messages.ts'

export type MessageFilter = {
  accountSid: string
  /** A channel address without its prefix, as sender or receiver: which it is, only the rows tell. */
  from: { sender?: string; contact?: string } | null
  to: { sender?: string; contact?: string } | null
  sentFrom: Date | null
  sentBefore: Date | null
}

type Edge = { id: Id; direction: 'older' | 'newer' } | null

/** Newest first; `edge` continues after (older) or before (newer) a message. Pages come in reading order either way. */
export async function listMessages(sql: Sql, filter: MessageFilter, edge: Edge, limit: number): Promise<Message[]> {
  const newer = edge?.direction === 'newer'
  const order = sql`order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  // Each scan has an index of its own and stops when it has filled the page; an "or" would read the whole account.
  const scans = scansOf(sql, filter, filter.sentFrom ? await aheadMs(sql) : 0).map(
    (scan) => sql`(select * from messages where ${scan} ${datesOf(sql, filter)} ${placeOf(sql, edge)} ${order})`,
  )
  const all = scans.reduce((before, scan) => sql`${before} union all ${scan}`)
  const found = await sql<Message[]>`select m.*, ${shownStatus(sql)} from (${all}) m ${order}`
  return newer ? found.reverse() : found
}

/** Ids are by the real clock; dates are by one that the built-in Messenger may have moved forward, bit by bit. */
async function aheadMs(sql: Sql): Promise<number> {
  const [clock] = await sql<{ ms: number }[]>`select extract(epoch from clock_now() - now())::float8 * 1000 as ms`
  return clock?.ms ?? 0
}

function scansOf(sql: Sql, { accountSid, from, to, sentFrom }: MessageFilter, aheadMs: number) {
  const parties =
    from === null && to === null
      ? [sql`account_sid = ${accountSid}`]
      : [
          sql`direction = 'inbound' and ${between(sql, accountSid, from?.contact, to?.sender, from, to)}`,
          sql`direction <> 'inbound' and ${between(sql, accountSid, to?.contact, from?.sender, to, from)}`,
        ]
  if (sentFrom === null) return parties
  // What was scheduled was made up to 35 days before it was sent; all else within its validity of 10 hours.
  const earliest = sentFrom.getTime() - aheadMs
  const made = firstIdAt(new Date(earliest - SENT_WITHIN_MS))
  const scheduled = firstIdAt(new Date(earliest - SCHEDULED_WITHIN_MS))
  return parties.flatMap((party) => [
    sql`send_at is null and id >= ${made} and ${party}`,
    sql`send_at is not null and id >= ${scheduled} and ${party}`,
  ])
}

const HOUR_MS = 3_600_000
const SENT_WITHIN_MS = 11 * HOUR_MS
const SCHEDULED_WITHIN_MS = 36 * 24 * HOUR_MS
/** How far the nodes' and the database's clocks may be apart. */
const SLACK_MS = HOUR_MS

/**
 * Messages of one direction between a person and a Page, of which one or both are asked for. The account's column is
 * wrapped, so that no plan takes the primary key, which would read all of the account's messages.
 */
function between(
  sql: Sql,
  accountSid: string,
  contact: string | undefined,
  sender: string | undefined,
  asksContact: object | null,
  asksSender: object | null,
) {
  const own = sql`account_sid || '' = ${accountSid}`
  if (asksContact !== null) {
    const page = asksSender === null ? sql`` : sql`and sender_address = ${sender ?? ''}`
    return sql`${own} and contact_address = ${contact ?? ''} ${page}`
  }
  return sql`${own} and sender_id = (
    select id from senders s where s.account_sid = ${accountSid} and s.address = ${sender ?? ''} limit 1)`
}

function datesOf(sql: Tx, { sentFrom, sentBefore }: MessageFilter) {
  const at = sql`coalesce(sent_at, created_at)`
  const last = sentBefore && firstIdAt(new Date(sentBefore.getTime() + SLACK_MS))
  return sql`
    ${sentFrom ? sql`and ${at} >= ${sentFrom}` : sql``}
    ${sentBefore ? sql`and ${at} < ${sentBefore} and id < ${last}` : sql``}`
}

const placeOf = (sql: Tx, edge: Edge) =>
  edge ? (edge.direction === 'newer' ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``
