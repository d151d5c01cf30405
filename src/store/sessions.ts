/**
 * Signed-in browsers, one-time links, and failed sign-ins. Tokens are 256 random bits, so a plain hash keeps them. Times
 * are the real ones, whatever the built-in Messenger's clock says.
 */
import { hash } from 'node:crypto'
import type { AccountSid, Id } from '#core/ids.ts'
import type { Sql, Tx } from './connection.ts'
import type { Role } from './memberships.ts'

const hashOf = (token: string) => hash('sha256', token, 'buffer')

/** A session ends when it was not used for so long. */
export const SESSION_DAYS = 14
/** A session that waits for its second factor. */
const PENDING_MINUTES = 10
/** `seen_at` is written this seldom. */
const SEEN_EVERY_SECONDS = 60

export type Session = {
  id: Id
  userId: Id
  pending: boolean
  userAgent: string
  address: string
  createdAt: Date
  seenAt: Date
}

const alive = (sql: Tx) => sql`
  seen_at > now() - case when pending then ${PENDING_MINUTES} * interval '1 minute'
    else ${SESSION_DAYS} * interval '1 day' end`

export async function insertSession(
  sql: Tx,
  session: Pick<Session, 'id' | 'userId' | 'pending' | 'userAgent' | 'address'> & { token: string },
): Promise<void> {
  await sql`
    insert into sessions (id, token_hash, user_id, pending, user_agent, address)
    values (${session.id}, ${hashOf(session.token)}, ${session.userId}, ${session.pending},
      ${session.userAgent.slice(0, 300)}, ${session.address})`
}

/** The session of this token, which is thereby used. */
export async function findSession(sql: Sql, token: string): Promise<Session | undefined> {
  const [row] = await sql<(Session & { stale: boolean })[]>`
    select id, user_id, pending, user_agent, address, created_at, seen_at,
      seen_at < now() - ${SEEN_EVERY_SECONDS} * interval '1 second' and not pending as stale
    from sessions where token_hash = ${hashOf(token)} and ${alive(sql)}`
  if (row?.stale) await sql`update sessions set seen_at = now() where id = ${row.id}`
  return row
}

/** Newest use first. */
export async function listSessions(sql: Tx, userId: Id): Promise<Session[]> {
  return await sql<Session[]>`
    select id, user_id, pending, user_agent, address, created_at, seen_at from sessions
    where user_id = ${userId} and not pending and ${alive(sql)} order by seen_at desc`
}

/** False when it is not there, or another user's. */
export async function endSession(sql: Tx, userId: Id, id: Id): Promise<boolean> {
  const gone = await sql`delete from sessions where id = ${id} and user_id = ${userId} returning id`
  return gone.length > 0
}

/** All of a user, but one. */
export async function endOtherSessions(sql: Tx, userId: Id, kept: Id | null): Promise<void> {
  await sql`delete from sessions where user_id = ${userId} and id is distinct from ${kept}`
}

export type SignInLink = {
  id: Id
  purpose: 'setup' | 'join' | 'password'
  userId: Id | null
  accountSid: AccountSid | null
  email: string | null
  role: Role | null
  madeBy: Id | null
  createdAt: Date
  expiresAt: Date
}

export async function insertLink(
  sql: Tx,
  link: Pick<SignInLink, 'id' | 'purpose'> &
    Partial<Pick<SignInLink, 'userId' | 'accountSid' | 'email' | 'role' | 'madeBy'>> & { token: string; hours: number },
): Promise<void> {
  await sql`
    insert into sign_in_links (id, token_hash, purpose, user_id, account_sid, email, role, made_by, expires_at)
    values (${link.id}, ${hashOf(link.token)}, ${link.purpose}, ${link.userId ?? null}, ${link.accountSid ?? null},
      ${link.email?.toLowerCase() ?? null}, ${link.role ?? null}, ${link.madeBy ?? null},
      now() + ${link.hours} * interval '1 hour')`
}

export async function findLink(sql: Tx, token: string): Promise<SignInLink | undefined> {
  const [row] = await sql<SignInLink[]>`
    select id, purpose, user_id, account_sid, email, role, made_by, created_at, expires_at from sign_in_links
    where token_hash = ${hashOf(token)} and used_at is null and expires_at > now()`
  return row
}

/** False when somebody was quicker. */
export async function spendLink(sql: Tx, id: Id): Promise<boolean> {
  const used = await sql`
    update sign_in_links set used_at = now() where id = ${id} and used_at is null and expires_at > now() returning id`
  return used.length > 0
}

/** Whoever has an older link to choose a password chooses none any more. */
export async function endPasswordLinks(sql: Tx, userId: Id): Promise<void> {
  await sql`
    update sign_in_links set used_at = now()
    where user_id = ${userId} and purpose in ('setup', 'password') and used_at is null`
}

/** Invitations that nobody has accepted yet, newest first. */
export async function listInvitations(sql: Tx, accountSid: string): Promise<SignInLink[]> {
  return await sql<SignInLink[]>`
    select id, purpose, user_id, account_sid, email, role, made_by, created_at, expires_at from sign_in_links
    where account_sid = ${accountSid} and purpose = 'join' and used_at is null and expires_at > now()
    order by created_at desc`
}

export async function removeInvitation(sql: Tx, accountSid: string, id: Id): Promise<SignInLink | undefined> {
  const [gone] = await sql<SignInLink[]>`
    delete from sign_in_links where account_sid = ${accountSid} and id = ${id} and used_at is null
    returning id, purpose, user_id, account_sid, email, role, made_by, created_at, expires_at`
  return gone
}

const FAILURE_MINUTES = 15

/** What an attempt counts against, and how many of it may fail within 15 minutes. */
export type AttemptLimit = { key: string; most: number }

/**
 * Counts an attempt as failed before it is made, so that many at once get no further than one after the other. False, and
 * nothing is counted, when too many have failed.
 */
export async function takeAttempt(sql: Sql, limits: readonly AttemptLimit[]): Promise<boolean> {
  const keys = limits.map(({ key }) => key).sort()
  return await sql.begin(async (tx) => {
    for (const key of keys) await tx`select pg_advisory_xact_lock(hashtext('sign-in attempts'), hashtext(${key}))`
    await tx`delete from sign_in_failures where failed_at < now() - ${FAILURE_MINUTES} * interval '1 minute'`
    const counts = await tx<{ key: string; count: number }[]>`
      select key, count(*)::integer as count from sign_in_failures where key = any(${keys}::text[]) group by key`
    const countOf = new Map(counts.map(({ key, count }) => [key, count]))
    if (limits.some(({ key, most }) => (countOf.get(key) ?? 0) >= most)) return false
    await tx`insert into sign_in_failures (key) select * from unnest(${keys}::text[])`
    return true
  })
}

/** It succeeded. */
export async function giveBackAttempt(sql: Tx, limits: readonly AttemptLimit[]): Promise<void> {
  for (const { key } of limits) {
    await sql`
      delete from sign_in_failures
      where ctid = (select ctid from sign_in_failures where key = ${key} order by failed_at desc limit 1)`
  }
}

export async function forgetFailures(sql: Tx, key: string): Promise<void> {
  await sql`delete from sign_in_failures where key = ${key}`
}
