/**
 * Meta apps that an account brings along, beside the installation's own. Comes in: an app's id and secret, proven at Meta.
 * Goes out: what is public of them; a secret never, a verify token to those who may see secrets.
 */
import { Type } from 'typebox'
import type { Channel, ProviderApp } from '#core/channel.ts'
import { type AccountSid, newAuthToken } from '#core/ids.ts'
import { webhookUrlOf } from '#messaging/usable-app.ts'
import { type AuditActor, insertAuditEntry } from '#store/audit.ts'
import type { ReachedAccount } from '#store/memberships.ts'
import {
  countSendersOfApp,
  findProviderApp,
  listProviderApps,
  type OwnedApp,
  removeProviderApp,
  saveProviderApp,
} from '#store/provider-apps.ts'
import type { MetaAppSaved, MetaApps, MetaAppView, VerifyToken } from './contract/channels.ts'
import { redirectUrlOf } from './facebook-login.ts'
import { Refusal, type Routes } from './route.ts'
import { CHANNEL } from './senders.ts'

const short = Type.String({ maxLength: 200 })
const Change = Type.Object({
  appId: short,
  appSecret: short,
  verifyToken: Type.Optional(short),
  loginConfigId: Type.Optional(short),
})

export function metaAppRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const url = '/accounts/:accountSid/meta-apps'

  add({ method: 'GET', url, needs: 'view' }, async ({ account }): Promise<MetaApps> => {
    const owned = await listProviderApps(sql, vault, account)
    const installed = await flow.app(flow.defaultAppId)
    return {
      apps: [
        {
          id: flow.defaultAppId,
          name: null,
          owner: 'installation',
          webhookUrl: webhookUrlOf(flow, CHANNEL, flow.defaultAppId),
          loginConfigId: installed?.loginConfigId ?? null,
          senders: await countSendersOfApp(sql, flow.defaultAppId),
        },
        ...(await Promise.all(owned.map((app) => viewOf(account, app)))),
      ],
      redirectUrl: redirectUrlOf(flow),
    }
  })

  add(
    { method: 'POST', url, needs: 'configure', body: Change },
    async ({ account, actor, body }): Promise<MetaAppSaved> => {
      const channel = flow.channels.get(CHANNEL) as Channel
      const app = readApp(body)
      if (app.appId === flow.defaultAppId) {
        throw new Refusal(409, "This is the installation's own app: it is here already", 'appId')
      }
      const known = await channel.identifyApp(app)
      if (!known.ok) throw new Refusal(400, `Meta does not take this id and secret: ${known.reason}`, 'appSecret')
      const before = await ownOf(account.sid, app.appId)
      const saved = { ...app, name: known.name, verifyToken: app.verifyToken || before?.verifyToken || newAuthToken() }
      await save(account.sid, actor, saved, before)
      const subscribed = await channel.subscribeApp(saved, webhookUrlOf(flow, CHANNEL, app.appId))
      const view = await viewOf(account, (await ownOf(account.sid, app.appId)) as OwnedApp)
      return { app: view, subscribed: subscribed.ok, problem: subscribed.ok ? null : subscribed.reason }
    },
  )

  add(
    { method: 'GET', url: `${url}/:appId/verify-token`, needs: 'secrets' },
    async ({ account, params }): Promise<VerifyToken> => {
      const app = await ownOf(account.sid, params.appId)
      if (!app) throw gone()
      return { verifyToken: app.verifyToken }
    },
  )

  add({ method: 'DELETE', url: `${url}/:appId`, needs: 'configure' }, async ({ account, actor, params }) => {
    const { appId = '' } = params
    await sql.begin(async (tx) => {
      if (!(await removeProviderApp(tx, account.sid, appId))) throw gone()
      const senders = await countSendersOfApp(tx, appId)
      if (senders > 0) {
        throw new Refusal(
          409,
          `${senders} ${senders === 1 ? 'Page works' : 'Pages work'} through this app: remove them first`,
        )
      }
      await note(tx, account.sid, actor, 'meta-app.removed', appId, { before: { appId } })
    })
    flow.directory.forget()
  })

  async function save(
    accountSid: AccountSid,
    actor: AuditActor,
    app: ProviderApp & { name: string },
    before: OwnedApp | undefined,
  ): Promise<void> {
    const shown = ({ appId, name, loginConfigId }: ProviderApp & { name: string }) => ({ appId, name, loginConfigId })
    try {
      await sql.begin(async (tx) => {
        await saveProviderApp(tx, vault, accountSid, app)
        const change = { before: before ? shown(before) : null, after: { ...shown(app), secret: 'set' } }
        await note(tx, accountSid, actor, before ? 'meta-app.updated' : 'meta-app.added', app.appId, change)
      })
    } catch (error) {
      if ((error as { code?: string }).code !== '23505') throw error
      throw new Refusal(409, 'Another account of this installation has this app', 'appId')
    }
    flow.directory.forget()
  }

  async function ownOf(accountSid: AccountSid, appId = ''): Promise<OwnedApp | undefined> {
    const app = await findProviderApp(sql, vault, appId)
    return app?.accountSid === accountSid ? app : undefined
  }

  const viewOf = async (account: ReachedAccount, app: OwnedApp): Promise<MetaAppView> => ({
    id: app.appId,
    name: app.name,
    owner: app.accountSid === account.sid ? 'own' : 'parent',
    webhookUrl: webhookUrlOf(flow, CHANNEL, app.appId),
    loginConfigId: app.loginConfigId ?? null,
    senders: await countSendersOfApp(sql, app.appId),
  })
}

type Given = { appId: string; appSecret: string; verifyToken?: string; loginConfigId?: string }

/** `verifyToken` is empty when none was given. */
function readApp(given: Given): ProviderApp {
  const [appId, appSecret] = [given.appId.trim(), given.appSecret.trim()]
  if (!/^\d{1,25}$/.test(appId)) throw new Refusal(400, 'An app id is a number, as in the Meta app dashboard', 'appId')
  if (!/^[\x21-\x7e]{8,200}$/.test(appSecret)) throw new Refusal(400, 'This is not an app secret', 'appSecret')
  const verifyToken = given.verifyToken?.trim() ?? ''
  if (!/^[\x21-\x7e]{0,200}$/.test(verifyToken)) {
    throw new Refusal(400, 'A verify token has letters, digits and signs, and no spaces', 'verifyToken')
  }
  const loginConfigId = given.loginConfigId?.trim() || null
  if (loginConfigId !== null && !/^\d{5,25}$/.test(loginConfigId)) {
    throw new Refusal(400, 'A configuration id is a number', 'loginConfigId')
  }
  return { appId, appSecret, verifyToken, loginConfigId }
}

const gone = () => new Refusal(404, 'This Meta app is not one of this account')

function note(
  tx: Parameters<typeof insertAuditEntry>[0],
  accountSid: AccountSid,
  actor: AuditActor,
  eventType: string,
  appId: string,
  change: { before?: object | null; after?: object | null },
): Promise<void> {
  return insertAuditEntry(tx, {
    accountSid,
    actor,
    source: 'console',
    eventType,
    resourceType: 'meta-app',
    resourceSid: appId,
    ...change,
  })
}
