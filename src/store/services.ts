/** Messaging services: pools of senders that speak as one, and what is set for all of a pool. */
import type { AccountSid, Id } from '#core/ids.ts'
import { rows, type Tx } from './connection.ts'
import type { KeywordRule, TextRule } from './opt-outs.ts'
import type { Method } from './senders.ts'

/** What Twilio's clients set and read again; on Messenger it changes nothing. */
export type ServiceSwitches = {
  stickySender: boolean
  mmsConverter: boolean
  smartEncoding: boolean
  fallbackToLongCode: boolean
  areaCodeGeomatch: boolean
  synchronousValidation: boolean
  scanMessageContent: 'inherit' | 'enable' | 'disable'
  usecase: string
}

export type ServiceSettings = {
  friendlyName: string
  /** Null: what people write to the pool's senders is not kept, unless the senders decide. */
  inboundUrl: string | null
  inboundMethod: Method
  fallbackUrl: string | null
  fallbackMethod: Method
  statusCallbackUrl: string | null
  /** The senders' own callback and fallback URLs count. */
  senderDecidesInbound: boolean
  validitySeconds: number
  switches: ServiceSwitches
}

export type MessagingService = ServiceSettings & {
  accountSid: AccountSid
  id: Id
  /** In place of the sender's settings and the defaults. */
  optOut: { enabled: boolean; keywords: KeywordRule[]; texts: TextRule[] } | null
  createdAt: Date
  updatedAt: Date
}

type Edge = { id: Id; direction: 'older' | 'newer' } | null

const selecting = (sql: Tx) => sql`
  select s.*, case when o.id is not null then
    json_build_object('enabled', o.enabled, 'keywords', o.keywords, 'texts', o.texts) end as opt_out
  from messaging_services s left join opt_outs o on o.account_sid = s.account_sid and o.service_id = s.id`

export async function findService(sql: Tx, accountSid: string, id: Id): Promise<MessagingService | undefined> {
  const [row] = await sql<MessagingService[]>`${selecting(sql)} where s.account_sid = ${accountSid} and s.id = ${id}`
  return row
}

/** Newest first; `edge` continues after (older) or before (newer) a service. Pages come in reading order either way. */
export async function listServices(
  sql: Tx,
  accountSid: string,
  edge: Edge,
  limit: number,
): Promise<MessagingService[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<MessagingService[]>`
    ${selecting(sql)} where s.account_sid = ${accountSid}
      ${edge ? (newer ? sql`and s.id > ${edge.id}` : sql`and s.id < ${edge.id}`) : sql``}
    order by s.id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}

export async function insertService(sql: Tx, accountSid: string, id: Id, s: ServiceSettings): Promise<void> {
  await sql`
    insert into messaging_services (account_sid, id, friendly_name, inbound_url, inbound_method, fallback_url,
      fallback_method, status_callback_url, sender_decides_inbound, validity_seconds, switches)
    values (${accountSid}, ${id}, ${s.friendlyName}, ${s.inboundUrl}, ${s.inboundMethod}, ${s.fallbackUrl},
      ${s.fallbackMethod}, ${s.statusCallbackUrl}, ${s.senderDecidesInbound}, ${s.validitySeconds},
      ${JSON.stringify(s.switches)}::text::json)`
}

export async function updateService(sql: Tx, accountSid: string, id: Id, s: ServiceSettings): Promise<void> {
  await sql`
    update messaging_services set friendly_name = ${s.friendlyName}, inbound_url = ${s.inboundUrl},
      inbound_method = ${s.inboundMethod}, fallback_url = ${s.fallbackUrl}, fallback_method = ${s.fallbackMethod},
      status_callback_url = ${s.statusCallbackUrl}, sender_decides_inbound = ${s.senderDecidesInbound},
      validity_seconds = ${s.validitySeconds}, switches = ${JSON.stringify(s.switches)}::text::json,
      updated_at = clock_now()
    where account_sid = ${accountSid} and id = ${id}`
}

/** Its senders stay, without a service; its opt-out settings go. Messages keep its id. */
export async function deleteService(sql: Tx, accountSid: string, id: Id): Promise<boolean> {
  const gone = await sql`delete from messaging_services where account_sid = ${accountSid} and id = ${id} returning id`
  return gone.length > 0
}

export type PoolMember = { id: Id; channel: string; address: string; joinedAt: Date }

const member = (sql: Tx) => sql`select id, channel, address, service_joined_at as joined_at from senders`

export async function listPool(
  sql: Tx,
  { accountSid, id }: Pick<MessagingService, 'accountSid' | 'id'>,
  edge: Edge,
  limit: number,
): Promise<PoolMember[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<PoolMember[]>`
    ${member(sql)} where account_sid = ${accountSid} and service_id = ${id}
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}

export async function findInPool(
  sql: Tx,
  { accountSid, id }: Pick<MessagingService, 'accountSid' | 'id'>,
  senderId: Id,
): Promise<PoolMember | undefined> {
  const [found] = await sql<
    PoolMember[]
  >`${member(sql)} where account_sid = ${accountSid} and service_id = ${id} and id = ${senderId}`
  return found
}

/** False when the sender is in a service already, or gone. Throws PostgreSQL's foreign key violation when the service is. */
export async function joinPool(
  sql: Tx,
  { accountSid, id }: Pick<MessagingService, 'accountSid' | 'id'>,
  senderId: Id,
): Promise<boolean> {
  const joined = await sql`
    update senders set service_id = ${id}, service_joined_at = clock_now()
    where account_sid = ${accountSid} and id = ${senderId} and service_id is null and deleted_at is null returning id`
  return joined.length > 0
}

export async function leavePool(
  sql: Tx,
  { accountSid, id }: Pick<MessagingService, 'accountSid' | 'id'>,
  senderId: Id,
): Promise<boolean> {
  const left = await sql`
    update senders set service_id = null
    where account_sid = ${accountSid} and service_id = ${id} and id = ${senderId} returning id`
  return left.length > 0
}

export type Recipient = { accountSid: string; serviceId: Id; channel: string; address: string }
/** `senderId`: the one of the pool that the person has written to, the last one if there are several. */
export type KnownTo = { isEmpty: boolean; senderId: Id | null }

/** In the order given. */
export async function findKnownTo(sql: Tx, recipients: readonly Recipient[]): Promise<KnownTo[]> {
  return await sql<KnownTo[]>`
    select not exists (
      select from senders s where s.account_sid = r.account_sid and s.service_id = r.service_id
    ) as is_empty, (
      select s.id from senders s
      join contacts c on c.account_sid = s.account_sid and c.sender_id = s.id and c.address = r.address
      where s.account_sid = r.account_sid and s.service_id = r.service_id and s.channel = r.channel
      order by c.last_action_at desc nulls last limit 1
    ) as sender_id
    from rows from (json_to_recordset(${rows(recipients)}::text::json)
      as ("accountSid" text, "serviceId" uuid, channel text, address text)) with ordinality
      as r(account_sid, service_id, channel, address, nth)
    order by nth`
}
