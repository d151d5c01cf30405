/** Who may do what in which account. */
import type { AccountSid, Id } from '#core/ids.ts'
import type { Tx } from './connection.ts'

export type Role = 'owner' | 'admin' | 'developer' | 'support' | 'read-only'

export type Member = { userId: Id; email: string; name: string; role: Role; twoFactor: boolean; createdAt: Date }

/** An account that a user reaches, as a member or as owner or admin of its parent. */
export type ReachedAccount = {
  sid: AccountSid
  parentSid: AccountSid | null
  friendlyName: string
  status: 'active' | 'suspended' | 'closed'
  role: Role
}

/** A membership of their own takes nothing away from owners and admins of the parent. */
const greater = (sql: Tx) => sql`
  case when 'owner' in (own.role, above.role) then 'owner' when 'admin' in (own.role, above.role) then 'admin'
    else own.role end`

/** Main accounts first, then by name. Owners and admins of a parent have that role in its subaccounts. */
export async function listReached(sql: Tx, userId: Id): Promise<ReachedAccount[]> {
  return await sql<ReachedAccount[]>`
    select a.sid, a.parent_sid, a.friendly_name, a.status, ${greater(sql)} as role
    from accounts a
    left join memberships own on own.account_sid = a.sid and own.user_id = ${userId}
    left join memberships above on above.account_sid = a.parent_sid and above.user_id = ${userId}
      and above.role in ('owner', 'admin')
    where own.role is not null or above.role is not null
    order by a.parent_sid is not null, lower(a.friendly_name), a.sid`
}

export async function findRole(sql: Tx, userId: Id, accountSid: string): Promise<ReachedAccount | undefined> {
  const [row] = await sql<ReachedAccount[]>`
    select a.sid, a.parent_sid, a.friendly_name, a.status, ${greater(sql)} as role
    from accounts a
    left join memberships own on own.account_sid = a.sid and own.user_id = ${userId}
    left join memberships above on above.account_sid = a.parent_sid and above.user_id = ${userId}
      and above.role in ('owner', 'admin')
    where a.sid = ${accountSid} and (own.role is not null or above.role is not null)`
  return row
}

/** Oldest first. */
export async function listMembers(sql: Tx, accountSid: string): Promise<Member[]> {
  return await sql<Member[]>`
    select m.user_id, u.email, u.name, m.role, u.totp_secret is not null as two_factor, m.created_at
    from memberships m join users u on u.id = m.user_id
    where m.account_sid = ${accountSid} order by m.created_at, m.user_id`
}

/** The accounts that a user is a member of, without those that are reached through a parent. */
export async function listOwnMemberships(sql: Tx, userId: Id): Promise<{ accountSid: AccountSid; role: Role }[]> {
  return await sql<{ accountSid: AccountSid; role: Role }[]>`
    select account_sid, role from memberships where user_id = ${userId} order by account_sid`
}

/** Waits for others that change the members of this account, so that an owner remains. */
export async function lockMembers(tx: Tx, accountSid: string): Promise<void> {
  await tx`select 1 from accounts where sid = ${accountSid} for update`
}

export async function saveMembership(sql: Tx, accountSid: string, userId: Id, role: Role): Promise<void> {
  await sql`
    insert into memberships (account_sid, user_id, role) values (${accountSid}, ${userId}, ${role})
    on conflict (account_sid, user_id) do update set role = excluded.role`
}

export async function removeMembership(sql: Tx, accountSid: string, userId: Id): Promise<void> {
  await sql`delete from memberships where account_sid = ${accountSid} and user_id = ${userId}`
}
