/** API keys of an account. A secret is answered once, when its key is made. */
import { Type } from 'typebox'
import { fromSid, toSid } from '#core/ids.ts'
import { createApiKey, removeApiKey } from '#messaging/api-keys.ts'
import { type ApiKey, findApiKey, listApiKeys, renameApiKey } from '#store/api-keys.ts'
import { type AuditActor, insertAuditEntry } from '#store/audit.ts'
import type { Tx } from '#store/connection.ts'
import type { ApiKeyView, MadeApiKey } from './contract/accounts.ts'
import { Refusal, type Routes } from './route.ts'

const MAX_SHOWN = 1000

const friendlyName = Type.String({ minLength: 1, maxLength: 64 })
const Named = Type.Object({ friendlyName })
const New = Type.Object({
  friendlyName,
  kind: Type.Unsafe<'main' | 'standard'>(Type.String({ enum: ['main', 'standard'] })),
})

const viewOf = (key: ApiKey): ApiKeyView => ({
  sid: toSid('SK', key.id),
  kind: key.kind,
  friendlyName: key.friendlyName,
  createdAt: key.createdAt.toISOString(),
})

export function keyRoutes({ flow, add }: Routes): void {
  const { sql } = flow
  const url = '/accounts/:accountSid/keys'

  add({ method: 'GET', url, needs: 'secrets' }, async ({ account }) =>
    (await listApiKeys(sql, account.sid, null, MAX_SHOWN)).map(viewOf),
  )

  add({ method: 'POST', url, needs: 'secrets', body: New }, async ({ account, actor, body }): Promise<MadeApiKey> => {
    return await sql.begin(async (tx) => {
      const { key, secret } = await createApiKey({ sql: tx }, account.sid, body.friendlyName, body.kind)
      const after = { friendlyName: key.friendlyName, kind: key.kind }
      await note(tx, account.sid, actor, 'key.created', key, { after })
      return { ...viewOf(key), secret }
    })
  })

  add(
    { method: 'PATCH', url: `${url}/:sid`, needs: 'secrets', body: Named },
    async ({ account, actor, params, body }) => {
      const before = await find(account.sid, params.sid)
      return await sql.begin(async (tx) => {
        const key = await renameApiKey(tx, account.sid, before.id, body.friendlyName)
        if (!key) throw new Refusal(404, GONE)
        await note(tx, account.sid, actor, 'key.updated', key, {
          before: { friendlyName: before.friendlyName },
          after: { friendlyName: key.friendlyName },
        })
        return viewOf(key)
      })
    },
  )

  add({ method: 'DELETE', url: `${url}/:sid`, needs: 'secrets' }, async ({ account, actor, params }) => {
    const key = await find(account.sid, params.sid)
    const before = { friendlyName: key.friendlyName, kind: key.kind }
    const inform = (tx: Tx) => note(tx, account.sid, actor, 'key.deleted', key, { before })
    if (!(await removeApiKey(flow, account.sid, key.id, inform))) throw new Refusal(404, GONE)
  })

  async function find(accountSid: string, sid = ''): Promise<ApiKey> {
    const id = fromSid(sid, 'SK')
    const key = id && (await findApiKey(sql, accountSid, id))
    if (!key) throw new Refusal(404, GONE)
    return key
  }

  const note = (
    tx: Tx,
    accountSid: string,
    actor: AuditActor,
    eventType: string,
    key: ApiKey,
    change: { before?: object; after?: object },
  ) =>
    insertAuditEntry(tx, {
      accountSid,
      actor,
      source: 'console',
      eventType,
      resourceType: 'key',
      resourceSid: toSid('SK', key.id),
      ...change,
    })
}

const GONE = 'This key does not exist (any more)'
