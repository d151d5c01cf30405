/**
 * Who is who, remembered for a moment: senders and accounts are asked for by every message and change seldom. What
 * another node changed is seen here within `FRESH_MS`, what this node changed at once (`forget`).
 */
import type { Id } from '#core/ids.ts'
import { type Account, findAccount } from '#store/accounts.ts'
import { type ApiKey, findApiKeyById } from '#store/api-keys.ts'
import { type Application, findApplication } from '#store/applications.ts'
import type { Sql } from '#store/connection.ts'
import { gather } from '#store/gather.ts'
import { findProviderApp, type OwnedApp } from '#store/provider-apps.ts'
import { hasScheduled } from '#store/scheduled.ts'
import type { Vault } from '#store/secrets.ts'
import { findSender, findSendersByAddress, type Sender } from '#store/senders.ts'
import { findKnownTo, findService, type KnownTo, type MessagingService, type Recipient } from '#store/services.ts'

const FRESH_MS = 1000
const MAX_ENTRIES = 20_000
/** Twilio's soft limit of an account (twilio.md 1.7). */
const MAX_SCHEDULED = 500_000

export type Directory = {
  account: (sid: string) => Promise<Account | undefined>
  /** Of any account. */
  apiKey: (id: Id) => Promise<ApiKey | undefined>
  application: (accountSid: string, id: Id) => Promise<Application | undefined>
  /** One that an account brought along. */
  providerApp: (appId: string) => Promise<OwnedApp | undefined>
  sender: (accountSid: string, id: Id) => Promise<Sender | undefined>
  senderAt: (channel: string, address: string) => Promise<Sender | undefined>
  service: (accountSid: string, id: Id) => Promise<MessagingService | undefined>
  /** Which sender of a service the person knows. Not remembered: they may have written a moment ago. */
  knownTo: (recipient: Recipient) => Promise<KnownTo>
  /** Has the account as many scheduled messages as it may have? */
  isScheduleFull: (accountSid: string) => Promise<boolean>
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
    apiKey: (id) => remember(`key ${id}`, () => findApiKeyById(sql, id)),
    application: (accountSid, id) =>
      remember(`application ${accountSid} ${id}`, () => findApplication(sql, accountSid, id)),
    providerApp: (appId) => remember(`app ${appId}`, () => findProviderApp(sql, vault, appId)),
    sender: (accountSid, id) => remember(`sender ${accountSid} ${id}`, () => findSender(sql, vault, accountSid, id)),
    senderAt: (channel, address) =>
      remember(`at ${channel}:${address}`, async () => {
        const [sender] = await findSendersByAddress(sql, vault, [{ channel, address }])
        return sender
      }),
    service: (accountSid, id) => remember(`service ${accountSid} ${id}`, () => findService(sql, accountSid, id)),
    knownTo: gather((recipients) => findKnownTo(sql, recipients), { maxItems: 250, maxRunning: 2 }),
    isScheduleFull: (accountSid) =>
      remember(`schedule ${accountSid}`, () => hasScheduled(sql, accountSid, MAX_SCHEDULED)),
    forget: () => entries.clear(),
  }
}
