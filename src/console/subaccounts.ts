/** Subaccounts: one per brand. Made, suspended and closed here, by the parent. */
import { Type } from 'typebox'
import type { AccountSid } from '#core/ids.ts'
import { type AccountChange, changeAccount, createSubaccount } from '#messaging/change-account.ts'
import { type Account, findAccount, listAccounts } from '#store/accounts.ts'
import { insertAuditEntry } from '#store/audit.ts'
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
    const made = await createSubaccount(flow, account.sid, body.friendlyName.trim() || undefined)
    await insertAuditEntry(sql, {
      accountSid: account.sid,
      actor,
      source: 'console',
      eventType: 'account.created',
      resourceType: 'account',
      resourceSid: made.sid,
      after: { friendlyName: made.friendlyName },
    })
    return viewOf(made)
  })

  add(
    { method: 'POST', url: `${url}/:sid/status`, needs: 'accounts', body: Status },
    async ({ account, actor, params, body }) => {
      const before = await findAccount(sql, vault, params.sid ?? '')
      if (before?.parentSid !== account.sid) throw new Refusal(404, 'There is no such subaccount')
      const change: AccountChange = { friendlyName: undefined, status: body.status }
      const changed = await changeAccount(flow, account.sid, before.sid as AccountSid, change)
      await insertAuditEntry(sql, {
        accountSid: account.sid,
        actor,
        source: 'console',
        eventType: 'account.updated',
        resourceType: 'account',
        resourceSid: changed.sid,
        before: { status: before.status },
        after: { status: changed.status },
      })
      return viewOf(changed)
    },
  )
}
