/** The URLs of the customer's that a sender leads to, its own or those of its messaging service. */
import type { Method, Sender } from '#store/senders.ts'
import type { MessagingService } from '#store/services.ts'
import { inboundWebhookOf } from './inbound-webhook.ts'

export const CALLBACKS = ['callback', 'fallback', 'statusCallback'] as const

export type CallbackName = (typeof CALLBACKS)[number]
export type Callback = { url: string; method: Method }

export function callbacksOf(sender: Sender, service: MessagingService | null): Record<CallbackName, Callback | null> {
  const inbound = inboundWebhookOf(sender, service)
  const one = (url: string | null | undefined, method: Method) => (url ? { url, method } : null)
  return {
    callback: one(inbound.callbackUrl, inbound.callbackMethod),
    fallback: one(inbound.fallbackUrl, inbound.fallbackMethod),
    statusCallback: service?.statusCallbackUrl
      ? one(service.statusCallbackUrl, 'POST')
      : one(sender.statusCallbackUrl, sender.statusCallbackMethod),
  }
}
