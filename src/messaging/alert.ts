/** Alerts: what the customer must know of, from a code and, where there is one, the exchange that failed. */
import { errorLevel, errorText } from '#core/error-codes.ts'
import { messageSid, newId, toSid } from '#core/ids.ts'
import type { NewAlert } from '#store/alerts.ts'
import type { Message } from '#store/messages.ts'

type FailedExchange = {
  url: string
  method: string
  requestHeaders: Record<string, string>
  requestParams: Record<string, string>
  status: number | null
  responseHeaders: Record<string, string>
  responseBody: string
}

/** `reason` says more than the code's own sentence. */
export const alertOf = (
  message: Pick<Message, 'accountSid' | 'id' | 'numMedia'> & Partial<Pick<Message, 'serviceId'>>,
  code: number,
  reason: string | null,
  exchange?: FailedExchange,
): NewAlert =>
  alertAbout(
    {
      accountSid: message.accountSid,
      resourceSid: messageSid(message.id, message.numMedia),
      serviceSid: message.serviceId ? toSid('MG', message.serviceId) : null,
    },
    code,
    reason,
    exchange,
  )

/** About something else than a message. */
export function alertAbout(
  about: { accountSid: string; resourceSid: string; serviceSid?: string | null },
  code: number,
  reason: string | null,
  exchange?: FailedExchange,
): NewAlert {
  const headers = (all: Record<string, string>) => new URLSearchParams(all).toString()
  return {
    accountSid: about.accountSid,
    id: newId(),
    code,
    level: errorLevel(code),
    // A reason may quote what came from outside, cut anywhere; PostgreSQL keeps no half of a surrogate pair.
    text: (reason ?? errorText(code)).toWellFormed(),
    resourceSid: about.resourceSid,
    serviceSid: about.serviceSid ?? null,
    request: exchange
      ? {
          url: exchange.url,
          method: exchange.method,
          variables: headers(exchange.requestParams),
          headers: headers(exchange.requestHeaders),
        }
      : null,
    response: exchange
      ? { status: exchange.status, headers: headers(exchange.responseHeaders), body: exchange.responseBody }
      : null,
  }
}
