/** Channels: the catalogue, Pages as instances of one, Facebook Login, Meta apps. Below `/console/api/accounts/:accountSid`. */

/** GET /channels. POST and DELETE /channels/:channel/install → 204; 409 while it has senders. */
export type ChannelCard = {
  name: string
  offered: boolean
  installed: boolean
  senders: number
  limit: number
  /** How many of the senders need somebody. */
  troubled: number
}

/** GET /channels/trouble: senders that need somebody now, whatever page one looks at. */
export type SenderTroubleView = { sid: string; name: string; text: string }

export type FindingLevel = 'good' | 'info' | 'warning' | 'bad'

/** `at`: when what the text tells happened. */
export type FindingView = { check: string; level: FindingLevel; text: string; advice: string | null; at?: string }

/** Null: not looked at yet. */
export type Health = { checkedAt: string; level: FindingLevel; findings: FindingView[] } | null

export type SenderStatus = 'CREATING' | 'ONLINE' | 'OFFLINE'

/** GET /channels/messenger/senders */
export type SenderList = { senders: SenderRow[]; limit: number }
export type SenderRow = {
  sid: string
  pageId: string
  name: string
  uniqueName: string | null
  status: SenderStatus
  callbackUrl: string | null
  /** The messaging service that it is in. */
  service: string | null
  health: Health
}

export type HttpMethod = 'GET' | 'POST'
export type OutsideWindow = 'account_update' | 'human_agent' | 'refuse'

export type OptOutView = {
  enabled?: boolean
  stopKeywords?: string[]
  startKeywords?: string[]
  helpKeywords?: string[]
  stopText?: string
  startText?: string
  helpText?: string
}

export type SenderSettingsView = {
  uniqueName: string | null
  callbackUrl: string | null
  callbackMethod: HttpMethod
  fallbackUrl: string | null
  fallbackMethod: HttpMethod
  statusCallbackUrl: string | null
  statusCallbackMethod: HttpMethod
  outsideWindow: OutsideWindow
  /** Null: the defaults. */
  optOut: OptOutView | null
}

/** GET /channels/messenger/senders/:sid. PUT …/:sid takes `SenderSettingsView`. DELETE …/:sid → 204. */
export type SenderView = SenderSettingsView & {
  sid: string
  pageId: string
  name: string
  /** `messenger:<page id>` */
  address: string
  /** `https://m.me/<page id>`, and as a QR code in SVG. */
  link: string
  qrSvg: string
  status: SenderStatus
  offlineReason: string | null
  app: { id: string; name: string | null }
  /** The pool that it is in; `decides`: its URLs count, not the sender's own. */
  service: { sid: string; name: string; decides: boolean } | null
  optOutDefaults: Required<OptOutView>
  health: Health
  createdAt: string
  updatedAt: string
}

/** POST /channels/messenger/senders. A Page that Facebook Login found, or whose token is pasted. */
export type ConnectSender = SenderSettingsView & { pageId?: string; accessToken?: string; appId?: string }

/** POST …/:sid/reconnect. Without a token: the one that Facebook Login found. POST …/:sid/subscribe: with the one it has. */
export type Reconnect = { accessToken?: string }

/** POST /channels/callback-url: whether a URL may be set. Null: it may. */
export type UrlCheck = { url: string }
export type UrlChecked = { problem: string | null }

/**
 * GET /channels/messenger/login?sender=&app= leads to Facebook; from there one comes back to the page of the instance, or
 * of a new one. GET /channels/messenger/pages?sender=&app=: what the last login of this browser gave, for an hour.
 */
export type FoundPages = {
  /** Where the login begins; null when it cannot, for which `blocked` says why. */
  loginUrl: string | null
  blocked: string | null
  /** The last one; null: there was none. `sender`: the one that it was to connect again. */
  login: { at: string; sender: string | null; userName: string; problem: string | null; missing: string[] } | null
  pages: FoundPage[]
}
/** `obstacle`: why it cannot be chosen. */
export type FoundPage = { id: string; name: string; obstacle: string | null }

/** POST …/:sid/check → Health. POST …/:sid/test → TestResult: calls the customer's server when somebody asks for it. */
export type CallbackName = 'callback' | 'fallback' | 'statusCallback'
export type TestRequest = { which: CallbackName }
export type TestResult = {
  exchanges: {
    method: string
    url: string
    requestHeaders: Record<string, string>
    requestParams: Record<string, string>
    status: number | null
    responseHeaders: Record<string, string>
    responseBody: string
    durationMs: number
  }[]
  problem: { code: number; reason: string } | null
  replies: string[]
  warnings: { code: number; text: string }[]
  /** Whether the server refused the same request with a wrong signature; null: not tried. */
  forgeryRefused: boolean | null
}

/** GET /meta-apps. POST /meta-apps takes `MetaAppChange` → MetaAppSaved. DELETE /meta-apps/:appId → 204. */
export type MetaApps = { apps: MetaAppView[]; redirectUrl: string }
export type MetaAppView = {
  id: string
  name: string | null
  owner: 'installation' | 'parent' | 'own'
  webhookUrl: string
  loginConfigId: string | null
  /** Pages that work through it, also of other accounts. */
  senders: number
}
/** Without a verify token one is made up. */
export type MetaAppChange = { appId: string; appSecret: string; verifyToken?: string; loginConfigId?: string }
/** `subscribed`: Meta sends the app's events here now; else `problem` says why not, and it is to be done by hand. */
export type MetaAppSaved = { app: MetaAppView; subscribed: boolean; problem: string | null }
/** GET /meta-apps/:appId/verify-token */
export type VerifyToken = { verifyToken: string }
