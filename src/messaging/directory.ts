/**
 * Who is who, remembered for a moment: senders and accounts are asked for by every message and change seldom. What
 * another node changed is seen here within `FRESH_MS`, what this node changed at once (`forget`).
 */
import type { Id } from '#core/ids.ts'
import { type Account, findAccount } from '#store/accounts.ts'
import type { Sql } from '#store/connection.ts'
import type { Vault } from '#store/secrets.ts'
import { findSender, findSendersByAddress, type Sender } from '#store/senders.ts'

const FRESH_MS = 1000
const MAX_ENTRIES = 20_000

export type Directory = {
  account: (sid: string) => Promise<Account | undefined>
  sender: (accountSid: string, id: Id) => Promise<Sender | undefined>
  senderAt: (channel: string, address: string) => Promise<Sender | undefined>
  forget: () => void
}

export function createDirectory(sql: Sql, vault: Vault): Directory {
  const entries = new Map<string, { value: Promise<unknown>; until: number }>()
  const remember = <T>(key: string, find: () => Promise<T>): Promise<T> => {
    const known = entries.get(key)
    if (known && known.until > performance.now()) return known.value as Promise<T>
    if (entries.size >= MAX_ENTRIES) entries.clear()
    const value = find()
    entries.set(key, { value, until: performance.now() + FRESH_MS })
    // Only what exists is remembered: a sender that another node has just connected is found at once.
    value.then(
      (found) => found === undefined && entries.delete(key),
      () => entries.delete(key),
    )
    return value
  }
  return {
    account: (sid) => remember(`account ${sid}`, () => findAccount(sql, vault, sid)),
    sender: (accountSid, id) => remember(`sender ${accountSid} ${id}`, () => findSender(sql, vault, accountSid, id)),
    senderAt: (channel, address) =>
      remember(`at ${channel}:${address}`, async () => {
        const [sender] = await findSendersByAddress(sql, vault, [{ channel, address }])
        return sender
      }),
    forget: () => entries.clear(),
  }
}
