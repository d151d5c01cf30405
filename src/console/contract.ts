/**
 * What the console's HTTP API takes and answers, as types for the browser (`web/`). No value lives here, and nothing
 * secret ever passes without a sign-in. One file per area in `contract/`.
 *
 * GET /console/api/shell   → Shell   open to everybody
 */

/** What the pages need before anybody has signed in. */
export type Shell = {
  version: string
  /** The base URL for API clients, without a slash at its end. */
  publicUrl: string
  /** Whether the built-in Messenger is served at `/sandbox/`. */
  sandbox: boolean
}

/** What a role allows; see `roles.ts`. */
export type Right = 'view' | 'reply' | 'configure' | 'secrets' | 'people' | 'accounts' | 'owner'
export type RoleName = 'owner' | 'admin' | 'developer' | 'support' | 'read-only'

/** Every refusal: a sentence; the input that is meant; Twilio's code, where there is one. */
export type Problem = { error: string; field?: string; code?: number }

/** Lists come in pages; `next` is given back as `?after=` for the one that follows. */
export type Page<Item> = { items: Item[]; next: string | null }

/* ---- /console/api/session ---- */

/** POST /session. A second factor may be asked for: POST /session/second-factor. */
export type SignIn = { email: string; password: string }
export type SecondFactor = { code: string }
export type SignInAnswer = { next: 'second factor' } | { next: 'done'; me: Me }

/** GET /session: 401 when nobody is signed in. */
export type Me = {
  id: string
  email: string
  name: string
  twoFactor: boolean
  recoveryCodesLeft: number
  accounts: AccountChoice[]
}

export type AccountChoice = {
  sid: string
  parentSid: string | null
  name: string
  status: 'active' | 'suspended' | 'closed'
  role: RoleName
  rights: Right[]
}

/** GET and POST /links/:token: the one-time links for the first sign-in, an invitation, a forgotten password. */
export type LinkView = {
  purpose: 'setup' | 'join' | 'password'
  email: string
  /** join */
  accountName?: string
  role?: RoleName
  /** The person has an account here already and only joins: no name, no new password. */
  known: boolean
}
export type UseLink = { name?: string; password?: string }

/* ---- /console/api/me ---- */

export type ProfileChange = { name: string }
export type PasswordChange = { current: string; password: string }
/** POST /me/two-factor begins: the code is confirmed by POST /me/two-factor/confirm, which answers recovery codes. */
export type TwoFactorStart = { secret: string; uri: string; qrSvg: string }
export type TwoFactorConfirm = { secret: string; code: string }
export type RecoveryCodes = { codes: string[] }
export type SessionView = {
  id: string
  userAgent: string
  address: string
  seenAt: string
  createdAt: string
  current: boolean
}

/* ---- /console/api/accounts/:accountSid/people ---- */

export type People = { members: MemberView[]; invitations: InvitationView[] }
export type MemberView = { id: string; email: string; name: string; role: RoleName; twoFactor: boolean; since: string }
export type InvitationView = { id: string; email: string; role: RoleName; createdAt: string; expiresAt: string }
/** POST …/people/invitations. The link is shown once: it is sent by hand. */
export type Invite = { email: string; role: RoleName }
export type Invited = InvitationView & { url: string }

/* ---- /console/api/accounts/:accountSid/audit ---- */

export type AuditView = {
  id: string
  at: string
  actor: string
  actorType: 'user' | 'account' | 'key' | 'system'
  address: string | null
  source: 'console' | 'api' | 'system'
  eventType: string
  resourceType: string
  resourceSid: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
}
