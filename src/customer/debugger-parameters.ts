/** What a debugger webhook is told of an alert, in Twilio's parameter names (twilio.md 10). */
export type AlertFacts = {
  sid: string
  accountSid: string
  /** Of a subaccount. */
  parentSid: string | null
  code: number
  level: 'error' | 'warning'
  text: string
  resourceSid: string | null
  serviceSid: string | null
  createdAt: Date
  /** The call that failed; its parameters and headers as a form. */
  requestUrl: string | null
  requestMethod: string | null
  requestVariables: string | null
  requestHeaders: string | null
  responseStatus: number | null
  responseHeaders: string | null
  responseBody: string | null
}

export function debuggerParameters(alert: AlertFacts): Record<string, string> {
  const level = alert.level.toUpperCase()
  return {
    Sid: alert.sid,
    AccountSid: alert.accountSid,
    ...(alert.parentSid && { ParentAccountSid: alert.parentSid }),
    Timestamp: alert.createdAt.toISOString(),
    Level: level,
    PayloadType: 'application/json',
    Payload: JSON.stringify({
      resource_sid: alert.resourceSid,
      service_sid: alert.serviceSid,
      error_code: String(alert.code),
      more_info: {
        Msg: alert.text,
        sourceComponent: MESSAGING,
        ErrorCode: String(alert.code),
        ...(alert.responseStatus !== null && { httpResponse: String(alert.responseStatus) }),
        ...(alert.requestUrl !== null && { url: alert.requestUrl }),
        LogLevel: level,
      },
      webhook: alert.requestUrl === null ? null : webhookOf(alert),
    }),
  }
}

/** Twilio's number for programmable messaging. */
const MESSAGING = '14100'

const webhookOf = (alert: AlertFacts) => ({
  type: 'application/json',
  request: {
    url: alert.requestUrl,
    method: alert.requestMethod,
    headers: fieldsOf(alert.requestHeaders),
    parameters: fieldsOf(alert.requestVariables),
  },
  response: {
    status_code: alert.responseStatus,
    headers: fieldsOf(alert.responseHeaders),
    body: alert.responseBody ?? '',
  },
})

const fieldsOf = (form: string | null) => Object.fromEntries(new URLSearchParams(form ?? ''))
