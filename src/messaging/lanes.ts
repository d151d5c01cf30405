/**
 * The work that follows from what is written, and where it waits: a conversation has one lane for what came in and one
 * for what goes out, and each keeps its order.
 */
import type { Id } from '#core/ids.ts'
import type { NewJob } from '#jobs/queue.ts'
import type { AlertKey } from '#store/alerts.ts'
import { type ContactKey, contactKey } from '#store/contacts.ts'
import type { NewMessage } from '#store/messages.ts'

export const laneOfReplies = (contact: ContactKey): string => `in:${contactKey(contact)}`
export const laneOfSends = (contact: ContactKey): string => `out:${contactKey(contact)}`
/** What all lanes of what a sender sends begin with. */
export const sendsOf = (senderId: Id): string => `out:${contactKey({ senderId, address: '' })}`
export const laneOfMedia = (message: Pick<NewMessage, 'id'>): string => `media:${message.id}`
export const laneOfProfile = (contact: ContactKey): string => `profile:${contactKey(contact)}`

type Addressed = Pick<NewMessage, 'accountSid' | 'senderId' | 'contactAddress'>

export const conversationOf = (message: Addressed): ContactKey => ({
  accountSid: message.accountSid,
  senderId: message.senderId,
  address: message.contactAddress,
})

/** Answers go before what was sent to many: a person who has just written is waiting. */
export function jobOf(
  message: Addressed & Pick<NewMessage, 'id' | 'direction'> & Partial<Pick<NewMessage, 'media'>>,
  present: ReadonlySet<string>,
): NewJob {
  const conversation = conversationOf(message)
  const data = { accountSid: message.accountSid, messageId: message.id }
  if (message.direction === 'inbound') {
    const delayMs = message.media?.length ? MEDIA_WAIT_MS : 0
    return { kind: 'call-customer', lane: laneOfReplies(conversation), group: message.senderId, data, delayMs }
  }
  const urgent = message.direction === 'outbound-reply' || present.has(contactKey(conversation))
  return { kind: 'send-message', lane: laneOfSends(conversation), group: message.senderId, data, urgent }
}

/** The customer hears of a message once its files are there; at the latest after twice this long. */
export const MEDIA_WAIT_MS = 60_000

/** Undefined for a message without files to fetch. Each has a lane of its own: none waits for another's. */
export function mediaJob(message: NewMessage): NewJob | undefined {
  const { accountSid, id, direction, media, senderId } = message
  if (direction !== 'inbound' || media.length === 0) return undefined
  return { kind: 'fetch-media', lane: laneOfMedia(message), group: senderId, data: { accountSid, messageId: id } }
}

export function profileJob(contact: ContactKey): NewJob {
  return {
    kind: 'fetch-profile',
    lane: laneOfProfile(contact),
    group: contact.senderId,
    data: { accountSid: contact.accountSid, senderId: contact.senderId, address: contact.address },
  }
}

/** Each has a lane of its own: a debugger webhook that fails for one alert must not keep the next one waiting. */
export const alertJob = ({ accountSid, id }: AlertKey): NewJob => ({
  kind: 'report-alert',
  lane: `alert:${id}`,
  group: accountSid,
  data: { accountSid, alertId: id },
})
