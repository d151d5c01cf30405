/** IAM v1 Keys: the same keys as in the 2010 API, of the credentials' own account (twilio.md 6.3). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { createApiKey } from '#messaging/api-keys.ts'
import type { Flow } from '#messaging/flow.ts'
import { listApiKeys } from '#store/api-keys.ts'
import { accountOf } from './authenticate.ts'
import { type Form, formOf, readQuery } from './form.ts'
import { readFriendlyName } from './form-values.ts'
import { keyJson, keyOf, remove, rename, sidOf } from './keys.ts'
import { metaOf, readPage, toPage } from './paging.ts'

const LIST = '/iam/v1/Keys'
const ITEM = `${LIST}/:sid`

export function iamKeyRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post(LIST, async (request, reply) => {
    const form = formOf(request)
    checkAccount(request, form)
    refusePolicy(form)
    const { key, secret } = await createApiKey(flow, accountOf(request), readFriendlyName(form) ?? '')
    return reply.code(201).send({ ...keyJson(key), secret, policy: null })
  })

  scope.get(LIST, async (request) => {
    checkAccount(request, readQuery(request.url))
    const page = readPage(request.url, ['SK'])
    const found = await listApiKeys(flow.sql, accountOf(request), page.edge, page.size + 1)
    const { items, ...links } = toPage(flow.publicUrl + LIST, page, found, sidOf)
    return { keys: items.map(keyJson), meta: metaOf('keys', page, links) }
  })

  scope.get(ITEM, async (request) => ({ ...keyJson(await keyOf(flow, request)), policy: null }))

  scope.post(ITEM, async (request) => {
    refusePolicy(formOf(request))
    return { ...keyJson(await rename(flow, request)), policy: null }
  })

  scope.delete(ITEM, async (request, reply) => {
    await remove(flow, request)
    return reply.code(204).send()
  })
}

/** There are no restricted keys here, and none may do more than was asked for. */
function refusePolicy(form: Form): void {
  if (!form.one('KeyType') && !form.one('Policy')) return
  throw new ApiError('parameter_invalid', 'Restricted keys are not supported: leave out KeyType and Policy')
}

/** `AccountSid` is required by Twilio, and must be the credentials' own. */
function checkAccount(request: FastifyRequest, form: Form): void {
  const sid = form.one('AccountSid')
  if (!sid) throw new ApiError('parameter_invalid', 'AccountSid is required')
  if (sid !== accountOf(request)) {
    throw new ApiError('not_found', 'AccountSid is not the account of these credentials: use its own')
  }
}
