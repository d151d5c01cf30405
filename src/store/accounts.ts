/** Accounts and their tokens. Tokens are sealed at rest and open only in memory. */
import type { AccountSid } from '#core/ids.ts'
import type { Tx } from './connection.ts'
import type { Vault } from './secrets.ts'

export type Account = {
  sid: AccountSid
  parentSid: AccountSid | null
  status: 'active' | 'suspended' | 'closed'
  /** The primary token: signatures are made with it. */
  authToken: string
  secondaryAuthToken: string | null
}

type AccountRow = Omit<Account, 'authToken' | 'secondaryAuthToken'> & {
  authToken: Uint8Array
  secondaryAuthToken: Uint8Array | null
}

const place = (sid: string) => `account:${sid}`

export async function findAccount(sql: Tx, vault: Vault, sid: string): Promise<Account | undefined> {
  const [row] = await sql<AccountRow[]>`
    select sid, parent_sid, status, auth_token, secondary_auth_token from accounts where sid = ${sid}`
  if (!row) return undefined
  const { authToken, secondaryAuthToken } = row
  return {
    ...row,
    authToken: vault.open(authToken, place(row.sid)),
    secondaryAuthToken: secondaryAuthToken && vault.open(secondaryAuthToken, place(row.sid)),
  }
}

/** The oldest account without a parent, if there is one. */
export async function findMainAccountSid(sql: Tx): Promise<AccountSid | undefined> {
  const [row] = await sql<{ sid: AccountSid }[]>`
    select sid from accounts where parent_sid is null order by created_at, sid limit 1`
  return row?.sid
}

/** Creates the account, or gives it this token. */
export async function saveAccount(
  sql: Tx,
  vault: Vault,
  account: { sid: AccountSid; authToken: string; friendlyName: string },
): Promise<void> {
  await sql`
    insert into accounts (sid, friendly_name, auth_token)
    values (${account.sid}, ${account.friendlyName}, ${vault.seal(account.authToken, place(account.sid))})
    on conflict (sid) do update set auth_token = excluded.auth_token, updated_at = clock_now()`
}
