/** Senders: the Pages that accounts speak as. The access token is sealed at rest. */
import type { AccountSid, Id } from '#core/ids.ts'
import type { Tx } from './connection.ts'
import type { Vault } from './secrets.ts'

export type Method = 'GET' | 'POST'
export type OutsideWindow = 'account_update' | 'human_agent' | 'refuse'

/** Keywords and texts of a sender in place of the defaults; `enabled: false` leaves opt-out to the customer. */
export type OptOutSettings = {
  enabled?: boolean
  stopKeywords?: string[]
  startKeywords?: string[]
  helpKeywords?: string[]
  stopText?: string
  startText?: string
  helpText?: string
}

export type SenderSettings = {
  uniqueName: string | null
  outsideWindow: OutsideWindow
  callbackUrl: string | null
  callbackMethod: Method
  fallbackUrl: string | null
  fallbackMethod: Method
  statusCallbackUrl: string | null
  statusCallbackMethod: Method
  optOut: OptOutSettings | null
}

export type Sender = SenderSettings & {
  accountSid: AccountSid
  id: Id
  channel: string
  address: string
  name: string
  providerAppId: string
  status: 'CREATING' | 'ONLINE' | 'OFFLINE'
  offlineCode: number | null
  offlineReason: string | null
  /** The provider asked for silence until then. */
  pausedUntil: Date | null
  /** The messaging service in whose pool it is. */
  serviceId: Id | null
  /** What the person who connected it may do with it; null: the provider did not tell. */
  tasks: string[] | null
  accessToken: string
  createdAt: Date
  updatedAt: Date
}

type SenderRow = Omit<Sender, 'accessToken'> & { accessToken: Uint8Array }

const place = (channel: string, address: string) => `sender:${channel}:${address}`

const open = (vault: Vault) => (row: SenderRow) => ({
  ...row,
  accessToken: vault.open(row.accessToken, place(row.channel, row.address)),
})

export async function findSendersByAddress(
  sql: Tx,
  vault: Vault,
  keys: { channel: string; address: string }[],
): Promise<Sender[]> {
  const found = await sql<SenderRow[]>`
    select * from senders where deleted_at is null and (channel, address) in
      (select * from unnest(${keys.map((k) => k.channel)}::text[], ${keys.map((k) => k.address)}::text[]))`
  return found.map(open(vault))
}

/** Which accounts have these addresses as senders; without what is sealed. */
export async function findHolders(sql: Tx, channel: string, addresses: string[]): Promise<Map<string, AccountSid>> {
  const found = await sql<{ address: string; accountSid: AccountSid }[]>`
    select address, account_sid from senders
    where channel = ${channel} and address = any(${addresses}::text[]) and deleted_at is null`
  return new Map(found.map(({ address, accountSid }) => [address, accountSid]))
}

export async function findSender(sql: Tx, vault: Vault, accountSid: string, id: Id): Promise<Sender | undefined> {
  const found = await sql<
    SenderRow[]
  >`select * from senders where account_sid = ${accountSid} and id = ${id} and deleted_at is null`
  return found.map(open(vault))[0]
}

