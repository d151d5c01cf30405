/**
 * What the built-in Messenger's own HTTP API (below `/sandbox/api`) takes and answers: for its chat page, and for
 * anyone who wants to script a conversation. JSON both ways; times are ISO 8601; errors are `{"error": "sentence"}`.
 *
 * GET    /sandbox/api/state                                  → SandboxState
 * POST   /sandbox/api/people                {name}           → Person
 * POST   /sandbox/api/pages                 {name, business?} → Page
 * POST   /sandbox/api/apps                  {name}           → App             a further Meta app, with its secret
 * GET    /sandbox/api/people/:person/threads                 → Thread[]      newest first
 * GET    /sandbox/api/threads/:page/:person                  → ThreadDetail  (:person is Person.id, not a PSID)
 * POST   /sandbox/api/threads/:page/:person/messages   SayRequest      → ThreadMessage   the person writes
 * POST   /sandbox/api/threads/:page/:person/postbacks  PostbackRequest → ThreadMessage   the person taps a button
 * POST   /sandbox/api/threads/:page/:person/start      {ref?}          → ThreadDetail    opened through m.me; a `ref`
 *          is told to the Page at once in a known thread, and with the Get Started tap or first message in a new one.
 *          The tap itself is a postback with the title 'Get Started'; its payload is the Page's own, whatever was given.
 * POST   /sandbox/api/threads/:page/:person/read                       → 204             the person looks at the chat
 * DELETE /sandbox/api/threads/:page/:person/messages/:mid              → 204             the person takes it back
 * PUT    /sandbox/api/threads/:page/:person/blocked    {blocked}       → 204             the person (un)blocks the Page
 * POST   /sandbox/api/uploads               raw bytes, Content-Type    → {url}           a picture to say with `attachments`
 * GET    /sandbox/api/stream?person=:person                  → server-sent events, each `data: StreamEvent`;
 *          without `person`, those of everybody
 * GET    /sandbox/api/login-dialog?…                         → LoginDialog     Facebook's login dialog, with the query
 *          that the dialog's own address has: client_id, redirect_uri, state, scope or config_id. For people it is the
 *          page `/sandbox/dialog/oauth?…`, also `/sandbox/v25.0/dialog/oauth?…`.
 * POST   /sandbox/api/login-dialog?…        LoginDialogAnswer → {location}     where the browser is to go
 *
 * The clock and the dial (`:page` is a Page's id, or `all`):
 * GET    /sandbox/api/clock                                  → Clock
 * POST   /sandbox/api/clock                 {advanceMs} or {to}        → Clock           it moves forward only
 * GET    /sandbox/api/faults?page=                           → Fault[]         those set for the Page, and for all
 * PUT    /sandbox/api/faults/:page/:name    FaultSetting     → Fault           sets it anew; its dice begin again
 * DELETE /sandbox/api/faults/:page/:name                               → 204
 * DELETE /sandbox/api/faults/:page                                     → 204             the Page's own; its token is valid
 * DELETE /sandbox/api/faults                                           → 204             every fault; all tokens are valid
 * PUT    /sandbox/api/pages/:page/token     {state: TokenState}        → 204
 * GET    /sandbox/api/ledger?page=&after=&limit=             → Ledger          what the Pages' apps have sent
 */

/** `id` is the pretend person's own id; to each Page the person is known by another, page-scoped id (PSID). */
export type Person = { id: string; name: string; pictureUrl: string | null }

export type Page = {
  id: string
  name: string
  /** The business portfolio that owns it; null: a person's. */
  business: string | null
  /** The token that a business would get from Facebook Login; connect the Page with it. */
  accessToken: string
  /** Whether an app listens to this Page: it is connected to a gateway. */
  subscribed: boolean
  token: TokenState
  /** Opens a chat with this Page, as m.me would: the chat page with `?page=<id>`, to which `&ref=…` may be added. */
  chatUrl: string
}

export type App = { id: string; name: string; secret: string }

/** `scopes`: the permissions that the app asks for. */
export type LoginDialog = {
  app: Omit<App, 'secret'>
  scopes: string[]
  people: Person[]
  pages: Pick<Page, 'id' | 'name' | 'business'>[]
}

/** What the person may do on a Page: everything; answer messages; publish only. Real ones have it from their Page. */
export type PageRole = 'full' | 'messages' | 'content'

export type LoginDialogAnswer =
  | { cancel: true }
  | { cancel: false; person: string; scopes: string[]; pages: { id: string; role: PageRole }[] }

export type SandboxState = {
  people: Person[]
  pages: Page[]
  /** What to give a program as META_GRAPH_URL, and its app. */
  graphUrl: string
  appId: string
}

export type Attachment =
  | { type: 'image' | 'audio' | 'video' | 'file'; url: string }
  | { type: 'template'; payload: TemplatePayload }

export type TemplateButton =
  | { type: 'web_url'; title: string; url: string }
  | { type: 'postback'; title: string; payload: string }
  | { type: 'phone_number'; title: string; payload: string }

export type TemplatePayload =
  | { template_type: 'button'; text: string; buttons: TemplateButton[] }
  | {
      template_type: 'generic'
      elements: { title: string; subtitle?: string; image_url?: string; buttons?: TemplateButton[] }[]
    }

export type QuickReply = { content_type: string; title?: string; payload?: string; image_url?: string }

export type ThreadMessage = {
  mid: string
  from: 'person' | 'page'
  text: string | null
  attachments: Attachment[]
  quickReplies: QuickReply[]
  sentAt: string
  /** Messages of the Page: when the person's device got it. Else null. */
  deliveredAt: string | null
  /** Messages of the Page: when the person looked. Messages of the person: when the Page marked them as seen. */
  readAt: string | null
  /** Messages of the person: whether the app has taken the webhook; null when no app listens to the Page. */
  webhook: 'pending' | 'accepted' | 'failed' | null
  takenBack: boolean
}

