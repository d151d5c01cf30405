/** What came in and made no message: why not, and what can be made of it now. */
import { type AccountSid, fromSid, type Id, messageSid, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { prepareReplay, replayEvent } from '#messaging/replay-event.ts'
import { insertAuditEntry } from '#store/audit.ts'
import { type EventRecord, listIdleEvents } from '#store/events.ts'
import { findReplay } from '#store/replays.ts'
import { listSenders } from '#store/senders.ts'
import type { EventPage, EventReplayed, EventRow } from './contract/events.ts'
import { readLogFilter, readUuid } from './log-filter.ts'
import { Refusal, type Routes } from './route.ts'

const PAGE_SIZE = 50
/** Twice what an account may have (contract.md). */
const MAX_SENDERS = 50

export function eventRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const url = '/accounts/:accountSid/events'

  add({ method: 'GET', url, needs: 'view' }, async ({ account, query }): Promise<EventPage> => {
    const { senderId, contact } = readLogFilter(account.sid, { sender: query.sender, person: query.person })
    const senders = await listSenders(sql, vault, { accountSid: account.sid, channel: 'messenger' }, null, MAX_SENDERS)
    const sender = senderId === null ? undefined : senders.find(({ id }) => id === senderId)
    if (senderId !== null && !sender) return { items: [], next: null, isCut: false }
    const filter = {
      accountSid: account.sid,
      // Whoever runs the installation sees those of Pages that nobody has connected.
      strays: account.parentSid === null ? null : senders.map(({ address }) => address),
      senderAddress: sender?.address ?? null,
      contactAddress: contact,
    }
    const { items, next } = await listIdleEvents(sql, filter, query.after ? readUuid(query.after) : null, PAGE_SIZE)
    return {
      items: await Promise.all(items.map((event) => rowOf(flow, account.sid, event))),
      next,
      isCut: next !== null && items.length < PAGE_SIZE,
    }
  })

  add(
    { method: 'POST', url: `${url}/:id/replay`, needs: 'configure' },
    async ({ account, actor, params }): Promise<EventReplayed> => {
      const id = eventIdOf(params.id)
      const outcome = await replayEvent(flow, account.sid, id, actor.name)
      if (!outcome) throw new Refusal(404, 'There is no such event in this account')
      if (!outcome.ok) throw new Refusal(409, outcome.reason)
      const madeSid = messageSid(outcome.madeId, 0)
      await insertAuditEntry(sql, {
        accountSid: account.sid,
        actor,
        source: 'console',
        eventType: 'event.replayed',
        resourceType: 'event',
        resourceSid: id,
        after: { madeSid },
      })
      return { madeSid }
    },
  )
}

async function rowOf(flow: Flow, accountSid: AccountSid, event: EventRecord): Promise<EventRow> {
  const [replay, sender] = await Promise.all([
    findReplay(flow.sql, accountSid, event.id, event.id),
    flow.directory.senderAt(event.channel, event.senderAddress),
  ])
  const prepared = replay ? undefined : await prepareReplay(flow, accountSid, event)
  return {
    id: event.id,
    kind: event.kind,
    note: event.note ?? '',
    happenedAt: event.happenedAt.toISOString(),
    receivedAt: event.receivedAt.toISOString(),
    page: event.senderAddress,
    senderSid: sender?.accountSid === accountSid ? toSid('XE', sender.id) : null,
    person: event.contactAddress,
    isStray: event.accountSid === null,
    raw: event.raw,
    obstacle: prepared?.ok === false ? prepared.reason : null,
    replayed: replay
      ? {
          by: replay.madeBy,
          at: replay.createdAt.toISOString(),
          madeSid: replay.madeId && messageSid(replay.madeId, 0),
        }
      : null,
  }
}

const eventIdOf = (text: string | undefined): Id => fromSid(`SM${text?.replaceAll('-', '')}`, 'SM') ?? gone()

const gone = (): never => {
  throw new Refusal(404, 'There is no such event in this account')
}
