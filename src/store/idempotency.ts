/** Keys that make a create repeatable for 24 hours (contract.md, "Outbound"). */
import type { Id } from '#core/ids.ts'
import { rows, type Tx } from './connection.ts'

export type IdempotencyKey = { accountSid: string; key: string; requestHash: string; messageId: Id }
export type EarlierUse = { messageId: Id; sameRequest: boolean }

/** Takes the keys that are free; answers, for the others, what they were used for. */
export async function takeKeys(tx: Tx, keys: readonly IdempotencyKey[]): Promise<Map<IdempotencyKey, EarlierUse>> {
  const earlier = new Map<IdempotencyKey, EarlierUse>()
  if (keys.length === 0) return earlier
  const input = rows(keys)
  // Sorted, so that two sets with the same keys cannot wait for each other. An outdated key is as good as none.
  await tx`
    insert into idempotency_keys (account_sid, key, request_hash, message_id)
    select distinct on ("accountSid", key) "accountSid", key, "requestHash", "messageId"
    from json_to_recordset(${input}::text::json)
      as k("accountSid" text, key text, "requestHash" text, "messageId" uuid)
    order by "accountSid", key, "messageId"
    on conflict (account_sid, key) do update
      set request_hash = excluded.request_hash, message_id = excluded.message_id, created_at = clock_now()
      where idempotency_keys.created_at < clock_now() - interval '24 hours'`
  const holders = await tx<IdempotencyKey[]>`
    select i.account_sid, i.key, i.request_hash, i.message_id from idempotency_keys i
    join json_to_recordset(${input}::text::json) as k("accountSid" text, key text)
      on i.account_sid = k."accountSid" and i.key = k.key`
  const byKey = new Map(holders.map((holder) => [`${holder.accountSid} ${holder.key}`, holder]))
  for (const each of keys) {
    const holder = byKey.get(`${each.accountSid} ${each.key}`)
    if (holder && holder.messageId !== each.messageId) {
      earlier.set(each, { messageId: holder.messageId, sameRequest: holder.requestHash === each.requestHash })
    }
  }
  return earlier
}

/** What the key was used for within the last 24 hours. */
export async function findKey(sql: Tx, accountSid: string, key: string): Promise<IdempotencyKey | undefined> {
  const [found] = await sql<IdempotencyKey[]>`
    select account_sid, key, request_hash, message_id from idempotency_keys
    where account_sid = ${accountSid} and key = ${key} and created_at >= clock_now() - interval '24 hours'`
  return found
}

/** Was the key used within the last 24 hours? */
export const isKeyTaken = async (sql: Tx, accountSid: string, key: string): Promise<boolean> =>
  (await findKey(sql, accountSid, key)) !== undefined

/** Gives back keys that were taken in this transaction, as what they were for was refused. */
export async function returnKeys(tx: Tx, keys: readonly IdempotencyKey[]): Promise<void> {
  if (keys.length === 0) return
  await tx`
    delete from idempotency_keys i
    using json_to_recordset(${rows(keys)}::text::json) as k("accountSid" text, key text, "messageId" uuid)
    where i.account_sid = k."accountSid" and i.key = k.key and i.message_id = k."messageId"`
}

/** Keys older than a day. */
export async function forgetOldKeys(sql: Tx): Promise<void> {
  await sql`delete from idempotency_keys where created_at < clock_now() - interval '24 hours'`
}
