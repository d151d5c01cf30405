/** A person's own affairs: name, password, second factor, signed-in browsers. */
import { Type } from 'typebox'
import type { Id } from '#core/ids.ts'
import { endOtherSessions, endPasswordLinks, endSession, listSessions } from '#store/sessions.ts'
import { findUser, saveName, savePassword, saveSecondFactor, type User } from '#store/users.ts'
import { attempt, ofCode, ofPassword } from './attempts.ts'
import type { RecoveryCodes, SessionView } from './contract.ts'
import { hashPassword, hashRecoveryCode, isPassword, newRecoveryCodes, passwordProblem } from './passwords.ts'
import { Refusal, type Routes } from './route.ts'
import { meOf } from './sign-in.ts'
import { isSecondFactor, startTwoFactor, stepOf } from './two-factor.ts'
import { auditUser } from './user-audit.ts'

const TWO_FACTOR_ON = { before: { twoFactor: false }, after: { twoFactor: true } }

const short = Type.String({ maxLength: 400 })

export function meRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const again = async (id: Id) => meOf(flow, (await findUser(sql, vault, id)) as User)

  add(
    { method: 'PATCH', url: '/me', needs: 'signed in', body: Type.Object({ name: short }) },
    async ({ raw, visitor: { user }, body }) => {
      const name = body.name.trim()
      if (name === '' || name.length > 100) throw new Refusal(400, 'The name needs 1 to 100 characters', 'name')
      await sql.begin(async (tx) => {
        await saveName(tx, user.id, name)
        await auditUser(tx, user, raw.ip, 'user.renamed', { before: { name: user.name }, after: { name } })
      })
      return again(user.id)
    },
  )

  add(
    { method: 'POST', url: '/me/password', needs: 'signed in', body: Type.Object({ current: short, password: short }) },
    async ({ raw, visitor: { user, session }, body }) => {
      if (!(await attempt(flow, raw, ofPassword(user.id), () => isPassword(body.current, user.passwordHash)))) {
        throw new Refusal(400, 'This is not your current password', 'current')
      }
      const problem = passwordProblem(body.password, user.email)
      if (problem) throw new Refusal(400, problem, 'password')
      const passwordHash = await hashPassword(body.password)
      await sql.begin(async (tx) => {
        await savePassword(tx, user.id, passwordHash)
        await endOtherSessions(tx, user.id, session.id)
        await endPasswordLinks(tx, user.id)
        await auditUser(tx, user, raw.ip, 'user.password-changed', {})
      })
    },
  )

  add({ method: 'POST', url: '/me/two-factor', needs: 'signed in' }, async ({ visitor: { user } }) => {
    if (user.totpSecret !== null) throw new Refusal(409, 'Two-factor sign-in is on already')
    return startTwoFactor(user.email)
  })

  add(
    {
      method: 'POST',
      url: '/me/two-factor/confirm',
      needs: 'signed in',
      body: Type.Object({ secret: short, code: short }),
    },
    async ({ raw, visitor: { user }, body }): Promise<RecoveryCodes> => {
      if (user.totpSecret !== null) throw new Refusal(409, 'Two-factor sign-in is on already')
      const step = stepOf(body.secret, user.email, body.code.replaceAll(/\s/g, ''))
      if (step === undefined) {
        throw new Refusal(400, "This code is not right: is your phone's clock right? Try the next one", 'code')
      }
      const codes = newRecoveryCodes()
      await sql.begin(async (tx) => {
        await saveSecondFactor(tx, vault, user.id, body.secret, codes.map(hashRecoveryCode), step)
        await auditUser(tx, user, raw.ip, 'user.two-factor-on', TWO_FACTOR_ON)
      })
      return { codes }
    },
  )

  add(
    { method: 'POST', url: '/me/two-factor/remove', needs: 'signed in', body: Type.Object({ code: short }) },
    async ({ raw, visitor: { user }, body }) => {
      if (!(await attempt(flow, raw, ofCode(user.id), () => isSecondFactor(flow, user, body.code)))) {
        throw new Refusal(400, 'This code is not right', 'code')
      }
      await sql.begin(async (tx) => {
        await saveSecondFactor(tx, vault, user.id, null, [])
        const { before: after, after: before } = TWO_FACTOR_ON
        await auditUser(tx, user, raw.ip, 'user.two-factor-off', { before, after })
      })
      return again(user.id)
    },
  )

  add({ method: 'GET', url: '/me/sessions', needs: 'signed in' }, async ({ visitor }): Promise<SessionView[]> => {
    const sessions = await listSessions(sql, visitor.user.id)
    return sessions.map(({ id, userAgent, address, seenAt, createdAt }) => ({
      id,
      userAgent,
      address,
      seenAt: seenAt.toISOString(),
      createdAt: createdAt.toISOString(),
      current: id === visitor.session.id,
    }))
  })

  add({ method: 'DELETE', url: '/me/sessions/:id', needs: 'signed in' }, async ({ visitor, params }) => {
    const { id = '' } = params
    if (!/^[0-9a-f-]{36}$/.test(id) || !(await endSession(sql, visitor.user.id, id as Id))) {
      throw new Refusal(404, 'This session has ended already')
    }
  })
}
