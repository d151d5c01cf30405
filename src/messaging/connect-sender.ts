/**
 * Connects a Page as a sender, changes it, lets it go. Comes in: checked settings. Goes out: the sender, kept only when
 * the provider took the token and subscribed the Page. Throws `ApiError` for the caller's mistakes and the provider's no.
 */
import type { Channel } from '#core/channel.ts'
import { ApiError } from '#core/errors.ts'
import { type AccountSid, type Id, newId } from '#core/ids.ts'
import { makeDue } from '#jobs/queue.ts'
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
import type { Flow } from './flow.ts'

/** The product's own limit per account or subaccount (facebook-messenger-channel.md). */
export const MAX_SENDERS = 25

export type SenderRequest = {
  channel: string
  address: string
  accessToken: string
  appId: string | null
  settings: SenderSettings
}

export async function connectSender(flow: Flow, accountSid: AccountSid, request: SenderRequest): Promise<Sender> {
  const { channel: name, address, accessToken, settings } = request
  const channel = flow.channels.get(name)
  if (!channel?.isAddress(address)) {
    throw new ApiError('parameter_invalid', 'Invalid sender_id: expected messenger:<page id>')
  }
  const appId = request.appId ?? flow.defaultAppId
  if (!flow.app(appId))
    throw new ApiError('parameter_invalid', `Unknown meta_app_id ${appId}: this installation has no secret for it`)
  const taken = await flow.directory.senderAt(name, address)
  if (taken) throw held(taken.accountSid === accountSid)
  if ((await countSenders(flow.sql, accountSid)) >= MAX_SENDERS) throw full()

  const connected = await askProvider(flow, channel, address, accessToken, appId)
  let id: Id | undefined
  try {
    id = await flow.sql.begin(async (tx) => {
      await lockSendersOf(tx, accountSid)
      if ((await countSenders(tx, accountSid)) >= MAX_SENDERS) throw full()
      return await insertSender(tx, flow.vault, {
        ...settings,
        accountSid,
        id: newId(),
        channel: name,
        address,
        name: connected.name,
        providerAppId: appId,
        accessToken,
      })
    })
  } catch (error) {
    throw uniqueViolation(error) ?? error
  }
  if (!id) throw held(true)
  flow.directory.forget()
  return (await findSender(flow.sql, flow.vault, accountSid, id)) as Sender
}

/** A new token reconnects the sender: what waited for it goes on at once. */
export async function changeSender(
  flow: Flow,
  sender: Sender,
  settings: SenderSettings,
  accessToken: string | null,
): Promise<Sender> {
  if (accessToken !== null) {
    const channel = flow.channels.get(sender.channel) as Channel
    await askProvider(flow, channel, sender.address, accessToken, sender.providerAppId)
  }
  try {
    await flow.sql.begin(async (tx) => {
      await updateSender(tx, sender.accountSid, sender.id, settings)
      if (accessToken === null) return
      await reconnectSender(tx, flow.vault, sender, accessToken)
      await makeDue(tx, 'send-message', sender.id)
    })
  } catch (error) {
    throw uniqueViolation(error) ?? error
  }
  flow.directory.forget()
  return (await findSender(flow.sql, flow.vault, sender.accountSid, sender.id)) as Sender
}

/** Unsubscribes the Page and forgets its token. Messages stay. False when it was gone already. */
export async function removeSender(flow: Flow, accountSid: AccountSid, id: Id): Promise<boolean> {
  const sender = await findSender(flow.sql, flow.vault, accountSid, id)
  if (!sender) return false
  const channel = flow.channels.get(sender.channel)
  const app = flow.app(sender.providerAppId)
  const removed = await deleteSender(flow.sql, accountSid, id)
  flow.directory.forget()
  if (removed && channel && app) await channel.disconnect(sender.address, sender.accessToken, app)
  return removed
}

async function askProvider(flow: Flow, channel: Channel, address: string, accessToken: string, appId: string) {
  const app = flow.app(appId)
  if (!app) throw new ApiError('parameter_invalid', `Unknown meta_app_id ${appId}`)
  const connected = await channel.connect(address, accessToken, app)
  if (!connected.ok) {
    flow.log.warn({ address, detail: connected.detail }, 'a Page could not be connected')
    throw new ApiError('parameter_invalid', `The Page could not be connected: ${connected.reason}`)
  }
  return connected
}

const full = () =>
  new ApiError('parameter_invalid', `An account has at most ${MAX_SENDERS} Pages: use a subaccount for more`)

const held = (own: boolean) =>
  new ApiError('conflict', own ? 'This Page is connected already' : 'This Page is connected to another account')

function uniqueViolation(error: unknown): ApiError | undefined {
  const { code, constraint_name: constraint = '' } = error as { code?: string; constraint_name?: string }
  if (code !== '23505') return undefined
  return constraint.includes('unique_name')
    ? new ApiError('conflict', 'Another sender of this account has this unique_name')
    : held(false)
}
