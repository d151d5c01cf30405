/** The account itself, its tokens and keys, and its subaccounts. */

/** GET and PATCH /console/api/accounts/:accountSid/settings */
export type AccountSettings = {
  sid: string
  friendlyName: string
  status: 'active' | 'suspended' | 'closed'
  parentSid: string | null
  createdAt: string
  /** When the secondary token was made; null: there is none. */
  secondaryTokenSince: string | null
}
export type AccountSettingsChange = { friendlyName: string }

/** GET and PUT /console/api/accounts/:accountSid/settings/notices */
export type AccountNotices = {
  /** Is told of every new alert; null: nobody is. */
  debuggerUrl: string | null
  /** Who may load media by its URL: whoever has it, API credentials only, or holders of a signed URL too. */
  mediaAccess: 'public' | 'auth' | 'signed'
}

/** POST …/settings/tokens/show: asked for on purpose, and written into the audit trail. */
export type AuthTokens = { primary: string; secondary: string | null }

/** GET and POST …/keys, PATCH and DELETE …/keys/:sid */
export type ApiKeyView = { sid: string; kind: 'main' | 'standard'; friendlyName: string; createdAt: string }
export type NewApiKey = { friendlyName: string; kind: 'main' | 'standard' }
/** The secret is shown once. */
export type MadeApiKey = ApiKeyView & { secret: string }

/** GET and POST …/subaccounts, POST …/subaccounts/:sid/status */
export type Subaccount = {
  sid: string
  friendlyName: string
  status: 'active' | 'suspended' | 'closed'
  createdAt: string
  pages: number
}
export type NewSubaccount = { friendlyName: string }
export type SubaccountStatus = { status: 'active' | 'suspended' | 'closed' }
