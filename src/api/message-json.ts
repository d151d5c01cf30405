/** A message as Twilio writes it (twilio.md 1.3, the product document's sample). */
import { messageSid, toSid } from '#core/ids.ts'
import { isFinal } from '#core/status.ts'
import type { Message } from '#store/messages.ts'

let latest = { second: Number.NaN, text: '' }

/** RFC 2822 with a numeric zone, as the 2010 API writes dates. The last one is remembered: under load all are of one second. */
export function rfc2822(date: Date): string {
  const second = Math.floor(date.getTime() / 1000)
  if (second !== latest.second) latest = { second, text: date.toUTCString().replace('GMT', '+0000') }
  return latest.text
}

/** `isNew`: the answer of its create, which Twilio keeps shorter (twilio.md 1.3). */
export function messageJson(message: Message, isNew = false) {
  const sid = messageSid(message.id, message.numMedia)
  const uri = `/2010-04-01/Accounts/${message.accountSid}/Messages/${sid}`
  const page = `${message.channel}:${message.senderAddress}`
  const person = `${message.channel}:${shown(message)}`
  const inbound = message.direction === 'inbound'
  const sentAt = inbound ? message.createdAt : message.sentAt
  return {
    body: message.body,
    num_segments: '1',
    direction: message.direction,
    from: inbound ? person : page,
    to: inbound ? page : person,
    date_updated: rfc2822(message.updatedAt),
    price: null,
    error_message: message.errorText,
    uri: `${uri}.json`,
    account_sid: message.accountSid,
    num_media: String(message.numMedia),
    date_created: rfc2822(message.createdAt),
    status: message.status,
    sid,
    date_sent: sentAt && rfc2822(sentAt),
    messaging_service_sid: message.serviceId && toSid('MG', message.serviceId),
    error_code: message.errorCode,
    price_unit: null,
    api_version: '2010-04-01',
    subresource_uris: {
      media: `${uri}/Media.json`,
      ...(!isNew && !inbound && { feedback: `${uri}/Feedback.json` }),
    },
    ...(message.tags && { tags: message.tags }),
  }
}

/** `AddressRetention=obfuscate`: once the message is through, the person's id shows its last four digits only. */
function shown({ addressRetention, status, contactAddress }: Message): string {
  if (addressRetention !== 'obfuscate' || !isFinal(status)) return contactAddress
  return contactAddress.slice(-4).padStart(contactAddress.length, 'X')
}
