/**
 * What we tell the customer's server, in Twilio's parameter names (twilio.md 3.1, 3.2, 5.3; contract.md "Inbound",
 * "Outbound"). Absent facts are absent parameters.
 */
const API_VERSION = '2010-04-01'

export type InboundFacts = {
  sid: string
  accountSid: string
  /** The messaging service that it came through. */
  serviceSid: string | null
  from: string
  to: string
  body: string
  media: { url: string; contentType: string | null }[]
  profileName: string | null
  /** `text`, `image`, … by Twilio's MessageType. */
  type: string
  button: { payload: string; text: string } | null
  referral: { ref: string | null; source: string | null; type: string | null; adId: string | null } | null
  repliedToSid: string | null
  optOutType: string | null
  location: { latitude: number; longitude: number } | null
  /** The channel's name and its event as received. */
  channel: string
  event: unknown
}

export function inboundParameters(facts: InboundFacts): Record<string, string> {
  const { button, referral, location } = facts
  return defined({
    MessageSid: facts.sid,
    SmsSid: facts.sid,
    SmsMessageSid: facts.sid,
    AccountSid: facts.accountSid,
    MessagingServiceSid: facts.serviceSid,
    From: facts.from,
    To: facts.to,
    Body: facts.body,
    NumMedia: String(facts.media.length),
    NumSegments: '1',
    ...Object.fromEntries(facts.media.map(({ url }, index) => [`MediaUrl${index}`, url])),
    ...Object.fromEntries(
      facts.media.map(({ contentType }, index) => [
        `MediaContentType${index}`,
        contentType ?? 'application/octet-stream',
      ]),
    ),
    SmsStatus: 'received',
    ApiVersion: API_VERSION,
    ProfileName: facts.profileName,
    MessageType: facts.type,
    ButtonPayload: button?.payload,
    ButtonText: button?.text,
    ReferralRef: referral?.ref,
    ReferralSource: referral?.source,
    ReferralType: referral?.type,
    ReferralAdId: referral?.adId,
    OriginalRepliedMessageSid: facts.repliedToSid,
    OptOutType: facts.optOutType,
    Latitude: location && String(location.latitude),
    Longitude: location && String(location.longitude),
    ChannelMetadata: JSON.stringify({ type: facts.channel, data: facts.event }),
  })
}

export type StatusFacts = {
  sid: string
  accountSid: string
  /** The messaging service that it goes through. */
  serviceSid: string | null
  from: string
  to: string
  status: string
  channel: string
  senderSid: string
  errorCode: number | null
  errorText: string | null
  /** The provider's own code, subcode and text. */
  providerDetail: { code?: number; subcode?: number; message: string } | null
}

export function statusParameters(facts: StatusFacts): Record<string, string> {
  const { providerDetail: detail } = facts
  const code = detail?.code === undefined ? '' : `(#${detail.code}${detail.subcode ? `/${detail.subcode}` : ''}) `
  const failed = facts.status === 'failed' || facts.status === 'undelivered'
  const isReceipt = ['delivered', 'read', 'undelivered'].includes(facts.status)
  return defined({
    MessageSid: facts.sid,
    SmsSid: facts.sid,
    MessageStatus: facts.status,
    SmsStatus: facts.status,
    AccountSid: facts.accountSid,
    MessagingServiceSid: facts.serviceSid,
    From: facts.from,
    To: facts.to,
    ApiVersion: API_VERSION,
    ChannelPrefix: facts.channel,
    ChannelInstallSid: facts.senderSid,
    EventType: isReceipt ? facts.status.toUpperCase() : null,
    ErrorCode: failed && facts.errorCode !== null ? String(facts.errorCode) : null,
    ErrorMessage: failed ? facts.errorText : null,
    ChannelStatusMessage: failed && detail ? code + detail.message.replace(/^\(#\d+\) /, '') : null,
  })
}

export type UsageFacts = {
  accountSid: string
  triggerSid: string
  /** What was reached when it fired, and the value to reach. */
  current: string
  value: string
  category: string
  by: string
  recurring: string
  firedAt: Date
  idempotencyToken: string
}

/** That a usage trigger has fired (twilio.md 6.6). */
export const usageParameters = (facts: UsageFacts): Record<string, string> => ({
  AccountSid: facts.accountSid,
  UsageTriggerSid: facts.triggerSid,
  CurrentValue: facts.current,
  TriggerValue: facts.value,
  UsageCategory: facts.category,
  TriggerBy: facts.by,
  Recurring: facts.recurring,
  DateFired: facts.firedAt.toUTCString().replace('GMT', '+0000'),
  UsageRecordUri: `/${API_VERSION}/Accounts/${facts.accountSid}/Usage/Records.json?Category=${facts.category}`,
  IdempotencyToken: facts.idempotencyToken,
  ApiVersion: API_VERSION,
})

function defined(all: Record<string, string | null | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
