/** People as a Page knows them: the list, one of them, what was said, and a reply. */
import { Type } from 'typebox'
import { fromSid, messageSid, toSid } from '#core/ids.ts'
import { createMessage } from '#messaging/create-message.ts'
import type { Flow } from '#messaging/flow.ts'
import { insertAuditEntry } from '#store/audit.ts'
import {
  type ContactPlace,
  type Conversation,
  findConversation,
  findReasons,
  listConversations,
  listSaid,
  type Said,
  searchContacts,
} from '#store/conversations.ts'
import { findMediaOf } from '#store/media.ts'
import { listSenders, type Sender } from '#store/senders.ts'
import type { ContactDetail, ContactPage, ContactRow, ThreadMessage, ThreadPage } from './contract/contacts.ts'
import { readMessageId, readUuid } from './log-filter.ts'
import { mediaViews } from './media-views.ts'
import { Refusal, type Routes } from './route.ts'

const PAGE_SIZE = 50
const SEARCH_MS = 1_500
const DAY_MS = 24 * 3_600_000
const MAX_SENDERS = 50

export function contactRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const url = '/accounts/:accountSid/contacts'

  add({ method: 'GET', url, needs: 'view' }, async ({ account, query }): Promise<ContactPage> => {
    const senders = await listSenders(sql, vault, { accountSid: account.sid, channel: 'messenger' }, null, MAX_SENDERS)
    const senderId = query.sender ? fromSid(query.sender, 'XE') : null
    if (senderId === undefined) throw new Refusal(400, 'This is no SID of a Page', 'sender')
    const text = (query.search ?? '').trim().replaceAll('\0', '').toWellFormed().slice(0, 100)
    const filter = { accountSid: account.sid, senderId }
    if (text === '') {
      const older = readMessageId(query.after) ?? null
      const { items, next } = await listConversations(sql, filter, older, PAGE_SIZE, SEARCH_MS)
      return { items: items.map((each) => rowOf(each, senders)), next: next && toSid('SM', next), searched: null }
    }
    const after = query.after ? placeOf(query.after) : null
    const found = await searchContacts(sql, { ...filter, text }, after, PAGE_SIZE, SEARCH_MS)
    const isCut = found.next !== null && found.items.length < PAGE_SIZE
    return {
      items: found.items.map((each) => rowOf(each, senders)),
      next: found.next && idOf(found.next),
      searched: isCut ? found.searched : null,
    }
  })

  add({ method: 'GET', url: `${url}/:id`, needs: 'view' }, async ({ account, params }): Promise<ContactDetail> => {
    const { contact, sender, place } = await findContact(flow, account.sid, params.id)
    const { optedOutBy, unreachableBy } = await findReasons(sql, place)
    return {
      ...rowOf(contact, sender ? [sender] : []),
      lastActionAt: contact.lastActionAt?.toISOString() ?? null,
      createdAt: contact.createdAt.toISOString(),
      optedOutBy: contact.optedOutAt && optedOutBy ? { sid: sidOf(optedOutBy), body: optedOutBy.body } : null,
      unreachableBy:
        contact.unreachableAt && unreachableBy
          ? { sid: sidOf(unreachableBy), errorCode: unreachableBy.errorCode, errorText: unreachableBy.errorText }
          : null,
      outsideWindow: sender?.outsideWindow ?? 'refuse',
      senderStatus: sender?.status ?? 'OFFLINE',
    }
  })

  add(
    { method: 'GET', url: `${url}/:id/messages`, needs: 'view' },
    async ({ account, params, query }): Promise<ThreadPage> => {
      const place = placeOf(params.id ?? '')
      const older = readMessageId(query.after) ?? null
      const found = await listSaid(sql, account.sid, place, older, PAGE_SIZE + 1)
      const said = found.slice(0, PAGE_SIZE)
      const items = await Promise.all(said.map((each) => threadMessage(flow, account.sid, each)))
      return { items, next: found.length > PAGE_SIZE ? (items.at(-1)?.sid ?? null) : null }
    },
  )

  const ReplyBody = Type.Object({ id: Type.String({ maxLength: 40 }), body: Type.String({ maxLength: 10_000 }) })
  add(
    { method: 'POST', url: `${url}/:id/messages`, needs: 'reply', body: ReplyBody },
    async ({ account, actor, params, body }): Promise<ThreadMessage> => {
      const { sender, place } = await findContact(flow, account.sid, params.id)
      if (!sender) throw new Refusal(409, 'The Page of this conversation is no longer connected')
      const request = {
        to: `${sender.channel}:${place.address}`,
        from: `${sender.channel}:${sender.address}`,
        body: body.body,
        mediaUrls: [],
        statusCallback: null,
      }
      const message = await createMessage(flow, account.sid, request, `console ${readUuid(body.id)}`)
      await insertAuditEntry(sql, {
        accountSid: account.sid,
        actor,
        source: 'console',
        eventType: 'message.created',
        resourceType: 'message',
        resourceSid: sidOf(message),
        after: { from: request.from, to: request.to },
      })
      return threadMessage(flow, account.sid, message)
    },
  )
}

async function findContact(flow: Flow, accountSid: string, id: string | undefined) {
  const place = placeOf(id ?? '')
  const contact = await findConversation(flow.sql, accountSid, place)
  if (!contact) throw new Refusal(404, 'This account knows no such person')
  return { contact, place, sender: await flow.directory.sender(accountSid, place.senderId) }
}

const idOf = ({ senderId, address }: ContactPlace): string => `${toSid('XE', senderId)}-${address}`

function placeOf(id: string): ContactPlace {
  const [, sid = '', address = ''] = /^(XE[0-9a-f]{32})-(\d{1,30})$/.exec(id) ?? []
  const senderId = fromSid(sid, 'XE')
  if (!senderId) throw new Refusal(404, 'This account knows no such person')
  return { senderId, address }
}

const sidOf = ({ id, numMedia }: Pick<Said, 'id' | 'numMedia'>) => messageSid(id, numMedia)

function rowOf(contact: Conversation, senders: readonly Sender[]): ContactRow {
  const sender = senders.find(({ id }) => id === contact.senderId)
  const { body, direction, saidAt, actedMsAgo } = contact
  return {
    id: idOf(contact),
    senderSid: toSid('XE', contact.senderId),
    page: sender?.address ?? '',
    pageName: sender?.name ?? '',
    address: contact.address,
    name: contact.name,
    windowMs: actedMsAgo === null ? null : Math.max(0, DAY_MS - actedMsAgo),
    optedOutAt: contact.optedOutAt?.toISOString() ?? null,
    unreachableAt: contact.unreachableAt?.toISOString() ?? null,
    last:
      direction && saidAt
        ? { body: body ?? '', numMedia: contact.numMedia ?? 0, direction, at: saidAt.toISOString() }
        : null,
  }
}

async function threadMessage(flow: Flow, accountSid: string, said: Said): Promise<ThreadMessage> {
  const rows = said.numMedia > 0 ? await findMediaOf(flow.sql, accountSid, said.id) : []
  return {
    sid: sidOf(said),
    direction: said.direction,
    status: said.status,
    body: said.body,
    media: mediaViews(flow, { ...said, accountSid }, rows),
    errorCode: said.errorCode,
    errorText: said.errorText,
    createdAt: said.createdAt.toISOString(),
  }
}
