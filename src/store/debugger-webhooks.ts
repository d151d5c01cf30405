/** Who is told of an account's new alerts: the URL of the account, or else of its parent. */
import type { AccountSid } from '#core/ids.ts'
import type { Tx } from './connection.ts'

export type DebuggerWebhook = {
  url: string
  /** Whose URL it is, and whose token signs. */
  ownerSid: AccountSid
  /** Of the account that the alerts are of. */
  parentSid: AccountSid | null
}

export async function findDebuggerWebhook(sql: Tx, accountSid: string): Promise<DebuggerWebhook | undefined> {
  const [row] = await sql<DebuggerWebhook[]>`
    select coalesce(a.debugger_url, p.debugger_url) as url, a.parent_sid,
      case when a.debugger_url is null then p.sid else a.sid end as owner_sid
    from accounts a left join accounts p on p.sid = a.parent_sid
    where a.sid = ${accountSid} and coalesce(a.debugger_url, p.debugger_url) is not null`
  return row
}

/** The account's own, if it has one. */
export async function findDebuggerUrl(sql: Tx, accountSid: string): Promise<string | null> {
  const [row] = await sql<{ debuggerUrl: string | null }[]>`select debugger_url from accounts where sid = ${accountSid}`
  return row?.debuggerUrl ?? null
}

/** Null: none, so that its parent's counts. */
export async function saveDebuggerUrl(sql: Tx, accountSid: string, url: string | null): Promise<void> {
  await sql`update accounts set debugger_url = ${url} where sid = ${accountSid}`
}
