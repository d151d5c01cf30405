/**
 * Makes, renames, suspends and closes subaccounts. Comes in: an account of the caller's own family and what is to become
 * of it. Goes out: the account as it is then. Throws `ApiError` for moves that are not allowed (twilio.md 6.2).
 */
import { ApiError } from '#core/errors.ts'
import { type AccountSid, newAccountSid, newAuthToken } from '#core/ids.ts'
import { makeDue } from '#jobs/queue.ts'
import {
  type Account,
  type AccountStatus,
  countSubaccounts,
  findAccount,
  insertSubaccount,
  lockAccount,
  updateAccount,
} from '#store/accounts.ts'
import type { Tx } from '#store/connection.ts'
import { listSenders, type Sender } from '#store/senders.ts'
import { MAX_SENDERS, removeSender } from './connect-sender.ts'
import type { Flow } from './flow.ts'

/** Of those that are not closed (twilio.md 13). */
export const MAX_SUBACCOUNTS = 1000

/** What else belongs into the transaction of a change; `before` is the account as it was, or null. */
type Note = (tx: Tx, sid: AccountSid, before: Account | null) => Promise<void>

export async function createSubaccount(
  flow: Flow,
  parentSid: AccountSid,
  name: string | undefined,
  note?: Note,
): Promise<Account> {
  const parent = await findAccount(flow.sql, flow.vault, parentSid)
  if (parent?.parentSid !== null) throw new ApiError('access_denied', 'A subaccount cannot have subaccounts')
  const sid = newAccountSid()
  const friendlyName = name ?? `SubAccount Created at ${await minuteOf(flow)}`
  await flow.sql.begin(async (tx) => {
    await lockAccount(tx, parentSid)
    if ((await countSubaccounts(tx, parentSid)) >= MAX_SUBACCOUNTS) throw new ApiError('subaccounts_full')
    await insertSubaccount(tx, flow.vault, { sid, parentSid, friendlyName, authToken: newAuthToken() })
    await note?.(tx, sid, null)
  })
  return (await findAccount(flow.sql, flow.vault, sid)) as Account
}

/** `2026-11-22 06:04 pm`, in UTC. */
async function minuteOf({ sql }: Flow): Promise<string> {
  const [row] = await sql<{ minute: string }[]>`
    select to_char(clock_now() at time zone 'UTC', 'YYYY-MM-DD HH12:MI am') as minute`
  return row?.minute ?? ''
}

export type AccountChange = { friendlyName: string | undefined; status: AccountStatus | undefined }

/**
 * On a suspension sending and receiving end at once, on other nodes within a second. On a return what was queued goes
 * on. A closed account lets its Pages go, so that others may connect them; closing it again repeats what failed of that.
 */
export async function changeAccount(
  flow: Flow,
  callerSid: AccountSid,
  sid: AccountSid,
  change: AccountChange,
  note?: Note,
): Promise<Account> {
  const senders = await flow.sql.begin(async (tx) => {
    await lockAccount(tx, sid)
    const account = (await findAccount(tx, flow.vault, sid)) as Account
    const { friendlyName = account.friendlyName, status = account.status } = change
    if (change.status !== undefined) await checkMove(flow, account, callerSid, change.status)
    await updateAccount(tx, sid, { friendlyName, status })
    await note?.(tx, sid, account)
    const own = change.status === undefined ? [] : await sendersOf(flow, tx, sid)
    if (account.status === 'suspended' && status === 'active') {
      for (const sender of own) await makeDue(tx, 'send-message', sender.id)
    }
    return own
  })
  flow.directory.forget()
  const account = (await findAccount(flow.sql, flow.vault, sid)) as Account
  if (account.status === 'closed') await Promise.all(senders.map((sender) => removeSender(flow, sid, sender.id)))
  return account
}

async function checkMove(flow: Flow, account: Account, callerSid: AccountSid, status: AccountStatus): Promise<void> {
  if (account.parentSid === null) throw new ApiError('parent_status')
  // Its own credentials could not bring a suspended account back.
  if (callerSid === account.sid)
    throw new ApiError('access_denied', 'Only its parent changes the Status of a subaccount')
  if (account.status === 'closed' && status !== 'closed') throw new ApiError('account_closed')
  const parent = await findAccount(flow.sql, flow.vault, account.parentSid)
  if (parent?.status !== 'active') throw new ApiError('parent_suspended')
}

async function sendersOf(flow: Flow, tx: Tx, accountSid: AccountSid): Promise<Sender[]> {
  const senders: Sender[] = []
  for (const channel of flow.channels.keys()) {
    senders.push(...(await listSenders(tx, flow.vault, { accountSid, channel }, null, MAX_SENDERS)))
  }
  return senders
}
