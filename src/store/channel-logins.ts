/**
 * Logins at a provider, begun in the console, and the senders that they found, with their tokens sealed. Each belongs to
 * one session and account: nobody else can end it or use what it found. Times are the real ones, as for sessions.
 */
import { hash } from 'node:crypto'
import type { FoundSender } from '#core/channel.ts'
import type { AccountSid, Id } from '#core/ids.ts'
import type { Sql, Tx } from './connection.ts'
import type { Vault } from './secrets.ts'

/** So long one may stay at the provider. */
const RETURN_MINUTES = 10
/** So long what was found may be used. */
const KEEP_MINUTES = 60

export type StartedLogin = {
  id: Id
  sessionId: Id
  accountSid: AccountSid
  channel: string
  providerAppId: string
  senderId: Id | null
  startedAt: Date
  returnedAt: Date | null
  problem: string | null
  userName: string | null
  missing: string[]
}

const hashOf = (state: string) => hash('sha256', state, 'buffer')
const place = (loginId: Id, address: string) => `found sender:${loginId}:${address}`

export async function insertLogin(
  sql: Tx,
  login: Pick<StartedLogin, 'id' | 'sessionId' | 'accountSid' | 'channel' | 'providerAppId' | 'senderId'>,
  state: string,
): Promise<void> {
  await sql`
    insert into channel_logins (id, session_id, account_sid, channel, provider_app_id, sender_id, state_hash)
    values (${login.id}, ${login.sessionId}, ${login.accountSid}, ${login.channel}, ${login.providerAppId},
      ${login.senderId}, ${hashOf(state)})`
}

/** `open`: its state has neither been used nor become too old. */
export async function findLogin(sql: Tx, state: string): Promise<(StartedLogin & { open: boolean }) | undefined> {
  const [row] = await sql<(StartedLogin & { open: boolean })[]>`
    select *, returned_at is null and started_at > now() - ${RETURN_MINUTES} * interval '1 minute' as open
    from channel_logins where state_hash = ${hashOf(state)}`
  return row
}

/** The state counts once: false when somebody was quicker, or it is too old. */
export async function spendLogin(sql: Tx, id: Id): Promise<boolean> {
  const spent = await sql`
    update channel_logins set returned_at = now()
    where id = ${id} and returned_at is null and started_at > now() - ${RETURN_MINUTES} * interval '1 minute'
    returning id`
  return spent.length > 0
}

/** Its state counts no more. */
export async function failLogin(sql: Tx, id: Id, problem: string): Promise<void> {
  await sql`
    update channel_logins set problem = ${problem}, returned_at = coalesce(returned_at, now()) where id = ${id}`
}

/** What it found replaces what earlier logins of the session found for this account. */
export async function finishLogin(
  sql: Sql,
  vault: Vault,
  login: Pick<StartedLogin, 'id' | 'sessionId' | 'accountSid' | 'channel'>,
  found: { userName: string; missing: string[]; senders: FoundSender[] },
): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`
      delete from channel_logins where session_id = ${login.sessionId} and account_sid = ${login.accountSid}
        and channel = ${login.channel} and returned_at is not null and id <> ${login.id}`
    await tx`
      update channel_logins set user_name = ${found.userName}, missing = ${found.missing} where id = ${login.id}`
    for (const { address, name, accessToken, tasks, obstacle } of found.senders) {
      await tx`
        insert into found_senders (login_id, address, name, access_token, tasks, obstacle)
        values (${login.id}, ${address}, ${name}, ${vault.seal(accessToken, place(login.id, address))},
          ${tasks}, ${obstacle})
        on conflict do nothing`
    }
  })
}

type Owner = Pick<StartedLogin, 'sessionId' | 'accountSid' | 'channel'>

/** The newest one that came back within the last hour. */
export async function findReturned(sql: Tx, owner: Owner): Promise<StartedLogin | undefined> {
  const [row] = await sql<StartedLogin[]>`
    select * from channel_logins
    where session_id = ${owner.sessionId} and account_sid = ${owner.accountSid} and channel = ${owner.channel}
      and returned_at > now() - ${KEEP_MINUTES} * interval '1 minute'
    order by returned_at desc limit 1`
  return row
}

/** In the order of their names, without their tokens. */
export async function listFound(sql: Tx, loginId: Id): Promise<Omit<FoundSender, 'accessToken'>[]> {
  return await sql<Omit<FoundSender, 'accessToken'>[]>`
    select address, name, tasks, obstacle from found_senders where login_id = ${loginId} order by lower(name), address`
}

export async function findFound(sql: Tx, vault: Vault, loginId: Id, address: string): Promise<FoundSender | undefined> {
  const [row] = await sql<(Omit<FoundSender, 'accessToken'> & { accessToken: Uint8Array })[]>`
    select * from found_senders where login_id = ${loginId} and address = ${address}`
  return row && { ...row, accessToken: vault.open(row.accessToken, place(loginId, address)) }
}

/** Those that nobody can use any more. */
export async function forgetOldLogins(sql: Tx): Promise<void> {
  await sql`delete from channel_logins where started_at < now() - ${RETURN_MINUTES + KEEP_MINUTES} * interval '1 minute'`
}