export type Thread = {
  page: Pick<Page, 'id' | 'name'>
  person: Person
  psid: string
  lastMessage: ThreadMessage | null
  unread: number
}

/**
 * `getStarted`: the button that a new thread offers in place of the composer's first word, when the Page has one.
 * `greeting`, `iceBreakers` (new threads only) and `menu` are what the Page set in its Messenger profile; taps on
 * questions and menu items are postbacks.
 */
export type ThreadDetail = Thread & {
  messages: ThreadMessage[]
  typing: boolean
  getStarted: boolean
  blocked: boolean
  greeting: string | null
  iceBreakers: { question: string; payload: string }[]
  menu: TemplateButton[]
}

/** `id`, of one's own choice: the same again in the same chat adds nothing and answers the message that is there. */
export type SayRequest = {
  id?: string
  text?: string
  attachments?: { type: 'image' | 'audio' | 'video' | 'file'; url: string }[]
  /** The payload of the tapped quick reply; `text` is its title. */
  quickReply?: { payload: string }
  replyTo?: string
}

export type PostbackRequest = { id?: string; title: string; payload: string }

export type StreamEvent =
  | { type: 'message'; pageId: string; psid: string; message: ThreadMessage }
  | { type: 'typing'; pageId: string; psid: string; on: boolean }
  | { type: 'state' }

/** Of gateway and built-in Messenger; `offsetMs`: how far ahead of the real time it is. */
export type Clock = { now: string; offsetMs: number }

/** Anything but `valid`: every call with the Page's token is refused with 190 and a subcode of its own. */
export type TokenState = 'valid' | 'expired' | 'password_changed' | 'app_removed' | 'role_lost'

/** `error-CODE-SUBCODE`: the send is refused so, and not kept. */
export type ErrorName =
  | 'error-1'
  | 'error-2'
  | 'error-1200'
  | 'error-4'
  | 'error-17'
  | 'error-32'
  | 'error-341'
  | 'error-613'
  | 'error-80001'
  | 'error-80006'
  | 'error-10'
  | 'error-102'
  | 'error-104'
  | 'error-190'
  | 'error-200'
  | 'error-230'
  | 'error-100-2018001'
  | 'error-551'
  | 'error-200-1545041'
  | 'error-10-2018108'
  | 'error-10-1893015'
  | 'error-10-2018278'
  | 'error-10-2534022'
  | 'error-10-2018065'
  | 'error-100-1893061'
  | 'error-368'
  | 'error-10-1893063'
  | 'error-100-2018008'
  | 'error-100-2018294'
  | 'error-100-2018109'
  | 'error-36000'
  | 'error-100-2018047'
  | 'error-100-2018074'
  | 'error-100-2018320'
  | 'error-194'
  | 'error-100'
  | 'error-100-2534037'
  | 'error-100-2018300'
  | 'error-100-2018321'

/**
 * To messages that a Page sends (sender actions are spared). `slow` waits `ms` before anything else; `reset-before`,
 * `html-500` and the errors keep nothing; after `reset-after`, `bad-answer` (1/1357046) and `not-json` the message is
 * there and its echo follows. `usage` tells `percent` in the usage headers; `limits` refuses what is more than 300 texts
 * or 10 sounds or films in a second (613).
 */
export type SendFaultName =
  | 'slow'
  | 'reset-before'
  | 'html-500'
  | 'reset-after'
  | 'bad-answer'
  | 'not-json'
  | 'usage'
  | 'limits'
  | ErrorName

/**
 * To webhooks. `duplicate` sends so many `times` more, the first one at once; `late` comes after `ms`, and `reorder` just
 * late enough, while later ones of the thread pass; `batch` joins up to `size` events of one app; `echo-first` lets the echo come
 * before the answer of the send; `no-echo` never; `no-mids` leaves the ids out of deliveries; `seconds` writes times in
 * seconds in place of milliseconds.
 */
export type WebhookFaultName =
  | 'duplicate'
  | 'late'
  | 'reorder'
  | 'batch'
  | 'echo-first'
  | 'no-echo'
  | 'no-mids'
  | 'seconds'

export type FaultName = SendFaultName | WebhookFaultName

/**
 * All may be left out. `probability` 0 to 1 (1). `count`: the next so many times, then never more (null: until it is taken
 * away). `seed`: whether it hits the Page's n-th send or event depends on nothing but the seed, the Page's number in the
 * order of making, and n (1). The others each belong to the faults that name them.
 */
export type FaultSetting = {
  probability?: number
  count?: number | null
  seed?: number
  ms?: number
  times?: number
  percent?: number
  size?: number
}

/** `count`: how often it will still happen; `hits`: how often it did. */
export type Fault = FaultSetting & {
  page: string
  name: FaultName
  probability: number
  count: number | null
  seed: number
  hits: number
}

/** In the order of each thread; `next` continues (`after`), null: that was all. */
export type Ledger = {
  messages: LedgerEntry[]
  next: string | null
  /** Of all that was asked for, not of this part alone; only in the first part. `copies`: those too many. */
  totals: { messages: number; copies: number } | null
}

export type LedgerEntry = {
  page: string
  psid: string
  mid: string
  text: string | null
  metadata: string | null
  sentAt: string
  /** The how many-th of the Page's messages in its thread, from 1. */
  order: number
  /** How many messages in the thread have this metadata: more than one is a message sent twice. */
  copies: number
}
