/** Accounts and their tokens. Tokens are sealed at rest and open only in memory. */
import { type AccountSid, type Id, toSid } from '#core/ids.ts'
import type { Tx } from './connection.ts'
import type { Vault } from './secrets.ts'

export type AccountStatus = 'active' | 'suspended' | 'closed'

export type Account = {
  sid: AccountSid
  /** Null for a main account. Subaccounts have no subaccounts. */
  parentSid: AccountSid | null
  friendlyName: string
  status: AccountStatus
  /** It and its parent are active. Without, it neither sends nor receives. */
  isActive: boolean
  /** The primary token: signatures are made with it. */
  authToken: string
  secondaryAuthToken: string | null
  secondaryCreatedAt: Date | null
  createdAt: Date
  updatedAt: Date
}

type AccountRow = Omit<Account, 'authToken' | 'secondaryAuthToken'> & {
  authToken: Uint8Array
  secondaryAuthToken: Uint8Array | null
}

const place = (sid: string) => `account:${sid}`

const open =
  (vault: Vault) =>
  ({ authToken, secondaryAuthToken, ...row }: AccountRow): Account => ({
    ...row,
    authToken: vault.open(authToken, place(row.sid)),
    secondaryAuthToken: secondaryAuthToken && vault.open(secondaryAuthToken, place(row.sid)),
  })

const selectAccounts = (sql: Tx) => sql`
  select a.sid, a.parent_sid, a.friendly_name, a.status, a.auth_token, a.secondary_auth_token, a.secondary_created_at,
    a.created_at, a.updated_at, a.status = 'active' and coalesce(p.status, 'active') = 'active' as is_active
  from accounts a left join accounts p on p.sid = a.parent_sid`

export async function findAccount(sql: Tx, vault: Vault, sid: string): Promise<Account | undefined> {
  const found = await sql<AccountRow[]>`${selectAccounts(sql)} where a.sid = ${sid}`
  return found.map(open(vault))[0]
}

export type AccountFilter = { ownerSid: string; friendlyName: string | null; status: string | null }

/** The account itself and its subaccounts, newest first, in reading order whichever way `edge` leads. */
export async function listAccounts(
  sql: Tx,
  vault: Vault,
  { ownerSid, friendlyName, status }: AccountFilter,
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<Account[]> {
  const newer = edge?.direction === 'newer'
  // SIDs are random, so the order is that of the making.
  const place =
    edge &&
    sql`(select e.created_at, e.sid from accounts e where e.sid = ${toSid('AC', edge.id)}
    and (e.sid = ${ownerSid} or e.parent_sid = ${ownerSid}))`
  const found = await sql<AccountRow[]>`
    ${selectAccounts(sql)}
    where (a.sid = ${ownerSid} or a.parent_sid = ${ownerSid})
      ${friendlyName === null ? sql`` : sql`and a.friendly_name = ${friendlyName}`}
      ${status === null ? sql`` : sql`and a.status = ${status}`}
      ${place ? (newer ? sql`and (a.created_at, a.sid) > ${place}` : sql`and (a.created_at, a.sid) < ${place}`) : sql``}
    order by a.created_at ${newer ? sql`asc` : sql`desc`}, a.sid ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return (newer ? found.reverse() : found).map(open(vault))
}

/** Waits for others that change this account or make subaccounts of it, so that what was read stays true. */
export async function lockAccount(tx: Tx, sid: string): Promise<void> {
  await tx`select from accounts where sid = ${sid} for update`
}

/** Those that are not closed. */
export async function countSubaccounts(sql: Tx, parentSid: string): Promise<number> {
  const [row] = await sql<{ count: string }[]>`
    select count(*) from accounts where parent_sid = ${parentSid} and status <> 'closed'`
  return Number(row?.count)
}

export async function insertSubaccount(
  sql: Tx,
  vault: Vault,
  account: { sid: AccountSid; parentSid: AccountSid; friendlyName: string; authToken: string },
): Promise<void> {
  await sql`
    insert into accounts (sid, parent_sid, friendly_name, auth_token)
    values (${account.sid}, ${account.parentSid}, ${account.friendlyName},
      ${vault.seal(account.authToken, place(account.sid))})`
}

export async function updateAccount(
  sql: Tx,
  sid: string,
  change: { friendlyName: string; status: AccountStatus },
): Promise<void> {
  await sql`
    update accounts set friendly_name = ${change.friendlyName}, status = ${change.status}, updated_at = clock_now(),
      closed_at = case when ${change.status} = 'closed' then coalesce(closed_at, now()) end
    where sid = ${sid}`
}

/** Answers when; undefined when the account has a secondary token already. */
export async function addSecondaryToken(sql: Tx, vault: Vault, sid: string, token: string): Promise<Date | undefined> {
  const [row] = await sql<{ secondaryCreatedAt: Date }[]>`
    update accounts set secondary_auth_token = ${vault.seal(token, place(sid))}, secondary_created_at = clock_now()
    where sid = ${sid} and secondary_auth_token is null returning secondary_created_at`
  return row?.secondaryCreatedAt
}

/** False when there is none. */
export async function removeSecondaryToken(sql: Tx, sid: string): Promise<boolean> {
  const changed = await sql`
    update accounts set secondary_auth_token = null, secondary_created_at = null
    where sid = ${sid} and secondary_auth_token is not null returning sid`
  return changed.length > 0
}

/** The secondary token becomes the primary one, which is gone. False when there is no secondary token. */
export async function promoteSecondaryToken(sql: Tx, sid: string): Promise<boolean> {
  const changed = await sql`
    update accounts set auth_token = secondary_auth_token, secondary_auth_token = null, secondary_created_at = null,
      updated_at = clock_now()
    where sid = ${sid} and secondary_auth_token is not null returning sid`
  return changed.length > 0
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
  const token = vault.seal(account.authToken, place(account.sid))
  await sql`
    insert into accounts (sid, friendly_name, auth_token, settled_token)
    values (${account.sid}, ${account.friendlyName}, ${token}, ${token})
    on conflict (sid) do update set auth_token = excluded.auth_token, settled_token = excluded.settled_token,
      updated_at = clock_now()`
}

/** The token that `saveAccount` gave last, whatever the account's token is now. */
export async function findSettledToken(sql: Tx, vault: Vault, sid: string): Promise<string | undefined> {
  const [row] = await sql<{ settledToken: Uint8Array | null }[]>`select settled_token from accounts where sid = ${sid}`
  return row?.settledToken ? vault.open(row.settledToken, place(sid)) : undefined
}
