/**
 * What a channel is to the rest of Pagewire. A channel turns its provider's webhooks into `ChannelEvent`s and sends
 * `Part`s; it never sees the database, the queue or our web server, and it answers the world's refusals as values.
 * Field meanings come from Meta's Messenger Platform (meta.md 1.6–1.13, 2, 3.3); names are ours.
 */

/** Opaque ids at the provider (page id, person id, message id) are text: they exceed 2^53. */
export type Address = string

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

type EventBase = {
  /** The Page that the event belongs to. */
  senderAddress: Address
  /** The person, when the event names one. */
  contactAddress: Address | null
  /** When it happened, by the provider's own clock. */
  happenedAt: Date
  /**
   * Same key = same event, however often it is delivered. Holds the kind of event, as a deletion, an edit or a reaction
   * carries the id of the message it is about (meta.md 1.5).
   */
  dedupeKey: string
  /** Another app holds the conversation: stored, not ours to answer. */
  standby: boolean
  /** The item as received. */
  raw: Json
}

export type InboundMedia = { kind: 'image' | 'audio' | 'video' | 'file'; url: string; contentType: string }
export type Referral = { ref: string | null; source: string | null; type: string | null; adId: string | null }

/** Something that a person said to us: text, attachments, a tapped quick reply, a postback or a referral. */
export type InboundEvent = EventBase & {
  kind: 'message' | 'postback' | 'referral'
  contactAddress: Address
  channelMessageId: string | null
  /** The key of the event that would take it back, which may have come before it; null: it cannot be taken back. */
  deletionKey: string | null
  text: string
  media: InboundMedia[]
  button: { payload: string; text: string } | null
  referral: Referral | null
  /** The provider's id of the message that this one answers. */
  repliedTo: string | null
  location: { latitude: number; longitude: number } | null
}

/** What the Page itself sent, by us or by others, as the provider reports it. */
export type EchoEvent = EventBase & {
  kind: 'echo'
  contactAddress: Address
  channelMessageId: string
  /** The string that we gave with the send, if this was ours. */
  metadata: string | null
}

/** Everything sent to the person up to `watermark` (and `channelMessageIds`, when given) has arrived or been read. */
export type ReceiptEvent = EventBase & {
  kind: 'delivery' | 'read'
  contactAddress: Address
  channelMessageIds: string[]
  watermark: Date
}

/** The person took a message back; stored copies must go (meta.md 1.8). */
export type DeletionEvent = EventBase & { kind: 'deletion'; contactAddress: Address; channelMessageId: string }

/** Kept as data, not acted on; `reason` says why. */
export type OtherEvent = EventBase & { kind: 'other'; name: string; reason: string }

export type ChannelEvent = InboundEvent | EchoEvent | ReceiptEvent | DeletionEvent | OtherEvent

/** One call to the provider. A message is one or several of them, in order. */
export type Part = { kind: 'text'; text: string } | { kind: 'media'; url: string; contentType: string | null }

/** How the sending is allowed to happen, as the flow decided from the window and the sender's setting. */
export type SendMode = 'response' | 'account_update' | 'human_agent'

export type SendRequest = {
  senderAddress: Address
  contactAddress: Address
  accessToken: string
  part: Part
  mode: SendMode
  /** Comes back in the echo: correlates an answer that was lost. At most 1,000 characters. */
  metadata: string
}

/** What the provider itself said, for the operator: its own code, subcode and text; never a token. */
export type ProviderDetail = {
  httpStatus?: number
  code?: number
  subcode?: number
  message: string
  traceId?: string
}

/** What a refusal means beyond this one message. */
export type SendEffect = 'contact_unreachable' | 'sender_offline' | 'sender_paused' | 'sender_slow'

/** What the provider says is used of its allowance: 100 % is the limit; `regainMs`: how long until there is more. */
export type Usage = { percent: number; regainMs: number }

export type SendOutcome =
  | { ok: true; channelMessageId: string; usage?: Usage }
  | {
      ok: false
      usage?: Usage
      /**
       * `never`: final. `{afterMs}`: surely not sent, may be tried again; the caller grows the wait from `afterMs`, and
       * gives up after `limit` retries when given. `unknown`: may have been sent; must not be repeated, an echo settles it.
       */
      retry: 'never' | 'unknown' | { afterMs: number; limit?: number }
      /** Twilio's error code (contract.md, "What Meta's errors become"). */
      code: number
      /** For the customer. */
      reason: string
      detail: ProviderDetail
      effect?: SendEffect
    }

/** What a person sees of us beside messages. `typing_on` lasts some seconds, or until the next message. */
export type SenderAction = 'mark_seen' | 'typing_on' | 'typing_off'

export type ActionRequest = Pick<SendRequest, 'senderAddress' | 'contactAddress' | 'accessToken'> & {
  action: SenderAction
}

/** Not worth a retry: it is about this moment. */
export type ActionOutcome = { ok: true } | { ok: false; code: number; reason: string; detail: ProviderDetail }

export type Profile = { name: string | null }

/** The provider's app that webhooks are signed with and proofs are made with. */
export type ProviderApp = {
  appId: string
  appSecret: string
  verifyToken: string
  /** Of a login that the provider keeps the settings of (Facebook Login for Business). */
  loginConfigId?: string | null
}

