/** Basic auth: account SID and auth token, primary or secondary (twilio.md 6.1). Compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import type { AccountSid } from '#core/ids.ts'
import type { Directory } from '#messaging/directory.ts'

/** The account that the credentials belong to. Throws 401 for anything else, 403 for an account that is not active. */
export async function authenticate(directory: Directory, request: FastifyRequest): Promise<AccountSid> {
  const { user, password } = readBasic(request.headers.authorization)
  // A SID that cannot be one costs no query.
  const account = /^AC[0-9a-f]{32}$/.test(user) ? await directory.account(user) : undefined
  const primary = sameSecret(password, account?.authToken ?? '')
  const secondary = sameSecret(password, account?.secondaryAuthToken ?? '')
  if (!account || !password || !(primary || secondary)) throw new ApiError('unauthenticated')
  if (account.status !== 'active') throw new ApiError('account_suspended')
  return account.sid
}

/** Also the account in the path must be the credentials' own. */
export async function authenticatePath(directory: Directory, request: FastifyRequest): Promise<AccountSid> {
  const sid = await authenticate(directory, request)
  if ((request.params as { accountSid?: string }).accountSid !== sid) throw new ApiError('unauthenticated')
  return sid
}

function readBasic(header: string | undefined): { user: string; password: string } {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=_-]{1,512})$/i.exec(header ?? '') ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? { user: '', password: '' } : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function sameSecret(given: string, known: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(known)) && known !== ''
}
