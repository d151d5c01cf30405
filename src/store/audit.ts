/** Every change that a person or a key made: who, what, before and after. Secrets never come in here. */
import { type Id, newId } from '#core/ids.ts'
import type { Tx } from './connection.ts'

export type AuditActor = {
  type: 'user' | 'account' | 'key' | 'system'
  /** The user's id, the account's or key's SID. */
  id: string
  name: string
  address: string | null
}

export type NewAuditEntry = {
  accountSid: string
  actor: AuditActor
  source: 'console' | 'api' | 'system'
  /** `sender.updated`: the resource type, a full stop, and what was done. */
  eventType: string
  resourceType: string
  resourceSid: string
  before?: object | null
  after?: object | null
}

export type AuditEntry = Omit<NewAuditEntry, 'actor'> & {
  id: Id
  actorType: AuditActor['type']
  actor: string
  actorName: string
  address: string | null
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  createdAt: Date
}

/** In the transaction that makes the change. */
export async function insertAuditEntry(tx: Tx, entry: NewAuditEntry): Promise<void> {
  const { actor, before = null, after = null } = entry
  await tx`
    insert into audit_entries (account_sid, id, actor_type, actor, actor_name, address, source, event_type,
      resource_type, resource_sid, before, after)
    values (${entry.accountSid}, ${newId()}, ${actor.type}, ${actor.id}, ${actor.name}, ${actor.address},
      ${entry.source}, ${entry.eventType}, ${entry.resourceType}, ${entry.resourceSid},
      ${before && JSON.stringify(before)}::text::json, ${after && JSON.stringify(after)}::text::json)`
}

export type AuditFilter = {
  accountSid: string
  /** Any of them. */
  actors?: readonly string[] | undefined
  eventType?: string | undefined
  resourceSid?: string | undefined
  address?: string | undefined
  from?: Date | undefined
  before?: Date | undefined
}

export async function findAuditEntry(sql: Tx, accountSid: string, id: Id): Promise<AuditEntry | undefined> {
  const [row] = await sql<AuditEntry[]>`select * from audit_entries where account_sid = ${accountSid} and id = ${id}`
  return row
}

/** Newest first; `edge` continues after (older) or before (newer) an entry. Pages come in reading order either way. */
export async function listAuditEntries(
  sql: Tx,
  filter: AuditFilter,
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<AuditEntry[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<AuditEntry[]>`
    select * from audit_entries where account_sid = ${filter.accountSid}
      ${filter.actors ? sql`and actor = any(${[...filter.actors]}::text[])` : sql``}
      ${filter.eventType ? sql`and event_type = ${filter.eventType}` : sql``}
      ${filter.resourceSid ? sql`and resource_sid = ${filter.resourceSid}` : sql``}
      ${filter.address ? sql`and address = ${filter.address}` : sql``}
      ${filter.from ? sql`and created_at >= ${filter.from}` : sql``}
      ${filter.before ? sql`and created_at < ${filter.before}` : sql``}
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}
