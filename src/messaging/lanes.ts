/**
 * The work that follows from what is written, and where it waits: a conversation has one lane for what came in and one
 * for what goes out, and each keeps its order.
 */
import type { NewJob } from '#jobs/queue.ts'
import { type ContactKey, contactKey } from '#store/contacts.ts'
import type { NewMessage } from '#store/messages.ts'

export const laneOfReplies = (contact: ContactKey): string => `in:${contactKey(contact)}`
export const laneOfSends = (contact: ContactKey): string => `out:${contactKey(contact)}`
export const laneOfProfile = (contact: ContactKey): string => `profile:${contactKey(contact)}`

export const conversationOf = (message: NewMessage): ContactKey => ({
  accountSid: message.accountSid,
  senderId: message.senderId,
  address: message.contactAddress,
})

/** Answers go before what was sent to many: a person who has just written is waiting. */
export function jobOf(message: NewMessage, present: ReadonlySet<string>): NewJob {
  const conversation = conversationOf(message)
  const data = { accountSid: message.accountSid, messageId: message.id }
  if (message.direction === 'inbound') {
    return { kind: 'call-customer', lane: laneOfReplies(conversation), group: message.senderId, data }
  }
  const urgent = message.direction === 'outbound-reply' || present.has(contactKey(conversation))
  return { kind: 'send-message', lane: laneOfSends(conversation), group: message.senderId, data, urgent }
}

export function profileJob(contact: ContactKey): NewJob {
  return {
    kind: 'fetch-profile',
    lane: laneOfProfile(contact),
    group: contact.senderId,
    data: { accountSid: contact.accountSid, senderId: contact.senderId, address: contact.address },
  }
}
