/** Subaccounts: one per brand. Made, suspended and closed here, by the parent. */
import { Type } from 'typebox'
import type { AccountSid } from '#core/ids.ts'
import { changeAccount, createSubaccount } from '#messaging/change-account.ts'
import { type Account, findAccount, listAccounts } from '#store/accounts.ts'
import { type AuditActor, insertAuditEntry } from '#store/audit.ts'
import type { Tx } from '#store/connection.ts'
import { countSenders } from '#store/senders.ts'
import type { Subaccount } from './contract/accounts.ts'
import { Refusal, type Routes } from './route.ts'

const MAX_SHOWN = 1001

const friendlyName = Type.String({ minLength: 1, maxLength: 64 })
const New = Type.Object({ friendlyName })
const Status = Type.Object({
  status: Type.Unsafe<'active' | 'suspended' | 'closed'>(Type.String({ enum: ['active', 'suspended', 'closed'] })),
})

export function subaccountRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const url = '/accounts/:accountSid/subaccounts'
  const viewOf = async (account: Account): Promise<Subaccount> => ({
    sid: account.sid,
    friendlyName: account.friendlyName,
    status: account.status,
    createdAt: account.createdAt.toISOString(),
    pages: await countSenders(sql, account.sid),
  })

  add({ method: 'GET', url, needs: 'accounts' }, async ({ account }) => {
    const filter = { ownerSid: account.sid, friendlyName: null, status: null }
    const found = await listAccounts(sql, vault, filter, null, MAX_SHOWN)
    return await Promise.all(found.filter(({ sid }) => sid !== account.sid).map(viewOf))
  })

  add({ method: 'POST', url, needs: 'accounts', body: New }, async ({ account, actor, body }) => {
    const friendlyName = body.friendlyName.trim()
    if (friendlyName === '') throw new Refusal(400, 'The name needs 1 to 64 characters', 'friendlyName')
    const made = await createSubaccount(flow, account.sid, friendlyName, (tx, sid) =>
      note(tx, account.sid, actor, 'account.created', sid, { after: { friendlyName } }),
    )
    return viewOf(made)
  })

  add(
    { method: 'POST', url: `${url}/:sid/status`, needs: 'accounts', body: Status },
    async ({ account, actor, params, body }) => {
      const own = await findAccount(sql, vault, params.sid ?? '')
      if (own?.parentSid !== account.sid) throw new Refusal(404, 'There is no such subaccount')
      const { status } = body
      const wanted = { friendlyName: undefined, status }
      const changed = await changeAccount(flow, account.sid, own.sid as AccountSid, wanted, async (tx, sid, before) => {
        if (before?.status === status) return
        await note(tx, account.sid, actor, 'account.updated', sid, {
          before: { status: before?.status },
          after: { status },
        })
      })
      return viewOf(changed)
    },
  )

  /** In the trails of both. */
  async function note(
    tx: Tx,
    parentSid: string,
    actor: AuditActor,
    eventType: string,
    resourceSid: string,
    change: { before?: object; after?: object },
  ): Promise<void> {
    const entry = { actor, source: 'console' as const, eventType, resourceType: 'account', resourceSid, ...change }
    for (const accountSid of [parentSid, resourceSid]) await insertAuditEntry(tx, { ...entry, accountSid })
  }
}
