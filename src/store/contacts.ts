/** People as a sender knows them. A contact's row lock is the lock of the conversation with them. */
import type { Id } from '#core/ids.ts'
import { rows, type Tx } from './connection.ts'

export type ContactKey = { accountSid: string; senderId: Id; address: string }

export const contactKey = ({ senderId, address }: Pick<ContactKey, 'senderId' | 'address'>) => `${senderId}:${address}`

export type LockedContact = ContactKey & {
  optedOutAt: Date | null
  deliveredUntil: Date | null
  readUntil: Date | null
  earlyReceipts: string[]
  name: string | null
  /** Of the customer's server for this conversation, at most 4 hours old. */
  cookies: string | null
  /** What was sent before it has been read, or never existed. By the real clock, as ids are. */
  unreadSince: Date
}

/** Of a contact `c`. */
export const freshCookies = (tx: Tx) => tx`case when c.cookies_at > clock_now() - interval '4 hours' then c.cookies end`

const KEYS = 'k("accountSid" text, "senderId" uuid, address text)'

/** Locks the contacts that exist, always in the same order, so that two transactions cannot wait for each other. */
export async function lockContacts(tx: Tx, keys: readonly ContactKey[]): Promise<Map<string, LockedContact>> {
  if (keys.length === 0) return new Map()
  const found = await tx<LockedContact[]>`
    select c.account_sid, c.sender_id, c.address, c.opted_out_at, c.delivered_until, c.read_until, c.early_receipts,
      c.name, ${freshCookies(tx)} as cookies, coalesce(c.read_until, c.created_at) - (clock_now() - now()) as unread_since
    from contacts c join (select distinct * from json_to_recordset(${rows(keys)}::text::json) as ${tx.unsafe(KEYS)}) k
      on c.account_sid = k."accountSid" and c.sender_id = k."senderId" and c.address = k.address
    order by c.account_sid, c.sender_id, c.address for no key update of c`
  return new Map(found.map((contact) => [contactKey(contact), contact]))
}

/** What the person did: their action opens the window, and shows that they can be reached. */
export type ContactAction = ContactKey & { actedAt: Date }

/** Answers the contacts that are new. One action per contact and call: the newest. */
export async function recordActions(tx: Tx, actions: readonly ContactAction[]): Promise<ContactKey[]> {
  if (actions.length === 0) return []
  return await tx<ContactKey[]>`
    with done as (
      insert into contacts (account_sid, sender_id, address, last_action_at)
      select "accountSid", "senderId", address, "actedAt"
      from json_to_recordset(${rows(actions)}::text::json)
        as a("accountSid" text, "senderId" uuid, address text, "actedAt" timestamptz)
      order by "accountSid", "senderId", address
      on conflict (account_sid, sender_id, address) do update set
        last_action_at = greatest(contacts.last_action_at, excluded.last_action_at), unreachable_at = null
      returning account_sid, sender_id, address, xmax = 0 as fresh
    )
    select account_sid, sender_id, address from done where fresh`
}

export async function saveOptOut(tx: Tx, key: ContactKey, optedOut: boolean): Promise<void> {
  await tx`
    update contacts set opted_out_at = ${optedOut ? tx`clock_now()` : null}
    where account_sid = ${key.accountSid} and sender_id = ${key.senderId} and address = ${key.address}`
}

/** Did this contact `c` do something in the last minutes, so that they may be waiting? */
export const isPresent = (tx: Tx) => tx`coalesce(c.last_action_at > clock_now() - interval '5 minutes', false)`

/** What decides whether, when and how one is written to. */
export type Reach = {
  /** How long ago the person last acted, by the database's clock against the provider's; null: never. */
  actedMsAgo: number | null
  /** How much longer the provider wants the sender to be silent; null or less than 0: not now. */
  pausedMs: number | null
}

/** Of a contact `c` and its sender `s`. */
export const reachOf = (tx: Tx) => tx`
  extract(epoch from clock_now() - c.last_action_at)::float8 * 1000 as acted_ms_ago,
  extract(epoch from s.paused_until - clock_now())::float8 * 1000 as paused_ms`

/** Of the contacts that exist: those who opted out, those who are present, and how each can be reached. */
export async function findReceivers(
  tx: Tx,
  keys: readonly ContactKey[],
): Promise<{ optedOut: Set<string>; present: Set<string>; reach: Map<string, Reach> }> {
  if (keys.length === 0) return { optedOut: new Set(), present: new Set(), reach: new Map() }
  const found = await tx<(ContactKey & Reach & { optedOut: boolean; present: boolean })[]>`
    select c.account_sid, c.sender_id, c.address, c.opted_out_at is not null as opted_out, ${isPresent(tx)} as present,
      ${reachOf(tx)}
    from contacts c join (select distinct * from json_to_recordset(${rows(keys)}::text::json) as ${tx.unsafe(KEYS)}) k
      on c.account_sid = k."accountSid" and c.sender_id = k."senderId" and c.address = k.address
    left join senders s on s.account_sid = c.account_sid and s.id = c.sender_id`
  return {
    optedOut: new Set(found.filter(({ optedOut }) => optedOut).map(contactKey)),
    present: new Set(found.filter(({ optedOut, present }) => present && !optedOut).map(contactKey)),
    reach: new Map(found.map((contact) => [contactKey(contact), contact])),
  }
}

export type ContactReceipt = ContactKey & {
  deliveredUntil: Date | null
  readUntil: Date | null
  earlyReceipts: string[]
}

export async function saveReceipts(tx: Tx, receipts: readonly ContactReceipt[]): Promise<void> {
  if (receipts.length === 0) return
  await tx`
    update contacts c set delivered_until = greatest(c.delivered_until, r."deliveredUntil"),
      read_until = greatest(c.read_until, r."readUntil"), early_receipts = r."earlyReceipts"
    from json_to_recordset(${rows(receipts)}::text::json) as r("accountSid" text, "senderId" uuid, address text,
      "deliveredUntil" timestamptz, "readUntil" timestamptz, "earlyReceipts" text[])
    where c.account_sid = r."accountSid" and c.sender_id = r."senderId" and c.address = r.address`
}

export async function markUnreachable(tx: Tx, keys: readonly ContactKey[]): Promise<void> {
  if (keys.length === 0) return
  await tx`
    update contacts c set unreachable_at = clock_now()
    from json_to_recordset(${rows(keys)}::text::json) as ${tx.unsafe(KEYS)}
    where c.account_sid = k."accountSid" and c.sender_id = k."senderId" and c.address = k.address`
}

export type ContactCookies = ContactKey & { cookies: string | null }

export async function saveCookies(tx: Tx, items: readonly ContactCookies[]): Promise<void> {
  if (items.length === 0) return
  await tx`
    update contacts c set cookies = k.cookies, cookies_at = clock_now()
    from json_to_recordset(${rows(items)}::text::json)
      as k("accountSid" text, "senderId" uuid, address text, cookies text)
    where c.account_sid = k."accountSid" and c.sender_id = k."senderId" and c.address = k.address`
}

export async function saveName(tx: Tx, key: ContactKey, name: string | null): Promise<void> {
  await tx`
    update contacts set name = coalesce(${name}, name), name_checked_at = clock_now()
    where account_sid = ${key.accountSid} and sender_id = ${key.senderId} and address = ${key.address}`
}
