/**
 * The caller's mistakes, in one table: key → Twilio's code, HTTP status, sentence (twilio.md 2). Anything else that the
 * world refuses is a value, and our own bugs are ordinary throws.
 */
const MISTAKES = {
  unauthenticated: [20003, 401, 'Authenticate'],
  account_suspended: [20005, 403, 'Account is not active'],
  method_not_allowed: [20004, 405, 'Method not allowed'],
  page_size_too_large: [20007, 400, 'Page size must be between 1 and 1000'],
  page_token_invalid: [21481, 400, 'Invalid PageToken'],
  not_final: [20009, 409, 'Cannot change or delete this resource before it is complete'],
  not_found: [20404, 404, 'The requested resource was not found'],
  conflict: [20409, 409, 'Conflict'],
  body_too_large: [20413, 413, 'Request entity too large'],
  parameter_invalid: [20422, 400, 'Invalid parameter'],
  media_type_unsupported: [20415, 415, 'Unsupported media type'],
  too_many_requests: [20429, 429, 'Too many requests'],
  internal: [20500, 500, 'Internal server error'],
  unavailable: [20503, 503, 'Service unavailable, try again shortly'],
  to_missing: [21604, 400, "A 'To' address is required"],
  to_invalid: [21211, 400, "Invalid 'To' address: expected messenger:<person id>"],
  from_missing: [21603, 400, "A 'From' address or 'MessagingServiceSid' is required to send a message"],
  from_invalid: [21212, 400, "Invalid 'From' address: expected messenger:<page id>"],
  from_unknown: [63007, 400, 'Could not find a channel with the specified From address'],
  from_equals_to: [63031, 400, "'To' and 'From' must not be the same"],
  content_missing: [21602, 400, 'Message body, media or content is required'],
  body_too_long: [21617, 400, 'The message body exceeds the 1600 character limit'],
  media_url_invalid: [21620, 400, 'Invalid media URL'],
  media_too_many: [21623, 400, 'Number of media files exceeds the limit of 10'],
  status_callback_invalid: [21609, 400, "Invalid 'StatusCallback' URL"],
  application_invalid: [21218, 400, 'Invalid ApplicationSid'],
  service_unknown: [21701, 404, 'The Messaging Service does not exist'],
  validity_invalid: [21624, 400, 'Invalid validity period: expected 1 to 36000 seconds'],
  content_sid_invalid: [21655, 400, 'The ContentSid is invalid'],
  content_variables_invalid: [21656, 400, 'ContentVariables must be a JSON object'],
  content_sid_required: [21654, 400, 'ContentSid is required with ContentVariables'],
  content_retention_invalid: [30029, 400, 'Invalid ContentRetention: expected retain or discard'],
  address_retention_invalid: [30030, 400, 'Invalid AddressRetention: expected retain or obfuscate'],
  schedule_needs_service: [35118, 400, 'MessagingServiceSid is required to schedule a message'],
  opted_out: [21610, 400, 'Attempt to send to unsubscribed recipient'],
  not_cancelable: [30409, 409, 'Only a scheduled message can be canceled'],
  url_invalid: [21402, 400, 'Invalid URL'],
  method_invalid: [21403, 400, 'Invalid HTTP method: expected GET or POST'],
} as const satisfies Record<string, readonly [code: number, status: number, message: string]>

export type MistakeKey = keyof typeof MISTAKES

export class ApiError extends Error {
  readonly key: MistakeKey
  readonly code: number
  readonly status: number
  /** Seconds after which a refused call is worth repeating. */
  readonly retryAfterSeconds: number | undefined

  constructor(key: MistakeKey, message?: string, options: { retryAfterSeconds?: number } = {}) {
    const [code, status, sentence] = MISTAKES[key]
    super(message ?? sentence)
    this.key = key
    this.code = code
    this.status = status
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Where a code is explained. Twilio's own page, as its clients expect (twilio.md 2.1). */
export const moreInfo = (code: number): string => `https://www.twilio.com/docs/errors/${code}`
