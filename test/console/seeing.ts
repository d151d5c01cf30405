/** What the tests of messages, alerts and contacts begin with: a gateway, somebody signed in, a person at the demo Page. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type PersonAtPage, personAtPage } from '../people.ts'
import { signIn, type Visitor, WITH_ADMIN } from './visitor.ts'

export type Scene = {
  gateway: Gateway
  customer: CustomerServer
  owner: Visitor
  ada: PersonAtPage
  senderSid: string
  /** GET below the account; fails unless it is answered 200. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of every shape.
  get: (path: string) => Promise<any>
  post: (path: string, body: object) => ReturnType<Visitor['call']>
  pointPageAt: (webhook: object) => Promise<void>
  stop: () => Promise<void>
}

export async function startScene(): Promise<Scene> {
  const gateway = await startGateway(WITH_ADMIN)
  const customer = await startCustomerServer()
  const owner = await signIn(gateway)
  const ada = await personAtPage(gateway.url)
  const account = `/accounts/${gateway.account.sid}`
  const get = async (path: string) => {
    const { status, json } = await owner.call('GET', account + path)
    assert.equal(status, 200, `${path}: ${JSON.stringify(json)}`)
    return json
  }
  const [sender] = await get('/senders')
  return {
    gateway,
    customer,
    owner,
    ada,
    senderSid: sender.sid,
    get,
    post: (path, body) => owner.call('POST', account + path, body),
    async pointPageAt(webhook) {
      const changed = await gateway.call('POST', `/messaging/v2/Channels/Senders/${sender.sid}`, { webhook })
      assert.equal(changed.status, 202, changed.text)
    },
    async stop() {
      await gateway.stop()
      await customer.stop()
    },
  }
}

/** The newest message that fits, once it is there. */
export const newestMessage = (scene: Scene, query: string) =>
  eventually(`a message with ${query}`, async () => (await scene.get(`/messages?${query}`)).items[0])

export const newUuid = (): string => randomUUID()
