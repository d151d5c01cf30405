/**
 * Which Page speaks. Comes in: what the caller names, a Page, a messaging service or both. Goes out: the Page, and the
 * service. A person's id holds for one Page only, so of a service's pool it is the Page that they have written to.
 */
import { ApiError } from '#core/errors.ts'
import { type AccountSid, fromSid } from '#core/ids.ts'
import type { Sender } from '#store/senders.ts'
import type { MessagingService } from '#store/services.ts'
import type { Flow } from './flow.ts'

export type Address = { channel: string; address: string }
export type Choice = { sender: Sender; service: MessagingService | null }

export async function chooseSender(
  flow: Flow,
  accountSid: AccountSid,
  to: Address,
  from: Address | null,
  serviceSid: string | null,
): Promise<Choice> {
  const service = serviceSid ? await findNamedService(flow, accountSid, serviceSid) : null
  if (from) {
    const sender = await flow.directory.senderAt(from.channel, from.address)
    if (sender?.accountSid !== accountSid) throw new ApiError('from_unknown')
    // A Page of no pool at all may speak for a service too, as at Twilio (twilio.md 7.2).
    if (service && sender.serviceId && sender.serviceId !== service.id) throw new ApiError('from_in_other_service')
    return { sender, service }
  }
  if (!service) throw new ApiError('from_missing')
  const { isEmpty, senderId } = await flow.directory.knownTo({ accountSid, serviceId: service.id, ...to })
  if (isEmpty) throw new ApiError('service_empty')
  const sender = senderId && (await flow.directory.sender(accountSid, senderId))
  if (!sender) {
    throw new ApiError(
      'service_without_sender_for',
      `No Page of the Messaging Service has been written to by ${to.channel}:${to.address}`,
    )
  }
  return { sender, service }
}

async function findNamedService(flow: Flow, accountSid: AccountSid, sid: string): Promise<MessagingService> {
  const id = fromSid(sid, 'MG')
  const service = id && (await flow.directory.service(accountSid, id))
  if (!service) {
    throw new ApiError('service_unknown', `The Messaging Service ${sid.slice(0, 64).toWellFormed()} does not exist`)
  }
  return service
}
