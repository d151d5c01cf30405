/**
 * Signing in and out, and the one-time links that begin it. Attempts are limited by e-mail and by address; an answer
 * never tells whether an e-mail address is known here.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Id, newId } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { findAccount } from '#store/accounts.ts'
import { insertAuditEntry } from '#store/audit.ts'
import { listReached, saveMembership } from '#store/memberships.ts'
import {
  endOtherSessions,
  endPasswordLinks,
  endSession,
  findLink,
  insertSession,
  SESSION_DAYS,
  type SignInLink,
  spendLink,
} from '#store/sessions.ts'
import { findUser, findUserByEmail, insertUser, savePassword, type User } from '#store/users.ts'
import { attempt, forgetAttempts, ofCode, ofEmail } from './attempts.ts'
import type { LinkView, Me, SignInAnswer } from './contract.ts'
import { hashPassword, isPassword, newSecret, passwordProblem } from './passwords.ts'
import { rightsOf } from './roles.ts'
import { COOKIE, Refusal, type Routes, visitorOf } from './route.ts'
import { isSecondFactor } from './two-factor.ts'
import { auditUser } from './user-audit.ts'

const short = Type.String({ maxLength: 400 })
const Credentials = Type.Object({ email: short, password: short })
const Code = Type.Object({ code: short })
const UseLinkBody = Type.Object({ name: Type.Optional(short), password: Type.Optional(short) })

export function signInRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow

  add({ method: 'POST', url: '/session', needs: 'signed out', body: Credentials }, async ({ raw, reply, body }) => {
    const { email, password } = body
    const user = await attempt(flow, raw, ofEmail(email), async () => {
      const known = await findUserByEmail(sql, vault, email)
      return (await isPassword(password, known?.passwordHash)) && known ? known : false
    })
    if (!user) throw new Refusal(401, 'The e-mail address or the password is not right')
    const pending = user.totpSecret !== null
    await beginSession(flow, raw, reply, user.id, pending)
    if (pending) return { next: 'second factor' } satisfies SignInAnswer
    await forgetAttempts(flow, ofEmail(email))
    return { next: 'done', me: await meOf(flow, user) } satisfies SignInAnswer
  })

  add(
    { method: 'POST', url: '/session/second-factor', needs: 'signed out', body: Code },
    async ({ raw, reply, body }) => {
      const visitor = await visitorOf(flow, raw)
      if (!visitor?.session.pending) throw new Refusal(401, 'Please sign in again')
      const { user, session } = visitor
      if (!(await attempt(flow, raw, ofCode(user.id), () => isSecondFactor(flow, user, body.code)))) {
        throw new Refusal(401, 'This code is not right, or was used before', 'code')
      }
      // A new name for the session: the one that was known before the second factor is worth nothing.
      await endSession(sql, user.id, session.id)
      await beginSession(flow, raw, reply, user.id, false)
      await forgetAttempts(flow, ofEmail(user.email), ofCode(user.id))
      return { next: 'done', me: await meOf(flow, user) } satisfies SignInAnswer
    },
  )

  add({ method: 'GET', url: '/session', needs: 'signed in' }, ({ visitor }) => meOf(flow, visitor.user))

  add({ method: 'DELETE', url: '/session', needs: 'signed out' }, async ({ raw, reply }) => {
    const visitor = await visitorOf(flow, raw)
    if (visitor) await endSession(sql, visitor.user.id, visitor.session.id)
    reply.clearCookie(COOKIE, { path: '/' })
  })

  add({ method: 'GET', url: '/links/:token', needs: 'signed out' }, async ({ params }): Promise<LinkView> => {
    const { link, user, email } = await linkOf(flow, params.token)
    return {
      purpose: link.purpose,
      email,
      known: user?.passwordHash != null && link.purpose === 'join',
      ...(link.accountSid && {
        accountName: (await findAccount(sql, vault, link.accountSid))?.friendlyName ?? link.accountSid,
      }),
      ...(link.role && { role: link.role }),
    }
  })

  add(
    { method: 'POST', url: '/links/:token', needs: 'signed out', body: UseLinkBody },
    async ({ raw, reply, params, body }) => {
      const { link, user, email } = await linkOf(flow, params.token)
      const joinsOnly = link.purpose === 'join' && user?.passwordHash != null
      // Who has the link shows nothing but that they have it: for a person who is known here the password says who it is.
      if (joinsOnly) {
        const visitor = await visitorOf(flow, raw)
        if (visitor?.user.id !== user.id || visitor.session.pending) {
          throw new Refusal(401, `Sign in as ${email} first, then open this link again`)
        }
      }
      const problem = joinsOnly ? undefined : passwordProblem(body.password ?? '', email)
      if (problem) throw new Refusal(400, problem, 'password')
      const passwordHash = joinsOnly ? null : await hashPassword(body.password ?? '')
      const userId = await sql.begin(async (tx) => {
        if (!(await spendLink(tx, link.id))) throw new Refusal(410, GONE)
        const id = user?.id ?? newId()
        const name = (body.name ?? '').trim().slice(0, 100)
        if (!user && !(await insertUser(tx, { id, email, name, passwordHash }))) {
          throw new Refusal(409, `${email} has joined another account meanwhile: open this link again`)
        }
        if (user && passwordHash) {
          await savePassword(tx, id, passwordHash)
          // Whoever knew the old password, or has an older link, is out.
          await endOtherSessions(tx, id, null)
          await endPasswordLinks(tx, id)
          await auditUser(tx, user, raw.ip, 'user.password-changed', { after: { by: `the ${link.purpose} link` } })
        }
        if (link.purpose === 'join' && link.accountSid && link.role) {
          await saveMembership(tx, link.accountSid, id, link.role)
          await insertAuditEntry(tx, {
            accountSid: link.accountSid,
            actor: { type: 'user', id, name: body.name || email, address: raw.ip },
            source: 'console',
            eventType: 'member.joined',
            resourceType: 'member',
            resourceSid: id,
            after: { email, role: link.role },
          })
        }
        return id
      })
      const known = (await findUser(sql, vault, userId)) as User
      if (!joinsOnly) await beginSession(flow, raw, reply, userId, known.totpSecret !== null)
      if (!joinsOnly && known.totpSecret !== null) return { next: 'second factor' } satisfies SignInAnswer
      return { next: 'done', me: await meOf(flow, known) } satisfies SignInAnswer
    },
  )
}

const GONE = 'This link has been used or is too old. Ask for a new one.'

async function linkOf(
  { sql, vault }: Flow,
  token = '',
): Promise<{ link: SignInLink; user: User | undefined; email: string }> {
  const link = token.length < 200 ? await findLink(sql, token) : undefined
  if (!link) throw new Refusal(410, GONE)
  const user = link.userId
    ? await findUser(sql, vault, link.userId)
    : await findUserByEmail(sql, vault, link.email ?? '')
  const email = user?.email ?? link.email
  if (!email) throw new Refusal(410, GONE)
  return { link, user, email }
}

async function beginSession(
  flow: Flow,
  request: FastifyRequest,
  reply: FastifyReply,
  userId: Id,
  pending: boolean,
): Promise<void> {
  const token = newSecret()
  const userAgent = request.headers['user-agent'] ?? ''
  await insertSession(flow.sql, { id: newId(), token, userId, pending, userAgent, address: request.ip })
  reply.setCookie(COOKIE, token, {
    path: '/',
    httpOnly: true,
    // Facebook's dialog leads back here: that visit is still the person's own.
    sameSite: 'lax',
    secure: flow.publicUrl.startsWith('https:'),
    maxAge: SESSION_DAYS * 86_400,
  })
}

export async function meOf({ sql }: Flow, user: User): Promise<Me> {
  const accounts = await listReached(sql, user.id)
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    twoFactor: user.totpSecret !== null,
    recoveryCodesLeft: user.recoveryCodes.length,
    accounts: accounts.map(({ sid, parentSid, friendlyName, status, role }) => {
      return { sid, parentSid, name: friendlyName, status, role, rights: [...rightsOf(role)] }
    }),
  }
}
