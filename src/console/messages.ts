/** The messages log: a page of it, and all of it as CSV. */
import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify/sync'
import { sharedClock } from '#core/clock.ts'
import { type AccountSid, messageSid, toSid } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'
import { type LogEntry, type LogFilter, searchedTo, searchMessages } from '#store/message-log.ts'
import type { MessagePage, MessageRow } from './contract/messages.ts'
import { readLogFilter, readMessageId } from './log-filter.ts'
import type { Routes } from './route.ts'

const PAGE_SIZE = 100
const SEARCH_MS = 1_500
const EXPORT_SET = 1_000

export function messageRoutes({ flow, add }: Routes): void {
  const url = '/accounts/:accountSid/messages'

  add({ method: 'GET', url, needs: 'view' }, async ({ account, query }): Promise<MessagePage> => {
    const filter = readLogFilter(account.sid, query)
    const limit = Math.min(PAGE_SIZE, Math.max(1, Number.parseInt(query.limit ?? '', 10) || PAGE_SIZE))
    const after = readMessageId(query.after) ?? null
    const { entries, next } = await searchMessages(flow.sql, filter, after, limit, SEARCH_MS)
    const isCut = next !== null && entries.length < limit
    return {
      items: entries.map(rowOf),
      next: next && toSid('SM', next),
      searchedTo: isCut ? (searchedTo(next)?.toISOString() ?? null) : null,
    }
  })

  add({ method: 'GET', url: `${url}.csv`, needs: 'view' }, async ({ account, query, reply }) => {
    const filter = readLogFilter(account.sid, query)
    const day = sharedClock.now().toISOString().slice(0, 10)
    reply.type('text/csv; charset=utf-8').header('Content-Disposition', `attachment; filename="messages-${day}.csv"`)
    return Readable.from(exportSets(flow.sql, account.sid, filter))
  })
}

export const rowOf = (entry: LogEntry): MessageRow => ({
  sid: messageSid(entry.id, entry.numMedia),
  direction: entry.direction,
  status: entry.status,
  senderSid: toSid('XE', entry.senderId),
  page: entry.senderAddress,
  person: entry.contactAddress,
  personName: entry.contactName,
  body: entry.body,
  numMedia: entry.numMedia,
  errorCode: entry.errorCode,
  createdAt: entry.createdAt.toISOString(),
})

const COLUMNS = [
  'sid',
  'account_sid',
  'date_created',
  'direction',
  'status',
  'from',
  'to',
  'person_name',
  'num_media',
  'error_code',
  'body',
]

/** Set after set, so that neither the store nor memory holds more than one; the reader's pace is ours. */
async function* exportSets(sql: Sql, accountSid: AccountSid, filter: LogFilter): AsyncGenerator<string> {
  // A spreadsheet takes a file without the mark for one in its own encoding.
  yield `\uFEFF${stringify([COLUMNS])}`
  for (let after: LogEntry['id'] | null = null; ; ) {
    const { entries, next } = await searchMessages(sql, filter, after, EXPORT_SET, SEARCH_MS, 'whole')
    if (entries.length > 0)
      yield stringify(
        entries.map((entry) => cellsOf(accountSid, entry)),
        SAFE,
      )
    if (next === null) return
    after = next
  }
}

/** What begins like a formula is text: whoever wrote to a Page must not reach the reader's spreadsheet. */
const SAFE = { escape_formulas: true }

function cellsOf(accountSid: string, entry: LogEntry): (string | number | null)[] {
  const [page, person] = [`${entry.channel}:${entry.senderAddress}`, `${entry.channel}:${entry.contactAddress}`]
  const isInbound = entry.direction === 'inbound'
  return [
    messageSid(entry.id, entry.numMedia),
    accountSid,
    entry.createdAt.toISOString(),
    entry.direction,
    entry.status,
    isInbound ? person : page,
    isInbound ? page : person,
    entry.contactName,
    entry.numMedia,
    entry.errorCode,
    entry.body,
  ]
}
