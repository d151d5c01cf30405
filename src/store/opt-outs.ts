/** Keywords and texts by which people leave and come back, of a messaging service. */
import type { AccountSid, Id } from '#core/ids.ts'
import type { Tx } from './connection.ts'

export type KeywordType = 'STOP' | 'START' | 'HELP'
/** `language` is a name of Twilio's, such as `SPANISH`, or `ALL`: a keyword is answered in its own language. */
export type KeywordRule = { type: KeywordType; language: string; keyword: string }
export type TextRule = { type: KeywordType; language: string; text: string }

export type OptOut = {
  accountSid: AccountSid
  id: Id
  serviceId: Id
  friendlyName: string | null
  enabled: boolean
  keywords: KeywordRule[]
  texts: TextRule[]
  createdAt: Date
  updatedAt: Date
}

type Edge = { id: Id; direction: 'older' | 'newer' } | null

/** False when the service has one already. Throws PostgreSQL's foreign key violation when there is no such service. */
export async function insertOptOut(sql: Tx, o: Omit<OptOut, 'createdAt' | 'updatedAt'>): Promise<boolean> {
  const made = await sql`
    insert into opt_outs (account_sid, id, service_id, friendly_name, enabled, keywords, texts)
    values (${o.accountSid}, ${o.id}, ${o.serviceId}, ${o.friendlyName}, ${o.enabled},
      ${JSON.stringify(o.keywords)}::text::json, ${JSON.stringify(o.texts)}::text::json)
    on conflict (account_sid, service_id) do nothing returning id`
  return made.length > 0
}

export async function findOptOut(sql: Tx, accountSid: string, id: Id): Promise<OptOut | undefined> {
  const [row] = await sql<OptOut[]>`select * from opt_outs where account_sid = ${accountSid} and id = ${id}`
  return row
}

/** As `findOptOut`, and nobody else changes it until the end of the transaction. */
export async function lockOptOut(tx: Tx, accountSid: string, id: Id): Promise<OptOut | undefined> {
  const [row] = await tx<OptOut[]>`select * from opt_outs where account_sid = ${accountSid} and id = ${id} for update`
  return row
}

/** Newest first; `edge` continues after (older) or before (newer) one. Pages come in reading order either way. */
export async function listOptOuts(sql: Tx, accountSid: string, edge: Edge, limit: number): Promise<OptOut[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<OptOut[]>`
    select * from opt_outs where account_sid = ${accountSid}
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}

export async function updateOptOut(sql: Tx, o: OptOut): Promise<void> {
  await sql`
    update opt_outs set friendly_name = ${o.friendlyName}, enabled = ${o.enabled},
      keywords = ${JSON.stringify(o.keywords)}::text::json, texts = ${JSON.stringify(o.texts)}::text::json,
      updated_at = clock_now()
    where account_sid = ${o.accountSid} and id = ${o.id}`
}

export async function deleteOptOut(sql: Tx, accountSid: string, id: Id): Promise<boolean> {
  const gone = await sql`delete from opt_outs where account_sid = ${accountSid} and id = ${id} returning id`
  return gone.length > 0
}
