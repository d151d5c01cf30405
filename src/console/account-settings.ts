/** An account's name and auth tokens. A token is answered only when it is asked for, and that is written down. */
import { Type } from 'typebox'
import { isCallbackUrl } from '#core/callback-url.ts'
import { newAuthToken } from '#core/ids.ts'
import { withoutPassword } from '#messaging/audit.ts'
import { changeAccount } from '#messaging/change-account.ts'
import {
  type Account,
  addSecondaryToken,
  findAccount,
  promoteSecondaryToken,
  removeSecondaryToken,
} from '#store/accounts.ts'
import { type AuditActor, insertAuditEntry } from '#store/audit.ts'
import type { Sql, Tx } from '#store/connection.ts'
import { findDebuggerUrl, saveDebuggerUrl } from '#store/debugger-webhooks.ts'
import { findMediaAccess, saveMediaAccess } from '#store/media.ts'
import type { AccountNotices, AccountSettings, AuthTokens } from './contract/accounts.ts'
import { Refusal, type Routes } from './route.ts'

const Named = Type.Object({ friendlyName: Type.String({ maxLength: 64 }) })
const Notices = Type.Object({
  debuggerUrl: Type.Union([Type.String({ maxLength: 2048 }), Type.Null()]),
  mediaAccess: Type.Unsafe<AccountNotices['mediaAccess']>(Type.String({ enum: ['public', 'auth', 'signed'] })),
})

export function accountSettingsRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const url = '/accounts/:accountSid/settings'
  const find = async (sid: string) => (await findAccount(sql, vault, sid)) as Account

  add({ method: 'GET', url, needs: 'view' }, async ({ account }) => viewOf(await find(account.sid)))

  add({ method: 'PATCH', url, needs: 'accounts', body: Named }, async ({ account, actor, body }) => {
    const friendlyName = body.friendlyName.trim()
    if (friendlyName === '') throw new Refusal(400, 'The name needs 1 to 64 characters', 'friendlyName')
    const wanted = { friendlyName, status: undefined }
    const changed = await changeAccount(flow, account.sid, account.sid, wanted, async (tx, sid, before) => {
      const change = { before: { friendlyName: before?.friendlyName }, after: { friendlyName } }
      await note(tx, sid, actor, 'account.updated', change)
    })
    return viewOf(changed)
  })

  add(
    { method: 'POST', url: `${url}/tokens/show`, needs: 'secrets' },
    async ({ account, actor }): Promise<AuthTokens> => {
      await note(sql, account.sid, actor, 'auth-token.shown', {})
      const { authToken, secondaryAuthToken } = await find(account.sid)
      return { primary: authToken, secondary: secondaryAuthToken }
    },
  )

  add({ method: 'GET', url: `${url}/notices`, needs: 'view' }, ({ account }) => noticesOf(sql, account.sid))

  add({ method: 'PUT', url: `${url}/notices`, needs: 'configure', body: Notices }, async ({ account, actor, body }) => {
    const debuggerUrl = body.debuggerUrl?.trim() || null
    if (debuggerUrl !== null && !isCallbackUrl(debuggerUrl)) {
      throw new Refusal(400, 'Expected a full http or https URL whose host name has no underscore', 'debuggerUrl')
    }
    const before = await noticesOf(sql, account.sid)
    await sql.begin(async (tx) => {
      await saveDebuggerUrl(tx, account.sid, debuggerUrl)
      await saveMediaAccess(tx, account.sid, body.mediaAccess)
      const urlOf = (url: string | null) => ({ debuggerUrl: withoutPassword(url) })
      if (debuggerUrl !== before.debuggerUrl) {
        const change = { before: urlOf(before.debuggerUrl), after: urlOf(debuggerUrl) }
        await note(tx, account.sid, actor, 'debugger-webhook.updated', change)
      }
      if (body.mediaAccess !== before.mediaAccess) {
        const change = { before: { mediaAccess: before.mediaAccess }, after: { mediaAccess: body.mediaAccess } }
        await note(tx, account.sid, actor, 'media-settings.updated', change)
      }
    })
    return await noticesOf(sql, account.sid)
  })

  const change = async (
    sid: string,
    actor: AuditActor,
    eventType: string,
    act: (tx: Tx) => Promise<unknown>,
    no: string,
  ) => {
    await sql.begin(async (tx) => {
      if (!(await act(tx))) throw new Refusal(409, no)
      await note(tx, sid, actor, eventType, {})
    })
    flow.directory.forget()
    return viewOf(await find(sid))
  }
  const NONE = 'There is no secondary token: make one first'

  add({ method: 'POST', url: `${url}/tokens/secondary`, needs: 'secrets' }, ({ account, actor }) =>
    change(
      account.sid,
      actor,
      'auth-token.secondary-made',
      (tx) => addSecondaryToken(tx, vault, account.sid, newAuthToken()),
      'There is a secondary token already: promote or delete it first',
    ),
  )
  add({ method: 'DELETE', url: `${url}/tokens/secondary`, needs: 'secrets' }, ({ account, actor }) =>
    change(account.sid, actor, 'auth-token.secondary-deleted', (tx) => removeSecondaryToken(tx, account.sid), NONE),
  )
  add({ method: 'POST', url: `${url}/tokens/promote`, needs: 'secrets' }, ({ account, actor }) =>
    change(account.sid, actor, 'auth-token.promoted', (tx) => promoteSecondaryToken(tx, account.sid), NONE),
  )
}

const noticesOf = async (sql: Sql, accountSid: string): Promise<AccountNotices> => ({
  debuggerUrl: await findDebuggerUrl(sql, accountSid),
  mediaAccess: await findMediaAccess(sql, accountSid),
})

const viewOf = (account: Account): AccountSettings => ({
  sid: account.sid,
  friendlyName: account.friendlyName,
  status: account.status,
  parentSid: account.parentSid,
  createdAt: account.createdAt.toISOString(),
  secondaryTokenSince: account.secondaryCreatedAt?.toISOString() ?? null,
})

const note = (
  sql: Sql | Tx,
  accountSid: string,
  actor: AuditActor,
  eventType: string,
  change: { before?: object; after?: object },
) =>
  insertAuditEntry(sql, {
    accountSid,
    actor,
    source: 'console',
    eventType,
    resourceType: eventType.split('.')[0] as string,
    resourceSid: accountSid,
    ...change,
  })
