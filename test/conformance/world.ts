/** A gateway with a Page, a person who wrote, a server with pictures, and clients whose answers are held. */
import assert from 'node:assert/strict'
import type { ServedRoute } from '../../src/api/api.ts'
import { type FileServer, PNG, startFileServer } from '../file-server.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { type Account, type Call, type Client, createHeldClients } from './held-client.ts'
import { describeRoutes, type OpenApi } from './openapi.ts'

export type World = {
  gateway: MetaGateway
  routes: readonly ServedRoute[]
  document: OpenApi
  /** Of the main account. */
  client: Client
  clientOf: (account: Account) => Client
  calls: Call[]
  page: ConnectedPage
  /** `messenger:` and the id of somebody who wrote to the Page. */
  person: string
  /** `messenger:` and the id of the Page. */
  sender: string
  pictureUrl: string
  stop: () => Promise<void>
}

export async function startWorld(): Promise<World> {
  const gateway = await startMetaGateway()
  const files: FileServer = await startFileServer()
  const document = describeRoutes(gateway.routes)
  const publicUrl = gateway.url.replace('127.0.0.1', 'localhost')
  const { calls, clientOf } = createHeldClients(gateway, document, publicUrl)
  // Nobody listens there: what is said leaves an alert.
  const page = await gateway.connectPage({ webhook: { callback_url: 'http://127.0.0.1:1/in#rc=0' } })
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hello')
  return {
    gateway,
    routes: gateway.routes,
    document,
    client: clientOf(gateway.account),
    clientOf,
    calls,
    page,
    person: `messenger:${psid}`,
    sender: `messenger:${page.pageId}`,
    pictureUrl: files.serve('/owl.png', { type: 'image/png', body: PNG }),
    async stop() {
      await gateway.stop()
      await files.stop()
    },
  }
}

/** What the SDK has no method for, through the SDK all the same; an error is thrown as its methods do. */
export async function ask(
  { gateway, client }: Pick<World, 'gateway' | 'client'>,
  method: 'get' | 'post' | 'delete',
  path: string,
  body?: URLSearchParams | object,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const isForm = body instanceof URLSearchParams
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
  const response = await client.request({
    method,
    uri: gateway.url + path,
    ...(body && { data: isForm ? Object.fromEntries(body) : body, headers: { 'Content-Type': type } }),
  })
  const { body: json } = response as { body: Record<string, unknown> | '' }
  const status = response.statusCode
  if (status >= 400) throw Object.assign(new Error(`${method} ${path}`), { status, code: Object(json).code })
  return { status, json: json || {} }
}

/** That the call fails with this HTTP status and Twilio's code. */
export const fails = (call: Promise<unknown>, status: number, code: number): Promise<void> =>
  assert.rejects(call, (error: { status?: number; code?: number }) => {
    assert.deepEqual([error.status, error.code], [status, code])
    return true
  })
