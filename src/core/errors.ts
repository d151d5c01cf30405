/**
 * The caller's mistakes, in one table: key → Twilio's code, HTTP status, sentence (twilio.md 2). Anything else that the
 * world refuses is a value, and our own bugs are ordinary throws.
 */
export const MISTAKES = {
  unauthenticated: [20003, 401, 'Authenticate'],
  account_suspended: [20005, 403, 'Account is not active'],
  method_not_allowed: [20004, 405, 'Method not allowed'],
  access_denied: [20006, 403, 'Access denied'],
  page_size_too_large: [20007, 400, 'Page size must be between 1 and 1000'],
  page_token_invalid: [21481, 400, 'Invalid PageToken'],
  account_status_invalid: [21475, 400, "Invalid Status: expected 'active', 'suspended' or 'closed'"],
  parent_suspended: [21476, 400, 'Unable to update Status for subaccount, parent account is suspended'],
  parent_status: [21477, 400, 'Unable to update Status for parent accounts'],
  account_closed: [21479, 400, 'Unable to update Status for subaccount, subaccount has been closed'],
  subaccounts_full: [21480, 400, 'Reached maximum number of subaccounts'],
  applications_full: [21301, 400, 'Cannot create application: application limit exceeded'],
  not_final: [20009, 409, 'Cannot change or delete this resource before it is complete'],
  friendly_name_invalid: [20002, 400, 'Invalid FriendlyName: expected 1 to 64 characters'],
  not_found: [20404, 404, 'The requested resource was not found'],
  gone: [20410, 410, 'Gone'],
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
  service_without_sender_for: [21703, 400, 'No sender of the Messaging Service can reach this recipient'],
  service_empty: [21704, 400, 'The Messaging Service contains no senders'],
  from_in_other_service: [21712, 400, "The 'From' sender is associated with another Messaging Service"],
  sender_in_service: [21710, 409, 'The sender is in the Messaging Service already'],
  sender_in_other_service: [21712, 409, 'The sender is associated with another Messaging Service'],
  alpha_sender_invalid: [21709, 400, 'Alpha Sender ID is invalid or not authorized for this Messaging Service'],
  usecase_invalid: [21713, 400, 'Invalid Messaging Service use case'],
  validity_invalid: [21624, 400, 'Invalid validity period: expected 1 to 36000 seconds'],
  content_sid_invalid: [21655, 400, 'The ContentSid is invalid'],
  content_variables_invalid: [21656, 400, 'ContentVariables must be a JSON object'],
  content_sid_required: [21654, 400, 'ContentSid is required with ContentVariables'],
  content_retention_invalid: [30029, 400, 'Invalid ContentRetention: expected retain or discard'],
  address_retention_invalid: [30030, 400, 'Invalid AddressRetention: expected retain or obfuscate'],
  schedule_needs_service: [35118, 400, 'MessagingServiceSid is required to schedule a message'],
  send_at_missing: [35111, 400, 'SendAt is required to schedule a message'],
  send_at_invalid: [35114, 400, 'Invalid SendAt: expected a time from 15 minutes to 35 days ahead, in ISO 8601'],
  too_many_scheduled: [35125, 400, 'The account has reached its limit of 500,000 scheduled messages'],
  schedule_type_invalid: [35126, 400, "Invalid ScheduleType: only 'fixed' is supported"],
  queue_full: [21611, 400, "This 'From' sender has exceeded the maximum number of queued messages"],
  opted_out: [21610, 400, 'Attempt to send to unsubscribed recipient'],
  not_cancelable: [30409, 409, 'Only a scheduled message can be canceled'],
  /** The code is the channel's, given with the mistake. */
  channel_refused: [63023, 400, 'The channel refused'],
  url_invalid: [21402, 400, 'Invalid URL'],
  method_invalid: [21403, 400, 'Invalid HTTP method: expected GET or POST'],
  voice_fallback_alone: [21405, 400, 'Cannot set VoiceFallbackUrl without setting VoiceUrl'],
  sms_fallback_alone: [21406, 400, 'Cannot set SmsFallbackUrl without setting SmsUrl'],
} as const satisfies Record<string, readonly [code: number, status: number, message: string]>

export type MistakeKey = keyof typeof MISTAKES

export class ApiError extends Error {
  readonly key: MistakeKey
  readonly code: number
  readonly status: number
  /** Seconds after which a refused call is worth repeating. */
  readonly retryAfterSeconds: number | undefined

  constructor(key: MistakeKey, message?: string, options: { retryAfterSeconds?: number; code?: number } = {}) {
    const [code, status, sentence] = MISTAKES[key]
    super(message ?? sentence)
    this.key = key
    this.code = options.code ?? code
    this.status = status
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Where a code is explained. Twilio's own page, as its clients expect (twilio.md 2.1). */
export const moreInfo = (code: number): string => `https://www.twilio.com/docs/errors/${code}`
