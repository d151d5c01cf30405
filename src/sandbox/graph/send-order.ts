/**
 * Reads the parameters of `POST /{page}/messages` in Meta's order of complaint (meta.md 2.1, 3.2): recipient, message
 * or state, enumerations, content. Pure: whether the person exists and may be written to comes after.
 */
import type { QuickReply, TemplatePayload } from '../contract.ts'
import { GraphError, invalid, required } from './error.ts'
import { isAbsent, oneOf, type Params, recordOf, textOf } from './params.ts'
import { readQuickReplies, readTemplate, webUrl } from './template.ts'

const MEDIA_TYPES = ['image', 'audio', 'video', 'file'] as const
export type MediaType = (typeof MEDIA_TYPES)[number]

export type OrderedAttachment =
  | { type: MediaType; url: string; reusable: boolean }
  | { type: MediaType; attachmentId: string }
  | { type: 'template'; payload: TemplatePayload }

export type OrderedMessage = {
  text: string | undefined
  attachment: OrderedAttachment | undefined
  quickReplies: QuickReply[]
  metadata: string | undefined
  replyTo: string | undefined
}

export type SendOrder = { psid: string } & (
  | { action: 'typing_on' | 'typing_off' | 'mark_seen' }
  | { message: OrderedMessage; humanAgent: boolean }
)

/** Dead since 27 April 2026, also inside the window; the older ones since March 2020 (meta.md 2.8). */
const DEAD_TAGS = ['ACCOUNT_UPDATE', 'CONFIRMED_EVENT_UPDATE', 'POST_PURCHASE_UPDATE', 'NON_PROMOTIONAL_SUBSCRIPTION']

export function readSendOrder(params: Params): SendOrder {
  const recipient = recordOf(params.recipient, 'recipient')
  if (recipient === undefined) throw required('recipient')
  const psid = textOf(recipient.id, 'recipient[id]', 100)
  if (!psid) throw invalid('param recipient must be non-empty.')

  const message = recordOf(params.message, 'message')
  const hasAction = !isAbsent(params.sender_action)
  if (message !== undefined && hasAction) throw invalid('Must send either message or state', 2018014)
  if (message === undefined && !hasAction) throw invalid('Must send either message or state', 2018015)
  if (message === undefined) return { psid, action: readAction(params) }

  const humanAgent = readTag(params)
  oneOf(params.notification_type, 'notification_type', ['REGULAR', 'SILENT_PUSH', 'NO_PUSH'])
  return { psid, message: readMessage(message, params), humanAgent }
}

function readAction(params: Params): 'typing_on' | 'typing_off' | 'mark_seen' {
  const names = ['TYPING_ON', 'TYPING_OFF', 'MARK_SEEN', 'REACT', 'UNREACT'] as const
  const action = oneOf(params.sender_action, 'sender_action', names)
  if (action === undefined) throw required('sender_action')
  if (action === 'REACT' || action === 'UNREACT') throw invalid('Reactions are not supported by the built-in Messenger')
  return action.toLowerCase() as 'typing_on' | 'typing_off' | 'mark_seen'
}

/** Whether the message is sent as a human agent's: allowed for seven days. */
function readTag(params: Params): boolean {
  const type = oneOf(params.messaging_type, 'messaging_type', ['RESPONSE', 'UPDATE', 'MESSAGE_TAG', 'UTILITY'])
  const tag = textOf(params.tag, 'tag', 100)?.toUpperCase()
  if (type === 'MESSAGE_TAG' && !tag) throw required('tag')
  if (!tag) return false
  if (DEAD_TAGS.includes(tag)) throw new GraphError(100, '(#100) Invalid parameter', { subcode: 1893061 })
  oneOf(tag, 'tag', ['HUMAN_AGENT', 'CUSTOMER_FEEDBACK'])
  return type === 'MESSAGE_TAG' && tag === 'HUMAN_AGENT'
}

function readMessage(message: Params, params: Params): OrderedMessage {
  const text = textOf(message.text, 'message[text]', 2000) || undefined
  const attachment = readAttachment(message.attachment)
  if (text === undefined && attachment === undefined) {
    throw invalid('Message cannot be empty, must provide valid attachment or text', 2018034)
  }
  if (text !== undefined && attachment !== undefined) {
    throw invalid('Message cannot have both text and an attachment')
  }
  const quickReplies = readQuickReplies(message.quick_replies)
  const metadata = textOf(message.metadata, 'message[metadata]', 1000)
  const replyTo = textOf(recordOf(params.reply_to, 'reply_to')?.mid, 'reply_to[mid]', 200)
  return { text, attachment, quickReplies, metadata, replyTo }
}

/** Also read by the call that only uploads. */
export function readAttachment(value: unknown): OrderedAttachment | undefined {
  const attachment = recordOf(value, 'message[attachment]')
  if (attachment === undefined) return undefined
  const type = textOf(attachment.type, 'message[attachment][type]', 100)?.toLowerCase()
  if (!type) throw required('message[attachment][type]')
  const payload = recordOf(attachment.payload, 'message[attachment][payload]')
  if (payload === undefined) throw required('message[attachment][payload]')
  if (type === 'template') return { type, payload: readTemplate(payload) }

  const mediaType = MEDIA_TYPES.find((known) => known === type)
  if (mediaType === undefined) {
    throw invalid(`Param message[attachment][type] must be one of {${MEDIA_TYPES.join(', ')}, template}`)
  }
  const attachmentId = textOf(payload.attachment_id, 'message[attachment][payload][attachment_id]', 100)
  if (attachmentId) return { type: mediaType, attachmentId }
  const url = webUrl(payload.url, 'message[attachment][payload][url]')
  return { type: mediaType, url, reusable: payload.is_reusable === true || payload.is_reusable === 'true' }
}
