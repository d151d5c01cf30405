/** Basic auth: account SID and auth token, primary or secondary (twilio.md 6.1). Compared in constant time. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import type { AccountSid } from '#core/ids.ts'
import type { Directory } from '#messaging/directory.ts'
import type { Account } from '#store/accounts.ts'

/**
 * Every route of the scope needs credentials, before anything of the body is read. An account in the path must be the
 * credentials' own.
 */
export function authenticateAll(scope: FastifyInstance, directory: Directory): void {
  scope.decorateRequest('accountSid', null)
  scope.addHook('onRequest', async (request) => {
    const sid = await authenticate(directory, request)
    const { accountSid = sid } = request.params as { accountSid?: string }
    if (accountSid !== sid) throw new ApiError('unauthenticated')
    request.setDecorator<AccountSid>('accountSid', sid)
  })
}

/** The account that the request's credentials belong to. */
export const accountOf = (request: FastifyRequest): AccountSid => request.getDecorator<AccountSid>('accountSid')

/** Throws 401 for anything but an account's credentials, 403 for an account that is not active. */
async function authenticate(directory: Directory, request: FastifyRequest): Promise<AccountSid> {
  const { user, password } = readBasic(request.headers.authorization)
  // A SID that cannot be one costs no query.
  const account = /^AC[0-9a-f]{32}$/.test(user) ? await directory.account(user) : undefined
  const given = hash('sha256', password, 'buffer')
  const right = digestsOf(account).map((known) => timingSafeEqual(given, known))
  if (!account || !password || !right.includes(true)) throw new ApiError('unauthenticated')
  if (account.status !== 'active') throw new ApiError('account_suspended')
  return account.sid
}

function readBasic(header: string | undefined): { user: string; password: string } {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=_-]{1,512})$/i.exec(header ?? '') ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? { user: '', password: '' } : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

const digests = new WeakMap<Account, Buffer[]>()
const NOBODY = [hash('sha256', randomBytes(32), 'buffer')]

/** Of the primary and the secondary token: equal lengths, so that a comparison takes equal time. */
function digestsOf(account: Account | undefined): Buffer[] {
  if (!account) return NOBODY
  const known = digests.get(account)
  if (known) return known
  const { authToken, secondaryAuthToken } = account
  const made = [authToken, ...(secondaryAuthToken ? [secondaryAuthToken] : [])].map((t) => hash('sha256', t, 'buffer'))
  digests.set(account, made)
  return made
}
