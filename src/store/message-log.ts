/**
 * The messages of an account as people look for them: newest first, by filters that no index serves. So much is looked
 * at per statement, and so long per call, as keeps both short; the answer says how far back it came.
 */
import type Postgres from 'postgres'
import { type AccountSid, firstIdAt, type Id, madeAt } from '#core/ids.ts'
import type { MessageStatus } from '#core/status.ts'
import type { Sql } from './connection.ts'
import { type Direction, shownStatus } from './messages.ts'

export type LogFilter = {
  accountSid: AccountSid
  senderId: Id | null
  /** A person's address. */
  contact: string | null
  directions: Direction[] | null
  statuses: MessageStatus[] | null
  /** Of the message itself, or of an alert about it. */
  code: number | null
  from: Date | null
  before: Date | null
  /** Somewhere in the body, in any case. */
  text: string | null
}

export type LogEntry = {
  id: Id
  direction: Direction
  channel: string
  senderId: Id
  senderAddress: string
  contactAddress: string
  contactName: string | null
  /** Its beginning. */
  body: string
  numMedia: number
  status: MessageStatus
  errorCode: number | null
  createdAt: Date
}

export type LogPage = {
  entries: LogEntry[]
  /** Older than this there may be more; null: all has been looked at. */
  next: Id | null
}

const FIRST_CHUNK = 5_000
const MAX_CHUNK = 50_000
/** A statement's share. The next chunk is larger while this holds. */
const CHUNK_MS = 150
/** A created message is written at most so long after its id was drawn, and nodes' clocks differ by less. */
const SLACK_MS = 60_000

/** At most `limit`; fewer, with `next`, when the time was up before so many were found. */
export async function searchMessages(
  sql: Sql,
  filter: LogFilter,
  older: Id | null,
  limit: number,
  budgetMs: number,
  bodies: 'beginning' | 'whole' = 'beginning',
): Promise<LogPage> {
  return await search(sql, filter, { after: null, before: older, newestFirst: true }, limit, budgetMs, bodies)
}

/** The other way round: oldest first, between two ids. `next` is where the next call goes on, as its `after`. */
export async function searchForward(
  sql: Sql,
  filter: LogFilter,
  { after, before }: { after: Id; before: Id },
  limit: number,
  budgetMs: number,
): Promise<LogPage> {
  return await search(sql, filter, { after, before, newestFirst: false }, limit, budgetMs, 'beginning')
}

async function search(
  sql: Sql,
  filter: LogFilter,
  span: Span,
  limit: number,
  budgetMs: number,
  bodies: 'beginning' | 'whole',
): Promise<LogPage> {
  const entries: LogEntry[] = []
  const order = span.newestFirst ? sql`m.id desc` : sql`m.id`
  const walk = walkThrough(sql, filter, span, budgetMs)
  for (let step = await walk(null); ; step = await walk(step.next)) {
    const wanted = limit - entries.length
    const found = await sql<LogEntry[]>`
      ${selectEntries(sql, bodies)} where ${step.where} order by ${order} limit ${wanted}`
    entries.push(...found)
    if (found.length === wanted) return { entries, next: found.at(-1)?.id ?? null }
    if (step.next === null || step.isLast) return { entries, next: step.next }
  }
}

const selectEntries = (sql: Sql, bodies: 'beginning' | 'whole') => sql`
  select m.id, m.direction, m.channel, m.sender_id, m.sender_address, m.contact_address, c.name as contact_name,
    ${bodies === 'whole' ? sql`m.body` : sql`left(m.body, 300) as body`}, m.num_media, m.error_code, m.created_at,
    ${shownStatus(sql)}
  from messages m
  left join contacts c on c.account_sid = m.account_sid and c.sender_id = m.sender_id
    and c.address = m.contact_address`

/** Oldest first. */
export async function findEntries(sql: Sql, accountSid: string, ids: readonly Id[]): Promise<LogEntry[]> {
  if (ids.length === 0) return []
  return await sql<LogEntry[]>`
    ${selectEntries(sql, 'beginning')} where m.account_sid = ${accountSid} and m.id = any(${[...ids]}::uuid[])
    order by m.id`
}

/** How many there are before an id; `next` is null when all were looked at. */
export async function countMessages(
  sql: Sql,
  filter: LogFilter,
  older: Id,
  atMost: number,
  budgetMs: number,
): Promise<{ count: number; next: Id | null }> {
  let count = 0
  const walk = walkThrough(sql, filter, { after: null, before: older, newestFirst: true }, budgetMs)
  for (let step = await walk(null); ; step = await walk(step.next)) {
    const [found] = await sql<{ count: number }[]>`
      select count(*)::integer as count from (select from messages m where ${step.where} limit ${atMost - count}) counted`
    count += found?.count ?? 0
    if (step.next === null || step.isLast || count >= atMost) return { count, next: step.next }
  }
}

type Fragment = Postgres.PendingQuery<Postgres.Row[]>

/** Which messages, and from which end one begins. */
type Span = { after: Id | null; before: Id | null; newestFirst: boolean }