/** Newest first; `edge` continues after (older) or before (newer) a sender. Pages come in reading order either way. */
export async function listSenders(
  sql: Tx,
  vault: Vault,
  filter: { accountSid: string; channel: string },
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<Sender[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<SenderRow[]>`
    select * from senders where account_sid = ${filter.accountSid} and channel = ${filter.channel} and deleted_at is null
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return (newer ? found.reverse() : found).map(open(vault))
}

export async function countSenders(sql: Tx, accountSid: string): Promise<number> {
  const [row] = await sql<
    { count: string }[]
  >`select count(*) from senders where account_sid = ${accountSid} and deleted_at is null`
  return Number(row?.count)
}

/** Waits for others that change senders of this account, so that a count stays true until the commit. */
export async function lockSendersOf(tx: Tx, accountSid: string): Promise<void> {
  await tx`select 1 from accounts where sid = ${accountSid} for update`
}

export type NewSender = SenderSettings &
  Pick<Sender, 'accountSid' | 'id' | 'channel' | 'address' | 'name' | 'providerAppId' | 'accessToken' | 'tasks'>

/**
 * Answers the sender's id, or undefined when this account has the address already. A sender that was deleted comes back
 * under its old id, so that who opted out of it stays opted out. Throws PostgreSQL's unique violation when another
 * account has the address, or the unique name is taken.
 */
export async function insertSender(sql: Tx, vault: Vault, s: NewSender): Promise<Id | undefined> {
  const [row] = await sql<{ id: Id }[]>`
    insert into senders (account_sid, id, channel, address, name, provider_app_id, access_token, status,
      unique_name, outside_window, callback_url, callback_method, fallback_url, fallback_method,
      status_callback_url, status_callback_method, opt_out, tasks)
    values (${s.accountSid}, ${s.id}, ${s.channel}, ${s.address}, ${s.name}, ${s.providerAppId},
      ${vault.seal(s.accessToken, place(s.channel, s.address))}, 'ONLINE',
      ${s.uniqueName}, ${s.outsideWindow}, ${s.callbackUrl}, ${s.callbackMethod}, ${s.fallbackUrl}, ${s.fallbackMethod},
      ${s.statusCallbackUrl}, ${s.statusCallbackMethod}, ${s.optOut && JSON.stringify(s.optOut)}::text::json,
      ${s.tasks})
    on conflict (account_sid, channel, address) do update set
      name = excluded.name, provider_app_id = excluded.provider_app_id, access_token = excluded.access_token,
      status = excluded.status, offline_code = null, offline_reason = null, paused_until = null,
      unique_name = excluded.unique_name, outside_window = excluded.outside_window,
      callback_url = excluded.callback_url, callback_method = excluded.callback_method,
      fallback_url = excluded.fallback_url, fallback_method = excluded.fallback_method,
      status_callback_url = excluded.status_callback_url, status_callback_method = excluded.status_callback_method,
      opt_out = excluded.opt_out, tasks = excluded.tasks, created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = null
    where senders.deleted_at is not null
    returning id`
  return row?.id
}

export async function updateSender(sql: Tx, accountSid: string, id: Id, s: SenderSettings): Promise<void> {
  await sql`
    update senders set unique_name = ${s.uniqueName}, outside_window = ${s.outsideWindow},
      callback_url = ${s.callbackUrl}, callback_method = ${s.callbackMethod},
      fallback_url = ${s.fallbackUrl}, fallback_method = ${s.fallbackMethod},
      status_callback_url = ${s.statusCallbackUrl}, status_callback_method = ${s.statusCallbackMethod},
      opt_out = ${s.optOut && JSON.stringify(s.optOut)}::text::json, updated_at = clock_now()
    where account_sid = ${accountSid} and id = ${id}`
}

/** A new token that the provider has taken: the sender is back. */
export async function reconnectSender(
  sql: Tx,
  vault: Vault,
  sender: Sender,
  accessToken: string,
  tasks: string[] | null,
): Promise<void> {
  await sql`
    update senders set access_token = ${vault.seal(accessToken, place(sender.channel, sender.address))}, tasks = ${tasks},
      status = 'ONLINE', offline_code = null, offline_reason = null, paused_until = null, updated_at = clock_now()
    where account_sid = ${sender.accountSid} and id = ${sender.id}`
}

/** `seenAt`: the sender's `updatedAt` when the call was made; one with a newer token is not blamed for the old one. */
export type SenderTrouble = {
  accountSid: string
  id: Id
} & ({ kind: 'offline'; code: number; reason: string; seenAt: Date } | { kind: 'paused'; forMs: number })

/** Answers the senders that were online until now: only the first failure is news. */
export async function troubleSenders(tx: Tx, troubles: readonly SenderTrouble[]): Promise<Set<Id>> {
  const news = new Set<Id>()
  for (const trouble of troubles) {
    const [row] =
      trouble.kind === 'offline'
        ? await tx<{ id: Id }[]>`
            update senders set status = 'OFFLINE', offline_code = ${trouble.code}, offline_reason = ${trouble.reason},
              updated_at = clock_now()
            where account_sid = ${trouble.accountSid} and id = ${trouble.id} and status <> 'OFFLINE'
              and date_trunc('milliseconds', updated_at) <= ${trouble.seenAt} returning id`
        : await tx<{ id: Id }[]>`
            update senders set paused_until = clock_now() + ${Math.round(trouble.forMs)} * interval '1 millisecond'
            where account_sid = ${trouble.accountSid} and id = ${trouble.id}
              and (paused_until is null or paused_until < clock_now()) returning id`
    if (row) news.add(row.id)
  }
  return news
}

/** The token goes at once. What is known of its contacts stays, see `insertSender`. */
export async function deleteSender(sql: Tx, accountSid: string, id: Id): Promise<boolean> {
  const gone = await sql`
    update senders set deleted_at = clock_now(), access_token = '', unique_name = null, service_id = null
    where account_sid = ${accountSid} and id = ${id} and deleted_at is null returning id`
  return gone.length > 0
}
