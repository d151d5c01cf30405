/** Where the customer is told what people write: the sender's URLs, or those of the messaging service that it is in. */
import type { Sender } from '#store/senders.ts'
import type { MessagingService } from '#store/services.ts'

export type InboundWebhook = Pick<Sender, 'callbackUrl' | 'callbackMethod' | 'fallbackUrl' | 'fallbackMethod'> & {
  /** Replies go through it too. */
  service: MessagingService | null
}

export function inboundWebhookOf(sender: Sender, service: MessagingService | null): InboundWebhook {
  if (!service || service.senderDecidesInbound) {
    const { callbackUrl, callbackMethod, fallbackUrl, fallbackMethod } = sender
    return { callbackUrl, callbackMethod, fallbackUrl, fallbackMethod, service }
  }
  const { inboundUrl, inboundMethod, fallbackUrl, fallbackMethod } = service
  return { callbackUrl: inboundUrl, callbackMethod: inboundMethod, fallbackUrl, fallbackMethod, service }
}

/** A service without an inbound URL receives nothing: such messages are not kept (twilio.md 3.1, 7.1). */
export const receivesNothing = (service: MessagingService | null): boolean =>
  service !== null && !service.senderDecidesInbound && service.inboundUrl === null
