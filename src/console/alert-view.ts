/** An alert as the console shows it. */
import { toSid } from '#core/ids.ts'
import type { Alert } from '#store/alerts.ts'
import type { AlertView } from './contract/messages.ts'

export function alertView(alert: Alert): AlertView {
  const { requestUrl, requestMethod, requestVariables, requestHeaders, responseHeaders, responseBody } = alert
  return {
    sid: toSid('NO', alert.id),
    code: alert.code,
    level: alert.level,
    text: alert.text,
    messageSid: /^(SM|MM)/.test(alert.resourceSid ?? '') ? alert.resourceSid : null,
    createdAt: alert.createdAt.toISOString(),
    request: requestUrl
      ? {
          method: requestMethod ?? '',
          url: requestUrl,
          params: pairs(requestVariables),
          headers: pairs(requestHeaders),
        }
      : null,
    response:
      responseHeaders === null && responseBody === null
        ? null
        : { headers: pairs(responseHeaders), body: responseBody ?? '' },
  }
}

const pairs = (form: string | null): Record<string, string> => Object.fromEntries(new URLSearchParams(form ?? ''))
