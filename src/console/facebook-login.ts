/**
 * Facebook Login. Comes in: a person's browser that wants to go there, and comes back. Goes out: redirects; the Pages that
 * the login gave, without their tokens, which stay sealed in the database for an hour. A state is bound to the session
 * and the account, counts once, and ends after ten minutes: nobody can make another's browser connect a Page.
 */
import type { FastifyRequest } from 'fastify'
import { fromSid, type Id, newId, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { usableApp } from '#messaging/usable-app.ts'
import {
  failLogin,
  findLogin,
  findReturned,
  finishLogin,
  insertLogin,
  listFound,
  type StartedLogin,
  spendLogin,
} from '#store/channel-logins.ts'
import { findRole, type ReachedAccount } from '#store/memberships.ts'
import { findHolders, findSender, type Sender } from '#store/senders.ts'
import type { FoundPage, FoundPages } from './contract/channels.ts'
import { newSecret } from './passwords.ts'
import { rightsOf } from './roles.ts'
import { Refusal, type Routes, visitorOf } from './route.ts'
import { CHANNEL } from './senders.ts'

const CALLBACK = '/facebook/callback'

export const redirectUrlOf = ({ publicUrl }: Pick<Flow, 'publicUrl'>): string => `${publicUrl}/console/api${CALLBACK}`

type Wish = { sender: Sender | undefined; appId: string }

export function facebookLoginRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const url = '/accounts/:accountSid/channels/messenger'

  add({ method: 'GET', url: `${url}/login`, needs: 'configure' }, async ({ account, visitor, query, reply }) => {
    const { sender, appId } = await wishOf(account, query)
    const app = await usableApp(flow, account.sid, appId)
    const channel = flow.channels.get(CHANNEL)
    if (!app || !channel) throw new Refusal(400, `The Meta app ${appId} is not one that this account may use`)
    const state = newSecret()
    await insertLogin(
      sql,
      {
        id: newId(),
        sessionId: visitor.session.id,
        accountSid: account.sid,
        channel: CHANNEL,
        providerAppId: appId,
        senderId: sender?.id ?? null,
      },
      state,
    )
    return reply.redirect(channel.login.dialogUrl(app, { redirectUrl: redirectUrlOf(flow), state }))
  })

  // The browser comes from Facebook: whatever happens, it is sent to a page that says so.
  add({ method: 'GET', url: CALLBACK, needs: 'signed out' }, async ({ raw, query, reply }) => {
    const visitor = await visitorOf(flow, raw)
    const { state = '' } = query
    const login = state !== '' && state.length < 200 ? await findLogin(sql, state) : undefined
    if (!visitor || visitor.session.pending)
      return reply.redirect(`/sign-in?to=${encodeURIComponent(login ? pageOf(flow, login) : '/')}`)
    if (login?.sessionId !== visitor.session.id) {
      throw new Refusal(400, 'This Facebook Login did not begin in this browser. Start it again in the console.')
    }
    if (await spendLogin(sql, login.id)) await finish(login, query, await mayConfigure(visitor.user.id, login))
    else if (login.returnedAt === null) await failLogin(sql, login.id, TOO_LATE)
    // After a reload of this address: what came of it the first time is shown.
    return reply.redirect(pageOf(flow, login))
  })

  add(
    { method: 'GET', url: `${url}/pages`, needs: 'configure' },
    async ({ account, visitor, query, raw }): Promise<FoundPages> => {
      const { sender, appId } = await wishOf(account, query)
      const begin = new URLSearchParams({ app: appId, ...(sender && { sender: toSid('XE', sender.id) }) })
      const blocked = blockOf(flow, raw)
      const way = {
        loginUrl: blocked ? null : `/console/api${url.replace(':accountSid', account.sid)}/login?${begin}`,
        blocked,
      }
      const owner = { sessionId: visitor.session.id, accountSid: account.sid, channel: CHANNEL }
      const login = await findReturned(sql, owner)
      // A token holds for the app that it was given through.
      if (!login?.returnedAt || login.providerAppId !== appId) return { ...way, login: null, pages: [] }
      const { problem, missing } = login
      return {
        ...way,
        login: {
          at: login.returnedAt.toISOString(),
          sender: login.senderId && toSid('XE', login.senderId),
          userName: login.userName ?? '',
          problem,
          missing,
        },
        pages: await pagesOf(account, login.id, sender),
      }
    },
  )

  async function wishOf(account: ReachedAccount, query: Record<string, string>): Promise<Wish> {
    const id = query.sender ? fromSid(query.sender, 'XE') : undefined
    const sender = id && (await findSender(sql, vault, account.sid, id))
    if (query.sender && !sender) throw new Refusal(404, 'This instance is gone: somebody removed it')
    // A Page stays with the app that it was connected through.
    return { sender, appId: sender?.providerAppId ?? (query.app || flow.defaultAppId) }
  }

  async function pagesOf(account: ReachedAccount, loginId: Id, wanted: Sender | undefined): Promise<FoundPage[]> {
    const found = await listFound(sql, loginId)
    const addresses = found.map(({ address }) => address)
    const holders = await findHolders(sql, CHANNEL, addresses)
    return found.map(({ address, name, obstacle }) => {
      const holder = address === wanted?.address ? undefined : holders.get(address)
      const taken =
        holder && (holder === account.sid ? 'It is connected already.' : 'It is connected to another account.')
      const other = wanted && address !== wanted.address ? 'It is another Page than this one.' : null
      return { id: address, name, obstacle: taken ?? other ?? obstacle }
    })
  }

  /** The role may have been another one when the login began. */
  async function mayConfigure(userId: Id, { accountSid }: StartedLogin): Promise<boolean> {
    const account = await findRole(sql, userId, accountSid)
    return account !== undefined && rightsOf(account.role).includes('configure')
  }

  async function finish(login: StartedLogin, query: Record<string, string>, allowed: boolean): Promise<void> {
    if (!allowed) return failLogin(sql, login.id, 'Your role in this account does not allow to connect Pages any more.')
    const channel = flow.channels.get(login.channel)
    const app = await usableApp(flow, login.accountSid, login.providerAppId)
    if (!channel || !app) return failLogin(sql, login.id, 'The Meta app of this login has been removed meanwhile.')
    const returned = channel.login.readReturn(query)
    if ('problem' in returned) return failLogin(sql, login.id, returned.problem)
    const result = await channel.login.finish(app, { redirectUrl: redirectUrlOf(flow), code: returned.code })
    if (!result.ok) {
      flow.log.warn({ appId: app.appId, detail: result.detail }, 'a Facebook Login was not completed')
      return failLogin(sql, login.id, result.reason)
    }
    await finishLogin(sql, vault, login, result)
    if (result.senders.length === 0) return failLogin(sql, login.id, NO_PAGES)
  }
}

const TOO_LATE = 'The login took longer than ten minutes. Start it again.'

const NO_PAGES =
  'Facebook gave no Page. Choose at least one in its dialog ("Edit access"); somebody with full control of a Page can ' +
  'give you a role on it.'

/** With a fragment: Facebook's own one (`#_=_`) would stay otherwise. */
function pageOf({ defaultAppId }: Flow, { accountSid, channel, senderId, providerAppId }: StartedLogin): string {
  const app = providerAppId === defaultAppId ? '' : `?app=${providerAppId}`
  const page = senderId ? `${toSid('XE', senderId)}#reconnect` : `new${app}#credentials`
  return `/${accountSid}/channels/${channel}/${page}`
}

/** Facebook sends people back to the public address: whoever is at another one is not signed in there. */
function blockOf({ publicUrl }: Flow, request: FastifyRequest): string | null {
  if (request.headers.host === new URL(publicUrl).host) return null
  return `Facebook sends people back to ${publicUrl}. Open the console there to log in with Facebook.`
}