export type WebhookResult = { ok: true; events: ChannelEvent[] } | { ok: false; status: 400 | 403; reason: string }

export type ConnectResult = { ok: true; name: string } | { ok: false; reason: string; detail: ProviderDetail }

/** A sender that a login opens. */
export type FoundSender = {
  address: Address
  name: string
  /** Empty when the provider gave none. */
  accessToken: string
  /** What the person may do with it; null when the provider does not tell. */
  tasks: string[] | null
  /** Why it cannot be connected, and what to do about it; null when it can. */
  obstacle: string | null
}

/** `missing`: permissions that the person did not give. */
export type LoginResult =
  | { ok: true; userName: string; missing: string[]; senders: FoundSender[] }
  | { ok: false; reason: string; detail: ProviderDetail }

/** What a provider answers in the address of the page that it sends the person back to. */
export type LoginReturn = { code: string } | { problem: string }

/** The way by which a person lets us speak as their senders, at the provider's own page. */
export type ChannelLogin = {
  /** Where the person is sent. They come back to `redirectUrl` with `state` and what `readReturn` reads. */
  dialogUrl: (app: ProviderApp, to: { redirectUrl: string; state: string }) => string
  readReturn: (query: Record<string, string>) => LoginReturn
  /** Trades the code for the person's senders, each with a token that lasts. The code works once. */
  finish: (app: ProviderApp, given: { redirectUrl: string; code: string }) => Promise<LoginResult>
}

export type FindingLevel = 'good' | 'info' | 'warning' | 'bad'

/** Something that was looked at: what was seen, and what to do about it. Sentences for people, without secrets. */
export type Finding = {
  check: string
  level: FindingLevel
  text: string
  advice: string | null
  /** When what the text tells happened, in ISO 8601. */
  at?: string
}

export type Examination = {
  findings: Finding[]
  /** The provider refuses the sender's token or a permission: why, in a few words. Null: it does not, or did not say. */
  dead: string | null
  usage?: Usage
}

/** A call to the provider, for people to read. */
export type CallPreview = { method: string; url: string; headers: Record<string, string>; body: Json }

export type Channel = {
  /** Also the address prefix: `messenger:<address>`. */
  name: string
  /** What an address looks like after the prefix. */
  isAddress: (address: string) => boolean
  /** Where people find a sender, for example `https://m.me/<page id>`. */
  link: (senderAddress: Address) => string
  /** Answers the provider's subscription check: the text to answer with, or undefined to refuse. */
  verifySubscription: (query: Record<string, unknown>, app: ProviderApp) => string | undefined
  /** Checks the signature over the raw bytes, then reads every item of every entry. Never throws on hostile input. */
  readWebhook: (rawBody: Buffer, headers: Record<string, unknown>, app: ProviderApp) => WebhookResult
  /** Reads an item again that was kept as it came. Never throws. */
  readAgain: (kept: { raw: Json; senderAddress: Address; happenedAt: Date }) => ChannelEvent
  /** Splits a message into the provider calls that it takes, in order: each attachment, then the text. */
  partsOf: (message: { body: string; mediaUrls: string[] }) => Part[]
  send: (request: SendRequest, app: ProviderApp) => Promise<SendOutcome>
  /** The call that `send` makes, its secrets masked; makes none. */
  preview: (request: Omit<SendRequest, 'accessToken'>) => CallPreview
  act: (request: ActionRequest, app: ProviderApp) => Promise<ActionOutcome>
  /** How many calls like this one a sender may make in a second; calls of one `kind` share the allowance. */
  rateOf: (call: Part | SenderAction) => { kind: string; perSecond: number }
  /** How large the file of a part may be. */
  maxBytesOf: (part: Part) => number
  /** Checks the token, learns the sender's name and subscribes it to webhooks. Idempotent. */
  connect: (senderAddress: Address, accessToken: string, app: ProviderApp) => Promise<ConnectResult>
  /** Ends the subscription; a dead token is no error. */
  disconnect: (senderAddress: Address, accessToken: string, app: ProviderApp) => Promise<void>
  /** Whose token this is. */
  identify: (
    accessToken: string,
    app: ProviderApp,
  ) => Promise<{ ok: true; address: Address; name: string } | Extract<ConnectResult, { ok: false }>>
  login: ChannelLogin
  /**
   * Looks at token, permissions and subscriptions, and changes nothing. `webhookUrl`: where events should go. `sends`: a
   * message has gone out with this token, which shows what the provider may not tell.
   */
  examine: (
    sender: { address: Address; accessToken: string; tasks: string[] | null; sends: boolean },
    app: ProviderApp,
    webhookUrl: string,
  ) => Promise<Examination>
  /** What the provider calls the app; refused when the secret is not its own. */
  identifyApp: (app: ProviderApp) => Promise<{ ok: true; name: string } | { ok: false; reason: string }>
  /** Asks the provider to send the app's events to this URL, which it calls at once. Idempotent. */
  subscribeApp: (app: ProviderApp, webhookUrl: string) => Promise<{ ok: true } | { ok: false; reason: string }>
  /** The person's public profile; undefined when the provider gives none or cannot answer now. */
  profile: (contactAddress: Address, accessToken: string, app: ProviderApp) => Promise<Profile | undefined>
}
