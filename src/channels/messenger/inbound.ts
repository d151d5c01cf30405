import type { ChannelEvent, InboundEvent, Json, Referral } from '#core/channel.ts'
import { asId, asObject, asText, type JsonObject } from '../meta/json.ts'
import { readAttachments } from './attachments.ts'
import { eventBase, type Item, idKey, inboundKey, otherEvent } from './item.ts'

/**
 * A message of the person's, its taking back, or an echo of the Page's (meta.md 1.8, 1.12). A message that Meta cannot
 * represent (`is_unsupported`) or that holds nothing we read is still something the person said: an empty text, with
 * everything in `raw`; it opens the window, and the customer is asked.
 */
export function readMessage(message: JsonObject, item: Item, personId: string): ChannelEvent {
  const mid = asId(message.mid)
  if (message.is_deleted === true) {
    if (mid === undefined) return otherEvent(item, 'A message was taken back, but none is named: kept, not acted on')
    return { ...eventBase(item, personId, deletionKey(item, mid)), kind: 'deletion', channelMessageId: mid }
  }
  const quickReply = asObject(message.quick_reply)
  const said = asText(message.text)
  return {
    ...inbound('message', item, personId, mid),
    deletionKey: mid === undefined ? null : deletionKey(item, mid),
    ...readAttachments(message.attachments, said),
    button: quickReply ? { payload: asText(quickReply.payload), text: said } : null,
    referral: readReferral(message.referral ?? item.raw.referral),
    repliedTo: asId(asObject(message.reply_to)?.mid) ?? null,
  }
}

/** In standby a postback has no payload: then there is a title, but no button to act on. */
export function readPostback(postback: JsonObject, item: Item, personId: string): ChannelEvent {
  const title = asText(postback.title)
  return {
    ...inbound('postback', item, personId, asId(postback.mid)),
    text: title,
    button: typeof postback.payload === 'string' ? { payload: postback.payload, text: title } : null,
    referral: readReferral(postback.referral ?? item.raw.referral),
  }
}

export function readReferralEvent(referral: JsonObject, item: Item, personId: string): ChannelEvent {
  return { ...inbound('referral', item, personId, undefined), referral: readReferral(referral) }
}

export function readEcho(message: JsonObject, item: Item, personId: string): ChannelEvent {
  const mid = asId(message.mid)
  if (mid === undefined) return otherEvent(item, 'An echo without a message id: kept, not acted on')
  if (message.is_deleted === true) {
    const reason = "The Page's own message was taken back at Meta: kept, not acted on"
    return otherEvent(item, reason, idKey(item, 'echo', mid, 'deleted'))
  }
  const metadata = typeof message.metadata === 'string' ? message.metadata : null
  return { ...eventBase(item, personId, idKey(item, 'echo', mid)), kind: 'echo', channelMessageId: mid, metadata }
}

const deletionKey = (item: Item, mid: string): string => idKey(item, 'deletion', mid)

function inbound(kind: InboundEvent['kind'], item: Item, personId: string, mid: string | undefined): InboundEvent {
  return {
    ...eventBase(item, personId, inboundKey(item, kind, mid)),
    kind,
    channelMessageId: mid ?? null,
    deletionKey: null,
    text: '',
    media: [],
    button: null,
    referral: null,
    repliedTo: null,
    location: null,
  }
}

function readReferral(value: Json | undefined): Referral | null {
  const referral = asObject(value)
  if (!referral) return null
  const text = (key: string) => asText(referral[key]) || null
  return { ref: text('ref'), source: text('source'), type: text('type'), adId: asId(referral.ad_id) ?? null }
}
