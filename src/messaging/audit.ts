/** What the audit trail says of a change: who made it, and what it was, without a secret. */
import { toSid } from '#core/ids.ts'
import { type AuditActor, insertAuditEntry, type NewAuditEntry } from '#store/audit.ts'
import type { Tx } from '#store/connection.ts'
import type { Sender } from '#store/senders.ts'

/** Who makes a change, and where. */
export type Author = { actor: AuditActor; source: NewAuditEntry['source'] }

export async function auditSender(
  tx: Tx,
  by: Author | undefined,
  what: 'created' | 'updated' | 'reconnected' | 'deleted',
  before: Sender | null,
  after: Sender | null,
): Promise<void> {
  const sender = after ?? before
  if (!by || !sender) return
  await insertAuditEntry(tx, {
    ...by,
    accountSid: sender.accountSid,
    eventType: `sender.${what}`,
    resourceType: 'sender',
    resourceSid: toSid('XE', sender.id),
    before: before && shown(before),
    after: after && shown(after),
  })
}

const shown = (sender: Sender) => ({
  address: `${sender.channel}:${sender.address}`,
  name: sender.name,
  uniqueName: sender.uniqueName,
  status: sender.status,
  appId: sender.providerAppId,
  outsideWindow: sender.outsideWindow,
  callbackUrl: withoutPassword(sender.callbackUrl),
  callbackMethod: sender.callbackMethod,
  fallbackUrl: withoutPassword(sender.fallbackUrl),
  fallbackMethod: sender.fallbackMethod,
  statusCallbackUrl: withoutPassword(sender.statusCallbackUrl),
  statusCallbackMethod: sender.statusCallbackMethod,
  optOut: sender.optOut,
})

export const withoutPassword = (url: string | null): string | null =>
  url?.replace(/^(https?:\/\/)[^/?#]*@/i, '$1***@') ?? null
