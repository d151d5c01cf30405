/**
 * Basic auth: account SID and auth token, primary or secondary, or API key SID and secret (twilio.md 6.1). Compared in
 * constant time.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { type AccountSid, fromSid, type Id } from '#core/ids.ts'
import type { Directory } from '#messaging/directory.ts'
import type { Account } from '#store/accounts.ts'
import type { ApiKey } from '#store/api-keys.ts'

/** Whose credentials came, and of which kind. */
export type Caller = { accountSid: AccountSid; by: 'token' | `${ApiKey['kind']} key`; keyId: Id | null }

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Also for subaccounts that are suspended or closed: their parent manages them here. */
    servesInactive?: true
    /** Whether this request needs no credentials. `accountOf` and `callerOf` know nothing then. */
    isOpen?: (request: FastifyRequest) => Promise<boolean>
  }
}

/**
 * Every route of the scope needs credentials, before anything of the body is read. An account in the path must be the
 * credentials' own or a subaccount of it. Of a subaccount that is not active its parent may only read.
 */
export function authenticateAll(scope: FastifyInstance, directory: Directory): void {
  const authenticate = createAuthenticate(directory)
  scope.decorateRequest('accountSid', null)
  scope.decorateRequest('caller', null)
  scope.addHook('onRequest', async (request) => {
    if (await request.routeOptions.config.isOpen?.(request)) return
    const caller = await authenticate(request.headers.authorization)
    const { accountSid = caller.accountSid } = request.params as { accountSid?: AccountSid }
    if (accountSid !== caller.accountSid) {
      const subaccount = /^AC[0-9a-f]{32}$/.test(accountSid) ? await directory.account(accountSid) : undefined
      if (subaccount?.parentSid !== caller.accountSid) throw new ApiError('unauthenticated')
      const reads = request.method === 'GET' || request.method === 'HEAD'
      const mayUse = subaccount.isActive || reads || request.routeOptions.config.servesInactive
      if (!mayUse) throw new ApiError('account_suspended')
    }
    request.setDecorator<Caller>('caller', caller)
    request.setDecorator<AccountSid>('accountSid', accountSid)
  })
}

/** Standard keys may not manage accounts and keys: Twilio answers as to wrong credentials (its page on 20003, 2026). */
export function refuseStandardKeys(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (request) => {
    if (callerOf(request).by === 'standard key') throw new ApiError('unauthenticated')
  })
}

/** The account that the request is about: the credentials' own, or in the path a subaccount of it. */
export const accountOf = (request: FastifyRequest): AccountSid => request.getDecorator<AccountSid>('accountSid')

export const callerOf = (request: FastifyRequest): Caller => request.getDecorator<Caller>('caller')

type Credentials = { sid: string; keyId: Id | undefined; digest: Buffer }

const MAX_REMEMBERED = 1000

/** Throws 401 for anything but an account's credentials, 403 for an account that is not active. */
function createAuthenticate(directory: Directory): (header: string | undefined) => Promise<Caller> {
  /**
   * What headers that were right hold: decoding and hashing them is most of the work here. Whether one is still right is
   * decided anew each time. It is found by a hash of all its characters, so that the time tells nothing of near misses.
   */
  const remembered = new Map<string, Credentials>()
  return async (header = '') => {
    const known = remembered.get(header)
    const credentials = known ?? readBasic(header)
    if (!credentials) throw new ApiError('unauthenticated')
    const { sid, keyId, digest } = credentials
    const key = keyId && (await directory.apiKey(keyId))
    const owner = keyId ? key?.accountSid : sid
    const account = owner === undefined ? undefined : await directory.account(owner)
    const right = (key ? [key.secretDigest] : digestsOf(account)).map((each) => timingSafeEqual(digest, each))
    if (!account || !right.includes(true)) {
      remembered.delete(header)
      throw new ApiError('unauthenticated')
    }
    if (!account.isActive) throw new ApiError('account_suspended')
    if (!known) {
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      remembered.set(header, credentials)
    }
    return { accountSid: account.sid, by: key ? `${key.kind} key` : 'token', keyId: key?.id ?? null }
  }
}

/** Undefined for what cannot be a SID and a secret: that costs no query. */
function readBasic(header: string): Credentials | undefined {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=_-]{1,512})$/i.exec(header) ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const [, sid, secret] = /^((?:AC|SK)[0-9a-f]{32}):(.+)$/s.exec(text) ?? []
  return sid && secret ? { sid, keyId: fromSid(sid, 'SK'), digest: sha256(secret) } : undefined
}

const digests = new WeakMap<Account, Buffer[]>()
const NOBODY = [sha256(randomBytes(32))]

/** Of the primary and the secondary token: equal lengths, so that a comparison takes equal time. */
function digestsOf(account: Account | undefined): Buffer[] {
  if (!account) return NOBODY
  const known = digests.get(account)
  if (known) return known
  const { authToken, secondaryAuthToken } = account
  const made = [authToken, ...(secondaryAuthToken ? [secondaryAuthToken] : [])].map(sha256)
  digests.set(account, made)
  return made
}

function sha256(secret: string | Buffer): Buffer {
  return hash('sha256', secret, 'buffer')
}
