/** What the Pages' apps have sent, thread by thread: the proof of what is once, twice or not at all at Meta. */
import { Refused } from '../chat/input.ts'
import type { Ledger, LedgerEntry } from '../contract.ts'
import type { Tx } from '../world/world.ts'

/** `after`: the `next` of the part before. Of one Page, or of all. Each part costs the same, however far it is. */
export async function readLedger(sql: Tx, pageId: string | null, after: string | null, limit: number): Promise<Ledger> {
  const [psid, position] = readCursor(after)
  const rows = await sql<(Omit<LedgerEntry, 'sentAt'> & { sentAt: Date; position: string })[]>`
    select t.page_id as page, m.psid, m.mid, m.text, m.metadata, m.sent_at as "sentAt", m.number::float8 as "order",
      m.position::text as position,
      case when m.metadata is null then 1 else (
        select count(*)::integer from sandbox.messages c where c.psid = m.psid and c.metadata = m.metadata
      ) end as copies
    from sandbox.messages m join sandbox.threads t on t.psid = m.psid
    where m.from_page and (m.psid, m.position) > (${psid}, ${position}::bigint)
      and (${pageId}::text is null or t.page_id = ${pageId})
    order by m.psid, m.position limit ${limit + 1}`
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return {
    messages: shown.map(({ position: _, sentAt, ...row }) => ({ ...row, sentAt: sentAt.toISOString() })),
    next: last === undefined ? null : `${last.psid}-${last.position}`,
    totals: after === null ? await totals(sql, pageId) : null,
  }
}

function readCursor(after: string | null): [string, string] {
  if (after === null) return ['', '0']
  const [, psid, position] = /^(\d{1,20})-(\d{1,18})$/.exec(after) ?? []
  if (psid === undefined || position === undefined) throw new Refused(400, '"after" must be the "next" of an answer')
  return [psid, position]
}

async function totals(sql: Tx, pageId: string | null): Promise<{ messages: number; copies: number }> {
  const [row] = await sql<{ messages: number; copies: number }[]>`
    select coalesce(sum(n), 0)::float8 as messages,
      coalesce(sum(n - 1) filter (where metadata is not null), 0)::float8 as copies
    from (
      select m.psid, m.metadata, count(*) as n from sandbox.messages m join sandbox.threads t on t.psid = m.psid
      where m.from_page and (${pageId}::text is null or t.page_id = ${pageId}) group by m.psid, m.metadata
    ) each`
  return row ?? { messages: 0, copies: 0 }
}
