/** What a person changes of their own sign-in stands in the trail of every account that they are a member of. */
import { insertAuditEntry } from '#store/audit.ts'
import type { Tx } from '#store/connection.ts'
import { listOwnMemberships } from '#store/memberships.ts'
import type { User } from '#store/users.ts'

type UserEvent = 'user.renamed' | 'user.password-changed' | 'user.two-factor-on' | 'user.two-factor-off'

export async function auditUser(
  tx: Tx,
  user: User,
  address: string,
  eventType: UserEvent,
  change: { before?: object; after?: object },
): Promise<void> {
  const actor = { type: 'user' as const, id: user.id, name: user.name || user.email, address }
  for (const { accountSid } of await listOwnMemberships(tx, user.id)) {
    await insertAuditEntry(tx, {
      accountSid,
      actor,
      source: 'console',
      eventType,
      resourceType: 'user',
      resourceSid: user.id,
      ...change,
    })
  }
}