type Step = {
  where: Fragment
  /** How far all has been looked at then; null: to the end. */
  next: Id | null
  isLast: boolean
}

/** From one end to the other in chunks that one index bounds, until the time is up. */
function walkThrough(sql: Sql, filter: LogFilter, { after, before, newestFirst }: Span, budgetMs: number) {
  const startedMs = performance.now()
  let chunk = FIRST_CHUNK
  let lastMs = startedMs
  let bounds: Bounds | undefined
  return async (reached: Id | null): Promise<Step> => {
    bounds ??= await boundsOf(sql, filter)
    const nowMs = performance.now()
    if (reached !== null && nowMs - lastMs < CHUNK_MS) chunk = Math.min(MAX_CHUNK, chunk * 2)
    lastMs = nowMs
    const uppers = [before, bounds.before, newestFirst ? reached : null].filter((id) => id !== null)
    const lowers = [after, newestFirst ? null : reached].filter((id) => id !== null)
    const within = sql`${baseOf(sql, filter)}
      ${uppers.length > 0 ? sql`and m.id < ${uppers.toSorted()[0] as Id}` : sql``}
      ${lowers.length > 0 ? sql`and m.id > ${lowers.toSorted().at(-1) as Id}` : sql``}
      ${bounds.from ? sql`and m.id >= ${bounds.from}` : sql``}`
    const rest = restOf(sql, filter)
    if (rest.length === 0) return { where: within, next: null, isLast: true }
    const [edge] = await sql<{ id: Id }[]>`
      select m.id from messages m where ${within} order by ${newestFirst ? sql`m.id desc` : sql`m.id`}
      offset ${chunk - 1} limit 1`
    const beyond = edge && (newestFirst ? sql`and m.id >= ${edge.id}` : sql`and m.id <= ${edge.id}`)
    return {
      where: sql`${within} ${beyond ?? sql``} ${rest}`,
      next: edge?.id ?? null,
      isLast: nowMs - startedMs > budgetMs,
    }
  }
}

/** The one condition that an index serves. `is true` keeps the account's index away from the others' work. */
function baseOf(sql: Sql, { accountSid, contact, senderId }: LogFilter) {
  if (contact !== null) return sql`m.contact_address = ${contact} and (m.account_sid = ${accountSid}) is true`
  if (senderId !== null) return sql`m.sender_id = ${senderId} and (m.account_sid = ${accountSid}) is true`
  return sql`m.account_sid = ${accountSid}`
}

function restOf(sql: Sql, filter: LogFilter) {
  const { contact, senderId, directions, statuses, code, from, before, text } = filter
  const rest: Fragment[] = []
  if (contact !== null && senderId !== null) rest.push(sql`and m.sender_id = ${senderId}`)
  if (directions !== null) rest.push(sql`and m.direction = any(${directions}::text[])`)
  if (statuses !== null) rest.push(sql`and ${hasStatus(sql, statuses)}`)
  if (code !== null) {
    rest.push(sql`and (m.error_code = ${code} or exists (
      select from alerts a where a.account_sid = m.account_sid and a.code = ${code} and a.resource_sid =
        case when m.num_media > 0 then 'MM' else 'SM' end || replace(m.id::text, '-', '')))`)
  }
  if (from !== null) rest.push(sql`and m.created_at >= ${from}`)
  if (before !== null) rest.push(sql`and m.created_at < ${before}`)
  if (text !== null) rest.push(sql`and m.body ilike ${`%${text.replaceAll(/[\\%_]/g, '\\$&')}%`}`)
  return rest
}

/** `sending` is a queued message of which a part is written down. */
function hasStatus(sql: Sql, statuses: MessageStatus[]) {
  const [queued, sending] = [statuses.includes('queued'), statuses.includes('sending')]
  if (queued === sending) return sql`m.status = any(${statuses}::text[])`
  const others = statuses.filter((status) => status !== 'queued' && status !== 'sending')
  return sql`(m.status = any(${others}::text[]) or m.status = 'queued' and ${sending} = exists (
    select from message_parts p where p.account_sid = m.account_sid and p.message_id = m.id))`
}

type Bounds = { from: Id | null; before: Id | null }

/**
 * Ids are by the real clock and `created_at` by one that the built-in Messenger may have moved forward, so what was made
 * at a time has an id from somewhere between that time less the whole move, and that time.
 */
async function boundsOf(sql: Sql, { from, before }: LogFilter): Promise<Bounds> {
  if (from === null && before === null) return { from: null, before: null }
  const [clock] = await sql<{ aheadMs: number }[]>`
    select extract(epoch from clock_now() - now())::float8 * 1000 as ahead_ms`
  const earliest = from && from.getTime() - (clock?.aheadMs ?? 0) - SLACK_MS
  return {
    from: earliest === null ? null : firstIdAt(new Date(earliest)),
    before: before && firstIdAt(new Date(before.getTime() + SLACK_MS)),
  }
}

/** When a message was made, told by its id; for "searched back to". */
export const searchedTo = (next: Id | null): Date | null => next && madeAt(next)
