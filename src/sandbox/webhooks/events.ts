/** What happened, in the shapes of Meta's webhooks (meta.md 1.6–1.12). Pure. */

/** A subscription field, without which an app does not hear of the event. */
export type Field =
  | 'messages'
  | 'messaging_postbacks'
  | 'messaging_referrals'
  | 'message_deliveries'
  | 'message_reads'
  | 'message_echoes'

export type Item = {
  sender: { id: string }
  recipient: { id: string }
  timestamp: number
  [event: string]: unknown
}

export type WebhookEvent = { field: Field; item: Item }
export type SentAttachment = { type: string; payload: Record<string, unknown> }
type Place = { pageId: string; psid: string; at: Date }

const fromPerson = (place: Place, event: Record<string, unknown>): Item => ({
  sender: { id: place.psid },
  recipient: { id: place.pageId },
  timestamp: place.at.getTime(),
  ...event,
})

const referralOf = (ref: string) => ({ ref, source: 'SHORTLINK', type: 'OPEN_THREAD' })

export function messageEvent(
  place: Place,
  message: {
    mid: string
    text?: string | undefined
    attachments: SentAttachment[]
    quickReplyPayload?: string | undefined
    replyTo?: string | undefined
    ref: string | null
  },
): WebhookEvent {
  const body: Record<string, unknown> = { mid: message.mid }
  if (message.text !== undefined) body.text = message.text
  if (message.quickReplyPayload !== undefined) body.quick_reply = { payload: message.quickReplyPayload }
  if (message.replyTo !== undefined) body.reply_to = { mid: message.replyTo, is_self_reply: false }
  if (message.attachments.length > 0) body.attachments = message.attachments
  if (message.ref !== null) body.referral = referralOf(message.ref)
  return { field: 'messages', item: fromPerson(place, { message: body }) }
}

export function postbackEvent(
  place: Place,
  postback: { mid: string; title: string; payload: string; ref: string | null },
): WebhookEvent {
  const { mid, title, payload, ref } = postback
  const referral = ref === null ? {} : { referral: referralOf(ref) }
  return { field: 'messaging_postbacks', item: fromPerson(place, { postback: { mid, title, payload, ...referral } }) }
}

export const referralEvent = (place: Place, ref: string): WebhookEvent => ({
  field: 'messaging_referrals',
  item: fromPerson(place, { referral: referralOf(ref) }),
})

/** The person took a message back: the same mid as the message. */
export const deletionEvent = (place: Place, mid: string): WebhookEvent => ({
  field: 'messages',
  item: fromPerson(place, { message: { mid, is_deleted: true } }),
})

export const deliveryEvent = (place: Place, mids: string[], watermark: Date): WebhookEvent => ({
  field: 'message_deliveries',
  item: fromPerson(place, { delivery: { mids, watermark: watermark.getTime() } }),
})

export const readEvent = (place: Place, watermark: Date): WebhookEvent => ({
  field: 'message_reads',
  item: fromPerson(place, { read: { watermark: watermark.getTime() } }),
})

/** What the Page sent. An app id is a number here, as Meta writes it (meta.md 1.12). */
export function echoEvent(
  place: Place,
  sent: {
    appId: string
    mid: string
    metadata: string | undefined
    text: string | undefined
    attachments: SentAttachment[]
    replyTo: string | undefined
  },
): WebhookEvent {
  const message: Record<string, unknown> = { mid: sent.mid, is_echo: true }
  const numericId = Number(sent.appId)
  message.app_id = Number.isSafeInteger(numericId) ? numericId : sent.appId
  if (sent.metadata !== undefined) message.metadata = sent.metadata
  if (sent.text !== undefined) message.text = sent.text
  if (sent.replyTo !== undefined) message.reply_to = { mid: sent.replyTo }
  if (sent.attachments.length > 0) message.attachments = sent.attachments
  return {
    field: 'message_echoes',
    item: {
      sender: { id: place.pageId },
      recipient: { id: place.psid },
      timestamp: place.at.getTime(),
      message,
    },
  }
}

export const envelope = (pageId: string, time: number, messaging: Item[]) => ({
  object: 'page',
  entry: [{ id: pageId, time, messaging }],
})
