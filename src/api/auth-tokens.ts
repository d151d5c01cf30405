/** Rotation of an account's auth token: a second one beside it, which then takes its place (twilio.md 6.4). */
import type { FastifyInstance } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { newAuthToken } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import {
  type Account,
  addSecondaryToken,
  findAccount,
  promoteSecondaryToken,
  removeSecondaryToken,
} from '#store/accounts.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { iso8601 } from './dates.ts'

const SECONDARY = '/accounts/v1/AuthTokens/Secondary'
const PROMOTE = '/accounts/v1/AuthTokens/Promote'

export function authTokenRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post(SECONDARY, async (request, reply) => {
    const sid = accountOf(request)
    const token = newAuthToken()
    const createdAt = await addSecondaryToken(flow.sql, flow.vault, sid, token)
    if (!createdAt) {
      throw new ApiError('conflict', 'The account has a secondary auth token: promote or delete it first')
    }
    flow.directory.forget()
    return reply.code(201).send({
      account_sid: sid,
      date_created: iso8601(createdAt),
      date_updated: iso8601(createdAt),
      secondary_auth_token: token,
      url: flow.publicUrl + SECONDARY,
    })
  })

  scope.delete(SECONDARY, async (request, reply) => {
    const sid = accountOf(request)
    if (!(await removeSecondaryToken(flow.sql, sid))) throw notFound(request)
    flow.directory.forget()
    return reply.code(204).send()
  })

  scope.post(PROMOTE, async (request) => {
    const sid = accountOf(request)
    if (!(await promoteSecondaryToken(flow.sql, sid))) throw notFound(request)
    flow.directory.forget()
    const account = (await findAccount(flow.sql, flow.vault, sid)) as Account
    return {
      account_sid: sid,
      auth_token: account.authToken,
      date_created: iso8601(account.updatedAt),
      date_updated: iso8601(account.updatedAt),
      url: flow.publicUrl + PROMOTE,
    }
  })
}
