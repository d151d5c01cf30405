import type { ChannelEvent, Json } from '#core/channel.ts'
import { asId, asInstant, asLastInstant, asList, asObject, asText, isObject, type JsonObject } from '../meta/json.ts'
import { readEcho, readMessage, readPostback, readReferralEvent } from './inbound.ts'
import {
  contentKey,
  eventBase,
  type Item,
  idKey,
  openItem,
  otherEvent,
  type Place,
  personIn,
  strayEvent,
} from './item.ts'

/** One item of `messaging` or `standby` becomes exactly one event. */
export function readItem(raw: Json, place: Place): ChannelEvent {
  if (!isObject(raw)) return strayEvent(raw, 'unknown', 'Not readable as an event: kept, not acted on', place)
  const item = openItem(raw, place)
  const body = asObject(raw[item.name])
  if (item.name === 'message' && body?.is_echo === true) {
    const personId = personIn(item)
    return personId === undefined ? otherEvent(item, NO_PERSON) : readEcho(body, item, personId)
  }
  switch (item.name) {
    case 'message':
      return fromPerson(item, body, readMessage)
    case 'postback':
      return fromPerson(item, body, readPostback)
    case 'referral':
      return fromPerson(item, body, readReferralEvent)
    case 'delivery':
    case 'read':
      return fromPerson(item, body, readReceipt)
    case 'message_edit':
    case 'reaction':
      return otherEvent(item, reasonFor(item.name), aboutMessageKey(item.name, body, item))
    default:
      return otherEvent(item, reasonFor(item.name))
  }
}

const NO_PERSON = 'Names no person: kept, not acted on'

function fromPerson(
  item: Item,
  body: JsonObject | undefined,
  read: (body: JsonObject, item: Item, personId: string) => ChannelEvent,
): ChannelEvent {
  if (!body) return otherEvent(item, 'Not readable as an event: kept, not acted on')
  if (item.senderId === undefined) return otherEvent(item, NO_PERSON)
  // Acting on the Page's own words would have it talk to itself.
  if (item.senderId === item.pageId) return otherEvent(item, 'Comes from the Page itself: kept, not acted on')
  return read(body, item, item.senderId)
}

/** `mids` may be absent, and reads never have them: the watermark is what counts (meta.md 1.11). */
function readReceipt(body: JsonObject, item: Item, personId: string): ChannelEvent {
  const channelMessageIds = asList(body.mids).flatMap((mid) => asId(mid) ?? [])
  const watermark = asLastInstant(body.watermark)
  if (!watermark && channelMessageIds.length === 0) {
    return otherEvent(item, 'A receipt that names neither time nor message: kept, not acted on')
  }
  const kind = item.name === 'delivery' ? 'delivery' : 'read'
  return {
    ...eventBase(item, personId, contentKey(item.pageId, kind, item.raw)),
    // Receipts may come without a timestamp of their own.
    happenedAt: asInstant(item.raw.timestamp) ?? watermark ?? item.happenedAt,
    kind,
    channelMessageIds,
    // Without a watermark only the named messages have arrived: nothing is older than the epoch.
    watermark: watermark ?? new Date(0),
  }
}

function aboutMessageKey(kind: 'message_edit' | 'reaction', body: JsonObject | undefined, item: Item): string {
  const mid = asId(body?.mid)
  const at = asId(item.raw.timestamp)
  if (!body || mid === undefined) return contentKey(item.pageId, kind, item.raw)
  return kind === 'message_edit'
    ? idKey(item, kind, mid, asId(body.num_edit) ?? at ?? '')
    : idKey(item, kind, mid, item.senderId ?? '', asText(body.action), at ?? '')
}

const REASONS: Record<string, string> = {
  message_edit: 'The person edited a message: kept, not forwarded',
  reaction: 'Reaction: kept, not forwarded',
  policy_enforcement: "Meta's warning or block of the Page for its policies: kept, see the event",
  pass_thread_control: 'The conversation was handed to another app or back: kept, not forwarded',
  take_thread_control: 'An app took over the conversation: kept, not forwarded',
  request_thread_control: 'An app asks for the conversation: kept, not forwarded',
  optin: 'Opt-in: kept, not forwarded',
  unknown: 'An event of an unknown kind: kept, not forwarded',
}

const reasonFor = (name: string): string =>
  Object.hasOwn(REASONS, name) ? (REASONS[name] ?? '') : `${name}: kept, not forwarded`
