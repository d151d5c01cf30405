/** The audit trail of an account: who changed what, newest first. */
import type { Id } from '#core/ids.ts'
import { listAuditEntries } from '#store/audit.ts'
import type { AuditView, Page } from './contract.ts'
import type { Routes } from './route.ts'

const PAGE_SIZE = 50

export function auditRoutes({ flow, add }: Routes): void {
  add(
    { method: 'GET', url: '/accounts/:accountSid/audit', needs: 'people' },
    async ({ account, query }): Promise<Page<AuditView>> => {
      const edge = /^[0-9a-f-]{36}$/.test(query.after ?? '')
        ? { id: query.after as Id, direction: 'older' as const }
        : null
      const filter = {
        accountSid: account.sid,
        actors: query.actor ? [query.actor] : undefined,
        resourceSid: query.resource || undefined,
      }
      const found = await listAuditEntries(flow.sql, filter, edge, PAGE_SIZE + 1)
      const items = found.slice(0, PAGE_SIZE).map(
        (entry): AuditView => ({
          id: entry.id,
          at: entry.createdAt.toISOString(),
          actor: entry.actorName,
          actorType: entry.actorType,
          address: entry.address,
          source: entry.source,
          eventType: entry.eventType,
          resourceType: entry.resourceType,
          resourceSid: entry.resourceSid,
          before: entry.before,
          after: entry.after,
        }),
      )
      return { items, next: found.length > PAGE_SIZE ? (items.at(-1)?.id ?? null) : null }
    },
  )
}
