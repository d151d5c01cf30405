/**
 * What the built-in Messenger's own HTTP API (below `/sandbox/api`) takes and answers: for its chat page, and for
 * anyone who wants to script a conversation. JSON both ways; times are ISO 8601; errors are `{"error": "sentence"}`.
 *
 * GET    /sandbox/api/state                                  → SandboxState
 * POST   /sandbox/api/people                {name}           → Person
 * POST   /sandbox/api/pages                 {name}           → Page
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
 */

/** `id` is the pretend person's own id; to each Page the person is known by another, page-scoped id (PSID). */
export type Person = { id: string; name: string; pictureUrl: string | null }

export type Page = {
  id: string
  name: string
  /** The token that a business would get from Facebook Login; connect the Page with it. */
  accessToken: string
  /** Whether an app listens to this Page: it is connected to a gateway. */
  subscribed: boolean
  /** Opens a chat with this Page, as m.me would: the chat page with `?page=<id>`, to which `&ref=…` may be added. */
  chatUrl: string
}

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
  /** Messages of the Page: when the person's device got it and when the person looked. Else null. */
  deliveredAt: string | null
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

export type SayRequest = {
  text?: string
  attachments?: { type: 'image' | 'audio' | 'video' | 'file'; url: string }[]
  /** The payload of the tapped quick reply; `text` is its title. */
  quickReply?: { payload: string }
  replyTo?: string
}

export type PostbackRequest = { title: string; payload: string }

export type StreamEvent =
  | { type: 'message'; pageId: string; psid: string; message: ThreadMessage }
  | { type: 'typing'; pageId: string; psid: string; on: boolean }
  | { type: 'state' }
