/** Alerts: what the customer must know of, from a code and, where there is one, the exchange that failed. */
import { errorLevel, errorText } from '#core/error-codes.ts'
import { messageSid, newId } from '#core/ids.ts'
import type { NewAlert } from '#store/alerts.ts'
import type { Message } from '#store/messages.ts'

type FailedExchange = {
  url: string
  method: string
  requestHeaders: Record<string, string>
  requestParams: Record<string, string>
  responseHeaders: Record<string, string>
  responseBody: string
}

/** `reason` says more than the code's own sentence. */
export function alertOf(
  about: Pick<Message, 'accountSid' | 'id' | 'media'>,
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
    resourceSid: messageSid(about.id, about.media.length),
    request: exchange
      ? {
          url: exchange.url,
          method: exchange.method,
          variables: headers(exchange.requestParams),
          headers: headers(exchange.requestHeaders),
        }
      : null,
    response: exchange ? { headers: headers(exchange.responseHeaders), body: exchange.responseBody } : null,
  }
}
