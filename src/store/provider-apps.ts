/** Apps at the provider that accounts bring along. Their secrets are sealed at rest. */
import type { ProviderApp } from '#core/channel.ts'
import type { AccountSid } from '#core/ids.ts'
import type { Sql, Tx } from './connection.ts'
import type { Vault } from './secrets.ts'

export type OwnedApp = ProviderApp & { accountSid: AccountSid; name: string; createdAt: Date; updatedAt: Date }

type AppRow = Omit<OwnedApp, 'appSecret' | 'verifyToken'> & { appSecret: Uint8Array; verifyToken: Uint8Array }

const place = (appId: string, what: 'secret' | 'verify token') => `provider app:${appId}:${what}`

const open =
  (vault: Vault) =>
  (row: AppRow): OwnedApp => ({
    ...row,
    appSecret: vault.open(row.appSecret, place(row.appId, 'secret')),
    verifyToken: vault.open(row.verifyToken, place(row.appId, 'verify token')),
  })

/** What an app id can be; anything else is asked of nobody. */
const APP_ID = /^\d{1,25}$/

/** Whoever's it is: an app is kept once in an installation. */
export async function findProviderApp(sql: Sql, vault: Vault, appId: string): Promise<OwnedApp | undefined> {
  if (!APP_ID.test(appId)) return undefined
  const found = await sql<AppRow[]>`select * from provider_apps where app_id = ${appId}`
  return found.map(open(vault))[0]
}

/** Whether another account has brought an app along. */
export async function othersHaveApps(sql: Sql, accountSid: string): Promise<boolean> {
  const found = await sql`select from provider_apps where account_sid <> ${accountSid} limit 1`
  return found.length > 0
}

/** Those of the account and of its parent, oldest first. */
export async function listProviderApps(
  sql: Sql,
  vault: Vault,
  owner: { sid: AccountSid; parentSid: AccountSid | null },
): Promise<OwnedApp[]> {
  const found = await sql<AppRow[]>`
    select * from provider_apps where account_sid in (${owner.sid}, ${owner.parentSid ?? owner.sid})
    order by created_at, app_id`
  return found.map(open(vault))
}

/** Throws PostgreSQL's unique violation when another account has the app. */
export async function saveProviderApp(
  sql: Tx,
  vault: Vault,
  accountSid: AccountSid,
  { appId, appSecret, verifyToken, name, loginConfigId = null }: ProviderApp & { name: string },
): Promise<void> {
  await sql`
    insert into provider_apps (account_sid, app_id, app_secret, verify_token, name, login_config_id)
    values (${accountSid}, ${appId}, ${vault.seal(appSecret, place(appId, 'secret'))},
      ${vault.seal(verifyToken, place(appId, 'verify token'))}, ${name}, ${loginConfigId})
    on conflict (account_sid, app_id) do update set app_secret = excluded.app_secret,
      verify_token = excluded.verify_token, name = excluded.name, login_config_id = excluded.login_config_id, updated_at = clock_now()`
}

export async function removeProviderApp(sql: Tx, accountSid: AccountSid, appId: string): Promise<boolean> {
  if (!APP_ID.test(appId)) return false
  const gone = await sql`
    delete from provider_apps where account_sid = ${accountSid} and app_id = ${appId} returning app_id`
  return gone.length > 0
}

/** How many senders, of whatever account, work through this app. */
export async function countSendersOfApp(sql: Tx, appId: string): Promise<number> {
  const [row] = await sql<{ count: string }[]>`
    select count(*) from senders where provider_app_id = ${appId} and deleted_at is null`
  return Number(row?.count)
}
