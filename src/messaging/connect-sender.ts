/**
 * Connects a Page as a sender, changes it, lets it go. Comes in: checked settings. Goes out: the sender, kept only when
 * the provider took the token and subscribed the Page. Throws `ApiError` for the caller's mistakes and the provider's no.
 */
import type { Channel, ProviderApp } from '#core/channel.ts'
import { ApiError } from '#core/errors.ts'
import { type AccountSid, type Id, newId } from '#core/ids.ts'
import { makeDue } from '#jobs/queue.ts'
import { findAccount } from '#store/accounts.ts'
import { removeCheck, startChecks } from '#store/sender-checks.ts'
import {
  countSenders,
  deleteSender,
  findSender,
  insertSender,
  lockSendersOf,
  reconnectSender,
  type Sender,
  type SenderSettings,
  updateSender,
} from '#store/senders.ts'
import { type Author, auditSender } from './audit.ts'
import { nextCheckInMs } from './check-interval.ts'
import type { Flow } from './flow.ts'
import { usableApp } from './usable-app.ts'

/** The product's own limit per account or subaccount (facebook-messenger-channel.md). */
export const MAX_SENDERS = 25

export type SenderRequest = {
  channel: string
  address: string
  accessToken: string
  appId: string | null
  settings: SenderSettings
  /** What the person may do with it, if the provider told. */
  tasks?: string[] | null
}

/** `by`: for the audit trail. */
export async function connectSender(
  flow: Flow,
  accountSid: AccountSid,
  request: SenderRequest,
  by?: Author,
): Promise<Sender> {
  const { channel: name, address, accessToken, settings, tasks = null } = request
  const channel = flow.channels.get(name)
  if (!channel?.isAddress(address)) {
    throw new ApiError('parameter_invalid', 'Invalid sender_id: expected messenger:<page id>')
  }
  const appId = request.appId ?? flow.defaultAppId
  const app = await usableApp(flow, accountSid, appId)
  if (!app) throw unknownApp(appId)
  const taken = await flow.directory.senderAt(name, address)
  if (taken) throw held(taken.accountSid === accountSid)
  if ((await countSenders(flow.sql, accountSid)) >= MAX_SENDERS) throw full()

  const connected = await askProvider(flow, channel, address, accessToken, app)
  let sender: Sender | undefined
  try {
    sender = await flow.sql.begin(async (tx) => {
      await lockSendersOf(tx, accountSid)
      // It may have been closed while the provider was asked: nobody would let go of this sender then.
      if (!(await findAccount(tx, flow.vault, accountSid))?.isActive) throw new ApiError('account_suspended')
      if ((await countSenders(tx, accountSid)) >= MAX_SENDERS) throw full()
      const id = await insertSender(tx, flow.vault, {
        ...settings,
        accountSid,
        id: newId(),
        channel: name,
        address,
        name: connected.name,
        providerAppId: appId,
        accessToken,
        tasks,
      })
      if (!id) return undefined
      await startChecks(tx, accountSid, id, nextCheckInMs())
      // Messages of the time before it was let go may still wait for it.
      await makeDue(tx, 'send-message', id)
      const inserted = await findSender(tx, flow.vault, accountSid, id)
      await auditSender(tx, by, 'created', null, inserted ?? null)
      return inserted
    })
  } catch (error) {
    flow.directory.forget()
    // Nothing is kept, the subscription neither, unless somebody else connected the Page meanwhile and lives by it.
    if (!(await flow.directory.senderAt(name, address))) await channel.disconnect(address, accessToken, app)
    throw uniqueViolation(error) ?? error
  }
  if (!sender) throw held(true)
  flow.directory.forget()
  flow.changes.say('sender', accountSid, sender.id)
  return sender
}

/** What brings a sender back. `tasks`: see `SenderRequest`. */
export type Reconnection = { accessToken: string; tasks?: string[] | null }

/** A new token reconnects the sender: what waited for it goes on at once. The same one subscribes it again. */
export async function changeSender(
  flow: Flow,
  sender: Sender,
  settings: SenderSettings,
  again: Reconnection | null,
  by?: Author,
): Promise<Sender> {
  if (again) {
    const channel = flow.channels.get(sender.channel) as Channel
    const app = await flow.app(sender.providerAppId)
    if (!app) throw unknownApp(sender.providerAppId)
    await askProvider(flow, channel, sender.address, again.accessToken, app)
  }
  let changed: Sender | undefined
  try {
    changed = await flow.sql.begin(async (tx) => {
      await updateSender(tx, sender.accountSid, sender.id, settings)
      if (again) {
        await reconnectSender(tx, flow.vault, sender, again.accessToken, again.tasks ?? null)
        await makeDue(tx, 'send-message', sender.id)
        await startChecks(tx, sender.accountSid, sender.id, nextCheckInMs())
      }
      const found = await findSender(tx, flow.vault, sender.accountSid, sender.id)
      if (!found) return undefined
      await auditSender(tx, by, again ? 'reconnected' : 'updated', sender, found)
      return found
    })
  } catch (error) {
    throw uniqueViolation(error) ?? error
  }
  flow.directory.forget()
  flow.changes.say('sender', sender.accountSid, sender.id)
  if (!changed) throw new ApiError('not_found')
  return changed
}

/** Unsubscribes the Page and forgets its token. Messages stay. False when it was gone already. */
export async function removeSender(flow: Flow, accountSid: AccountSid, id: Id, by?: Author): Promise<boolean> {
  const sender = await findSender(flow.sql, flow.vault, accountSid, id)
  if (!sender) return false
  const channel = flow.channels.get(sender.channel)
  const app = await flow.app(sender.providerAppId)
  const removed = await flow.sql.begin(async (tx) => {
    if (!(await deleteSender(tx, accountSid, id))) return false
    await removeCheck(tx, accountSid, id)
    await auditSender(tx, by, 'deleted', sender, null)
    return true
  })
  flow.directory.forget()
  flow.changes.say('sender', accountSid, id)
  if (removed && channel && app) await channel.disconnect(sender.address, sender.accessToken, app)
  return removed
}

async function askProvider(flow: Flow, channel: Channel, address: string, accessToken: string, app: ProviderApp) {
  const connected = await channel.connect(address, accessToken, app)
  if (!connected.ok) {
    flow.log.warn({ address, detail: connected.detail }, 'a Page could not be connected')
    throw new ApiError('parameter_invalid', `The Page could not be connected: ${connected.reason}`)
  }
  return connected
}

const unknownApp = (appId: string) =>
  new ApiError('parameter_invalid', `Unknown meta_app_id ${appId}: this installation has no secret for it`)

const full = () =>
  new ApiError('parameter_invalid', `An account has at most ${MAX_SENDERS} Pages: use a subaccount for more`)

export const UNIQUE_NAME_TAKEN = 'Another sender of this account has this unique_name'

const held = (own: boolean) =>
  new ApiError('conflict', own ? 'This Page is connected already' : 'This Page is connected to another account')

function uniqueViolation(error: unknown): ApiError | undefined {
  const { code, constraint_name: constraint = '' } = error as { code?: string; constraint_name?: string }
  if (code !== '23505') return undefined
  return constraint.includes('unique_name') ? new ApiError('conflict', UNIQUE_NAME_TAKEN) : held(false)
}
