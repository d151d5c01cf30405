/** Gateway processes on one database, a Page at the stand-in for Meta, and a customer's server. */
import assert from 'node:assert/strict'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { META_APP, type MetaStandIn, startMetaStandIn } from '../meta-stand-in.ts'
import { entryOf, fromPerson, type Item, metaJson, signatureOf } from '../meta-webhooks.ts'
import { type GatewayProcess, type Installation, MAIN, makeInstallation } from './gateway-process.ts'

export const PAGE = '100200300400500'
const ACCOUNT = { sid: `AC${'7'.repeat(32)}`, token: 'f'.repeat(32) }
const CREDENTIALS = `Basic ${Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.token}`).toString('base64')}`
const WRONG_CLOCK = new URL('./wrong-clock.ts', import.meta.url).pathname

export type NodeProcess = {
  url: string
  gateway: GatewayProcess
  /** After it has ended. */
  start: () => Promise<void>
}

/** A gateway on a machine whose clock is ahead by so much; its environment must say so too, as `WRONG_BY_MS`. */
export const commandWithClock = (wrongByMs: number): string[] => [
  process.execPath,
  ...(wrongByMs === 0 ? [] : ['--import', WRONG_CLOCK]),
  MAIN,
]

/** A request as any client may send it. */
export type Ask = { path: string; headers: Record<string, string>; body: string }

export type NodesAtMeta = {
  database: TestDatabase
  meta: MetaStandIn
  customer: CustomerServer
  /** Ready. `wrongByMs`: so far is the clock of its machine ahead. */
  startNode: (options?: { wrongByMs?: number; environment?: Record<string, string> }) => Promise<NodeProcess>
  connectPage: (node: NodeProcess, webhook?: object, page?: string) => Promise<void>
  /** Parameters of a create beside its receiver and text, and `key`, its idempotency key. */
  createRequest: (psid: string, text: string, more?: Record<string, string>) => Ask
  webhook: (messaging: Item[], page?: string) => Ask
  says: (psid: string, mid: string, text: string, page?: string) => Item
  post: (node: NodeProcess, ask: Ask) => Promise<{ status: number; text: string }>
  /** What the API answers, below the account's path. */
  read: (node: NodeProcess, path: string) => Promise<Record<string, unknown>>
  stop: () => Promise<void>
}

export async function prepareNodes(): Promise<NodesAtMeta> {
  const database = await createDatabase()
  const meta = await startMetaStandIn()
  const customer = await startCustomerServer()
  const made: Installation[] = []
  const account = `/2010-04-01/Accounts/${ACCOUNT.sid}`

  return {
    database,
    meta,
    customer,
    async startNode({ wrongByMs = 0, environment = {} } = {}) {
      const installation = await makeInstallation({
        DATABASE_URL: database.url,
        PAGEWIRE_SECRET_KEY: 'shared by all the nodes',
        PAGEWIRE_ACCOUNT_SID: ACCOUNT.sid,
        PAGEWIRE_AUTH_TOKEN: ACCOUNT.token,
        PAGEWIRE_ALLOW_PRIVATE_CALLBACKS: 'true',
        META_GRAPH_URL: meta.url,
        META_APP_ID: META_APP.appId,
        META_APP_SECRET: META_APP.appSecret,
        META_VERIFY_TOKEN: META_APP.verifyToken,
        WRONG_BY_MS: String(wrongByMs),
        ...environment,
      })
      made.push(installation)
      const start = () => installation.start({}, commandWithClock(wrongByMs))
      const node: NodeProcess = {
        url: installation.url,
        gateway: await start(),
        async start() {
          node.gateway = await start()
        },
      }
      return node
    },
    async connectPage(node, webhook, page = PAGE) {
      const connected = await fetch(`${node.url}/messaging/v2/Channels/Senders`, {
        method: 'POST',
        headers: { Authorization: CREDENTIALS, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          sender_id: `messenger:${page}`,
          configuration: { page_access_token: meta.addPage(page, 'Owl Coffee') },
          ...(webhook && { webhook }),
        }),
      })
      assert.equal(connected.status, 202, await connected.text())
    },
    createRequest: (psid, text, more = {}) => {
      const { key, ...parameters } = more
      return {
        path: `${account}/Messages.json`,
        headers: {
          Authorization: CREDENTIALS,
          'Content-Type': 'application/x-www-form-urlencoded',
          ...(key && { 'Idempotency-Key': key }),
        },
        body: new URLSearchParams({
          From: `messenger:${PAGE}`,
          To: `messenger:${psid}`,
          Body: text,
          ...parameters,
        }).toString(),
      }
    },
    webhook(messaging, page = PAGE) {
      const body = metaJson({ object: 'page', entry: [entryOf(page, ...messaging)] })
      const headers = { 'Content-Type': 'application/json', 'X-Hub-Signature-256': signatureOf(body) }
      return { path: '/webhooks/messenger', headers, body }
    },
    says: (psid, mid, text, page = PAGE) => fromPerson(page, psid, { message: { mid, text } }),
    async post(node, { path, headers, body }) {
      const answer = await fetch(node.url + path, { method: 'POST', headers, body })
      return { status: answer.status, text: await answer.text() }
    },
    async read(node, path) {
      const url = path.startsWith('/2010') ? node.url + path : node.url + account + path
      const answer = await fetch(url, { headers: { Authorization: CREDENTIALS } })
      assert.equal(answer.status, 200, path)
      return (await answer.json()) as Record<string, unknown>
    },
    async stop() {
      await Promise.all(made.map((each) => each.remove()))
      await customer.stop()
      await meta.stop()
      await database.drop()
    },
  }
}
