/** What happened: messages, and each one's way from the webhook to the last status. */
import type { Page } from '../contract.ts'

export type MessageStatusName =
  | 'accepted'
  | 'scheduled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'undelivered'
  | 'canceled'
  | 'received'
export type DirectionName = 'inbound' | 'outbound-api' | 'outbound-reply'

/**
 * GET …/messages?sender=&person=&direction=&status=&code=&from=&until=&text=&after=&limit=. `direction` is `in` or `out`;
 * `status` may be several, with commas; the times are ISO 8601.
 */
export type MessageFilter = {
  sender?: string | undefined
  person?: string | undefined
  direction?: string | undefined
  status?: string | undefined
  code?: string | undefined
  from?: string | undefined
  until?: string | undefined
  text?: string | undefined
}

export type MessagePage = Page<MessageRow> & {
  /** There may be more before this time, of which nothing is known yet: the search took too long. Null: all was seen. */
  searchedTo: string | null
}

export type MessageRow = {
  sid: string
  direction: DirectionName
  status: MessageStatusName
  senderSid: string
  /** The Page's address. */
  page: string
  person: string
  personName: string | null
  /** Its beginning. */
  body: string
  numMedia: number
  errorCode: number | null
  createdAt: string
}

/** GET …/messages/count with a filter, `kind` and perhaps `before`: how many "all" would be. */
export type MessageCount = {
  count: number
  /** There are more, or not all could be counted. */
  atLeast: boolean
  /** What is newer than this is not among them; to be given back with the batch. */
  beforeSid: string
}

/** GET …/messages/:sid */
export type MessageDetail = MessageRow & {
  body: string
  updatedAt: string
  sendAt: string | null
  senderName: string | null
  serviceSid: string | null
  statusCallbackUrl: string | null
  tags: Record<string, string> | null
  media: MediaView[]
  error: CodeView | null
  /** What the channel said of it. */
  channelDetail: ChannelDetail | null
  steps: Step[]
  /** What is still to be done about it. */
  waits: Waiting[]
  alerts: AlertView[]
  /** The message that it answers or repeats. */
  cause: MessageRow | null
  /** The replies and repeated sends that it caused. */
  effects: MessageRow[]
  /** What may be done again, and what one must know first. */
  replays: { kind: ReplayKind; warning: string | null }[]
}

export type ChannelDetail = { httpStatus?: number; code?: number; subcode?: number; message: string; traceId?: string }

export type MediaView = {
  contentType: string | null
  fileName: string | null
  state: 'waiting' | 'stored' | 'failed' | 'elsewhere'
  /** Ours, signed, for an hour; null while we have no copy. */
  url: string | null
  /** Where it came from. */
  source: string | null
}

/** Work that waits for its time, its turn, or is under way. */
export type Waiting = {
  what: 'callback' | 'send' | 'status' | 'action'
  status: string | null
  /** Tries so far. */
  attempts: number
  /** So much comes first. */
  ahead: number
  /** The next try of what comes first. */
  dueAt: string
  isRunning: boolean
}

/** One thing that happened, in the order of time. */
export type Step = {
  id: string
  kind: 'event' | 'media' | 'exchange' | 'part' | 'status' | 'replay' | 'made'
  at: string
  durationMs: number | null
  outcome: 'good' | 'bad' | 'waiting' | 'plain'
  event?: EventView
  media?: { nth: number; contentType: string | null; state: 'waiting' | 'stored' | 'failed' }
  exchange?: ExchangeView
  part?: PartView
  status?: MessageStatusName
  /** Of a status: what brought it about. */
  cause?: StatusCause
  /** Of a status whose moment is not kept: it was not before `at`, or not after it. */
  bound?: 'not before' | 'not after'
  replay?: { kind: ReplayKind; by: string; madeSid: string | null }
}

export type StatusCause =
  /** A request to the API, or the console's reply box. */
  | 'request'
  /** The answer of a callback URL in TwiML, or of a keyword. */
  | 'reply'
  | 'replayed'
  | 'webhook'
  /** The messaging service has chosen the sender. */
  | 'service'
  | 'schedule'
  | 'firstCall'
  | 'taken'
  | 'delivery'
  | 'read'
  | 'refused'
  | 'noEcho'
  | 'notCalled'
  | 'cancel'

export type EventView = {
  kind: string
  note: string | null
  happenedAt: string
  raw: unknown
  /** It came earlier, and was acted on when somebody asked for it. */
  isReplay: boolean
}

export type ExchangeView = {
  id: string
  purpose: 'callback' | 'fallback' | 'redirect' | 'status'
  /** Of status callbacks: the status that was told. */
  status: string | null
  method: string
  url: string
  requestHeaders: Record<string, string>
  params: Record<string, string>
  /** What the signature in the headers is over. */
  signedString: string
  httpStatus: number | null
  responseHeaders: Record<string, string>
  responseBody: string
  error: CodeView | null
}

/** One call to the channel. */
export type PartView = {
  part: number
  parts: number
  state: 'started' | 'waiting' | 'unknown' | 'sent' | 'failed'
  attempts: number
  channelMessageId: string | null
  deliveredAt: string | null
  readAt: string | null
  /** As it is made from what is kept of the message, secrets masked; null when its content is gone. */
  request: { method: string; url: string; headers: Record<string, string>; body: unknown } | null
  /** Of a failure, what the channel answered last; of a success, the id that it gave. */
  answer: ChannelDetail | { message_id: string } | null
  error: CodeView | null
}

/** A code in plain words; `docs/errors.md` in full at `…/errors#code`. */
export type CodeView = {
  code: number
  title: string
  reason: string | null
  /** Several, where it cannot be told which is meant. */
  meanings: { when: string; todo: string | null }[]
}

/** GET /console/api/error-codes */
export type ErrorCodes = { sections: { title: string; codes: { code: number; when: string; todo: string | null }[] }[] }

export type AlertView = {
  sid: string
  code: number
  level: 'error' | 'warning'
  text: string
  messageSid: string | null
  createdAt: string
  request: { method: string; url: string; params: Record<string, string>; headers: Record<string, string> } | null
  response: { headers: Record<string, string>; body: string } | null
}

/* ---- doing it again ---- */

/** `inbound`: the webhook's event once more, with a new callback. `status`: the last status callback. `send`: anew. */
export type ReplayKind = 'inbound' | 'status' | 'send'

/** POST …/messages/:sid/replay. The same `id` again changes nothing. */
export type Replay = {
  id: string
  kind: ReplayKind
  /** inbound: whether what the callback URL answers is sent to the person. */
  replies?: boolean
}
export type Replayed = { messageSid: string; madeSid: string | null }

/** POST …/replays: all of a filter. GET …/replays/:id tells how far it is; POST …/replays/:id/stop ends it. */
export type ReplayBatch = Replay & { filter: MessageFilter; beforeSid: string; total: number }
export type ReplayProgress = {
  id: string
  kind: ReplayKind
  state: 'running' | 'done' | 'stopped'
  total: number
  done: number
  /** Left alone, as doing it again might reach somebody twice or cannot work. */
  skipped: number
}

/** GET …/messages/:sid/exchanges/:id/curl */
export type CurlCommand = { command: string }
