/** A message's life (twilio.md 1.4, contract.md "Outbound"). Pure: the one writer is `messaging/update-status`. */
export type MessageStatus =
  | 'accepted'
  | 'scheduled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'undelivered'
  | 'canceled'
  | 'received'

/**
 * From which states each state may be entered. A status never moves backwards. `sending` is not written: a queued message
 * is sending from the moment that its first provider call is written down.
 */
export const ENTERED_FROM: Record<MessageStatus, readonly MessageStatus[]> = {
  accepted: [],
  scheduled: [],
  received: [],
  queued: ['accepted', 'scheduled'],
  sending: [],
  sent: ['queued'],
  delivered: ['sent'],
  read: ['delivered'],
  failed: ['accepted', 'scheduled', 'queued'],
  undelivered: ['queued', 'sent'],
  canceled: ['scheduled'],
}

/** Nothing follows, or only a receipt does: such a message may be redacted or deleted. */
export const FINAL: readonly MessageStatus[] = [
  'sent',
  'delivered',
  'read',
  'failed',
  'undelivered',
  'canceled',
  'received',
]

export const isFinal = (status: MessageStatus): boolean => FINAL.includes(status)
