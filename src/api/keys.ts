/** Keys of the 2010 API, also by their older name, SigningKeys (twilio.md 6.3). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { fromSid, toSid } from '#core/ids.ts'
import { createApiKey, removeApiKey } from '#messaging/api-keys.ts'
import type { Flow } from '#messaging/flow.ts'
import { type ApiKey, findApiKey, listApiKeys, renameApiKey } from '#store/api-keys.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { formOf } from './form.ts'
import { readFriendlyName } from './form-values.ts'
import { rfc2822 } from './message-json.ts'
import { listJson, readPage, toPage } from './paging.ts'

export function keyRoutes(scope: FastifyInstance, flow: Flow): void {
  keysUnder(scope, flow, 'Keys', 'keys')
  keysUnder(scope, flow, 'SigningKeys', 'signing_keys')
}

function keysUnder(scope: FastifyInstance, flow: Flow, resource: string, listKey: string): void {
  const list = `/2010-04-01/Accounts/:accountSid/${resource}.json`
  const item = `/2010-04-01/Accounts/:accountSid/${resource}/:sid(^[A-Za-z0-9]+).json`

  scope.post(list, async (request, reply) => {
    const friendlyName = readFriendlyName(formOf(request)) ?? ''
    const { key, secret } = await createApiKey(flow, accountOf(request), friendlyName)
    return reply.code(201).send({ ...keyJson(key), secret })
  })

  scope.get(list, async (request) => {
    const accountSid = accountOf(request)
    const page = readPage(request.url, ['SK'])
    const found = await listApiKeys(flow.sql, accountSid, page.edge, page.size + 1)
    const path = `/2010-04-01/Accounts/${accountSid}/${resource}.json`
    return listJson(listKey, page, toPage(path, page, found, sidOf), keyJson)
  })

  scope.get(item, async (request) => keyJson(await keyOf(flow, request)))

  scope.post(item, async (request) => keyJson(await rename(flow, request)))

  scope.delete(item, async (request, reply) => {
    await remove(flow, request)
    return reply.code(204).send()
  })
}

export const sidOf = (key: ApiKey): string => toSid('SK', key.id)

/** The key in the path, of the request's account; throws 404. */
export async function keyOf(flow: Flow, request: FastifyRequest): Promise<ApiKey> {
  const id = fromSid((request.params as { sid: string }).sid, 'SK')
  const key = id && (await findApiKey(flow.sql, accountOf(request), id))
  if (!key) throw notFound(request)
  return key
}

/** `FriendlyName` is all that can be changed. */
export async function rename(flow: Flow, request: FastifyRequest): Promise<ApiKey> {
  const key = await keyOf(flow, request)
  const friendlyName = readFriendlyName(formOf(request)) ?? key.friendlyName
  return (await renameApiKey(flow.sql, key.accountSid, key.id, friendlyName)) ?? key
}

export async function remove(flow: Flow, request: FastifyRequest): Promise<void> {
  const { accountSid, id } = await keyOf(flow, request)
  if (!(await removeApiKey(flow, accountSid, id))) throw notFound(request)
}

export const keyJson = (key: ApiKey) => ({
  sid: sidOf(key),
  friendly_name: key.friendlyName,
  date_created: rfc2822(key.createdAt),
  date_updated: rfc2822(key.updatedAt),
})
