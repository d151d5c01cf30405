import { createHash } from 'node:crypto'
import type { ChannelEvent, InboundEvent, Json, OtherEvent } from '#core/channel.ts'
import { asId, asInstant, asObject, canonicalJson, type JsonObject } from '../meta/json.ts'

/** The entry that an item came in. */
export type Place = { pageId: string | undefined; entryAt: Date | undefined; standby: boolean; receivedAt: Date }

/** An item with what every kind of event needs of it. */
export type Item = {
  raw: JsonObject
  /** Its event's key, such as `message` or `delivery`. */
  name: string
  pageId: string
  senderId: string | undefined
  recipientId: string | undefined
  happenedAt: Date
  standby: boolean
}

const ENVELOPE = new Set(['sender', 'recipient', 'timestamp', 'hop_context', 'prior_message'])
/** Where an item holds several of them, the first of these is what happened. */
const PRECEDENCE = ['message', 'postback', 'delivery', 'read', 'referral', 'message_edit', 'reaction']

export function openItem(raw: JsonObject, place: Place): Item {
  const senderId = asId(asObject(raw.sender)?.id)
  const recipientId = asId(asObject(raw.recipient)?.id)
  const isEcho = asObject(raw.message)?.is_echo === true
  return {
    raw,
    name: nameIn(raw),
    pageId: place.pageId ?? (isEcho ? senderId : recipientId) ?? '',
    senderId,
    recipientId,
    happenedAt: asInstant(raw.timestamp) ?? place.entryAt ?? place.receivedAt,
    standby: place.standby,
  }
}

function nameIn(raw: JsonObject): string {
  const keys = Object.keys(raw).filter((key) => !ENVELOPE.has(key))
  return eventName(PRECEDENCE.find((name) => keys.includes(name)) ?? keys[0] ?? '')
}

/** Meta writes both `policy_enforcement` and `policy-enforcement`. */
export const eventName = (key: string): string => (/^[\w.-]{1,60}$/.test(key) ? key.replaceAll('-', '_') : 'unknown')

/** Who of the two is not the Page, whichever way the item points. */
export const personIn = (item: Item): string | undefined =>
  [item.senderId, item.recipientId].find((id) => id !== undefined && id !== item.pageId)

export const eventBase = (item: Item, contactAddress: string, key: string) => ({
  senderAddress: item.pageId,
  contactAddress,
  happenedAt: item.happenedAt,
  dedupeKey: key,
  standby: item.standby,
  raw: item.raw,
})

export function otherEvent(item: Item, reason: string, key = contentKey(item.pageId, item.name, item.raw)): OtherEvent {
  return { ...eventBase(item, '', key), contactAddress: personIn(item) ?? null, kind: 'other', name: item.name, reason }
}

/** Something in a webhook that is no messaging item. */
export function strayEvent(raw: Json, name: string, reason: string, place: Place): OtherEvent {
  return {
    kind: 'other',
    name,
    reason,
    senderAddress: place.pageId ?? '',
    contactAddress: null,
    happenedAt: place.entryAt ?? place.receivedAt,
    dedupeKey: contentKey(place.pageId ?? '', name, raw),
    standby: place.standby,
    raw,
  }
}

/** For an event that carries a message's id. The kind is part of it: a deletion has the id of what it deletes (meta.md 1.5). */
export function idKey(item: Item, kind: ChannelEvent['kind'] | 'message_edit' | 'reaction', ...ids: string[]): string {
  const key = [item.pageId, kind, ...ids].join('|')
  // With the longest page id it still fits into an index entry of PostgreSQL, which holds 2,704 bytes.
  return key.length <= 400 ? key : `${kind}|${sha256(key)}`
}

/** For an event without an id: the same content is the same event. The item holds sender, timestamp and payload. */
export const contentKey = (pageId: string, name: string, raw: Json): string =>
  `${name}|${sha256(`${pageId}|${canonicalJson(raw)}`)}`

export const inboundKey = (item: Item, kind: InboundEvent['kind'], mid: string | undefined): string =>
  mid === undefined ? contentKey(item.pageId, kind, item.raw) : idKey(item, kind, mid)

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
