/** Instances of Messenger: Pages that an account speaks as. Everything goes through the door that the Senders API has. */
import { Type } from 'typebox'
import { ApiError } from '#core/errors.ts'
import { fromSid } from '#core/ids.ts'
import type { Author } from '#messaging/audit.ts'
import {
  changeSender,
  connectSender,
  MAX_SENDERS,
  type Reconnection,
  removeSender,
  UNIQUE_NAME_TAKEN,
} from '#messaging/connect-sender.ts'
import { usableApp } from '#messaging/usable-app.ts'
import { findFound, findReturned } from '#store/channel-logins.ts'
import type { ReachedAccount } from '#store/memberships.ts'
import { findCheck, listChecks } from '#store/sender-checks.ts'
import { findSender, type Sender } from '#store/senders.ts'
import { listServices } from '#store/services.ts'
import { install, sendersOf } from './channels.ts'
import type { SenderList, SenderView } from './contract/channels.ts'
import { Refusal, type Routes, type Visitor } from './route.ts'
import { readSettings, Settings } from './sender-settings.ts'
import { rowOf, viewOf } from './sender-view.ts'

export const CHANNEL = 'messenger'
const SERVICES = 1000

const Token = Type.String({ maxLength: 4096 })
const Connect = Type.Object({
  ...Settings.properties,
  pageId: Type.Optional(Type.String({ maxLength: 64 })),
  accessToken: Type.Optional(Token),
  appId: Type.Optional(Type.String({ maxLength: 25 })),
})
const Again = Type.Object({ accessToken: Type.Optional(Token) })

export function senderRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const url = '/accounts/:accountSid/channels/messenger/senders'
  const show = async (sender: Sender): Promise<SenderView> =>
    viewOf(flow, sender, await findCheck(sql, sender.accountSid, sender.id))

  add({ method: 'GET', url, needs: 'view' }, async ({ account }): Promise<SenderList> => {
    const senders = await sendersOf(flow, account.sid, CHANNEL)
    const checks = await listChecks(sql, account.sid)
    const services = await listServices(sql, account.sid, null, SERVICES)
    const names = new Map(services.map(({ id, friendlyName }) => [id, friendlyName]))
    const nameOf = ({ serviceId }: Sender) => (serviceId && names.get(serviceId)) || null
    return {
      senders: senders.map((sender) => rowOf(sender, nameOf(sender), checks.get(sender.id))),
      limit: MAX_SENDERS,
    }
  })

  add({ method: 'POST', url, needs: 'configure', body: Connect }, async ({ account, visitor, actor, body }) => {
    const settings = readSettings(flow, body)
    const isPasted = body.accessToken !== undefined
    const page = isPasted
      ? await pageOfToken(account, tokenOf(body.accessToken), body.appId)
      : await pageOfLogin(account, visitor, body.pageId)
    const request = { ...page, channel: CHANNEL, settings }
    const by: Author = { actor, source: 'console' }
    const sender = await atField(isPasted ? 'accessToken' : 'pageId', () =>
      connectSender(flow, account.sid, request, by),
    )
    await install(flow, account.sid, actor, CHANNEL)
    return await show(sender)
  })

  add({ method: 'GET', url: `${url}/:sid`, needs: 'view' }, async ({ account, params }) =>
    show(await senderOf(account, params.sid)),
  )

  add(
    { method: 'PUT', url: `${url}/:sid`, needs: 'configure', body: Settings },
    async ({ account, actor, params, body }) => {
      const sender = await senderOf(account, params.sid)
      const settings = readSettings(flow, body)
      return await show(
        await atField('uniqueName', () => changeSender(flow, sender, settings, null, { actor, source: 'console' })),
      )
    },
  )

  add(
    { method: 'POST', url: `${url}/:sid/reconnect`, needs: 'configure', body: Again },
    async ({ account, visitor, actor, params, body }) => {
      const sender = await senderOf(account, params.sid)
      const isPasted = body.accessToken !== undefined
      const found = isPasted ? undefined : await pageOfLogin(account, visitor, sender.address)
      if (found && found.appId !== sender.providerAppId) {
        throw new Refusal(409, 'This login was made through another Meta app than the one of this Page: log in again')
      }
      const again: Reconnection = found ?? { accessToken: tokenOf(body.accessToken) }
      const by: Author = { actor, source: 'console' }
      return await show(await atField('accessToken', () => changeSender(flow, sender, sender, again, by)))
    },
  )

  // With the token that it has: the subscription at the provider is made anew, and what waited goes on.
  add({ method: 'POST', url: `${url}/:sid/subscribe`, needs: 'configure' }, async ({ account, actor, params }) => {
    const sender = await senderOf(account, params.sid)
    const { accessToken, tasks } = sender
    return await show(await changeSender(flow, sender, sender, { accessToken, tasks }, { actor, source: 'console' }))
  })

  add({ method: 'DELETE', url: `${url}/:sid`, needs: 'configure' }, async ({ account, actor, params }) => {
    const sender = await senderOf(account, params.sid)
    await removeSender(flow, account.sid, sender.id, { actor, source: 'console' })
  })

  async function senderOf(account: ReachedAccount, sid = ''): Promise<Sender> {
    const id = fromSid(sid, 'XE')
    const sender = id && (await findSender(sql, vault, account.sid, id))
    if (sender?.channel !== CHANNEL) throw new Refusal(404, 'This instance is gone: somebody removed it')
    return sender
  }

  type PageToken = { address: string; accessToken: string; tasks: string[] | null; appId: string }

  async function pageOfToken(account: ReachedAccount, accessToken: string, given?: string): Promise<PageToken> {
    const appId = given || flow.defaultAppId
    const app = await usableApp(flow, account.sid, appId)
    if (!app) throw new Refusal(400, `The Meta app ${appId} is not one that this account may use`, 'appId')
    const found = await flow.channels.get(CHANNEL)?.identify(accessToken, app)
    if (!found?.ok) throw new Refusal(400, found?.reason ?? 'This token cannot be used', 'accessToken')
    return { address: found.address, accessToken, tasks: null, appId }
  }

  /** Of the newest login of this browser. */
  async function pageOfLogin(account: ReachedAccount, visitor: Visitor, address = ''): Promise<PageToken> {
    const owner = { sessionId: visitor.session.id, accountSid: account.sid, channel: CHANNEL }
    const login = await findReturned(sql, owner)
    const isPage = flow.channels.get(CHANNEL)?.isAddress(address) === true
    const found = login && isPage ? await findFound(sql, vault, login.id, address) : undefined
    if (!login || !found)
      throw new Refusal(409, 'Select a Page. What Facebook Login gives is kept for an hour.', 'pageId')
    if (found.obstacle !== null) throw new Refusal(409, found.obstacle, 'pageId')
    return { address, accessToken: found.accessToken, tasks: found.tasks, appId: login.providerAppId }
  }
}

function tokenOf(pasted = ''): string {
  const token = pasted.trim()
  if (token === '') throw new Refusal(400, 'Paste the token of the Page', 'accessToken')
  return token
}

/** What the door refuses, at the input that it is about. */
async function atField<T>(field: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error
    if (error.message === UNIQUE_NAME_TAKEN) {
      throw new Refusal(409, 'Another instance of this account has this Unique Name', 'uniqueName')
    }
    throw new Refusal(error.status, error.message, field)
  }
}
