/**
 * A pretend Messenger of one's own for a test: a fresh database on the server that TEST_DATABASE_URL names, a listening
 * server, and a clock that the test moves. `close` ends all of it.
 */
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import postgres from 'postgres'
import type {
  Clock,
  FaultName,
  FaultSetting,
  Page,
  Person,
  SandboxState,
  ThreadDetail,
  ThreadMessage,
} from '../../src/sandbox/contract.ts'
import { registerSandbox } from '../../src/sandbox/sandbox.ts'
import { createDatabase, type TestDatabase } from '../database.ts'

export { createDatabase, type TestDatabase }

export const APP = { appId: '401234567890123', appSecret: 'sesame' }
export const APP_TOKEN = `${APP.appId}|${APP.appSecret}`

export type Answer<Body = Record<string, unknown>> = { status: number; headers: Headers; text: string; body: Body }
export type GraphFailure = { error: { code: number; error_subcode?: number; message: string; type: string } }

export type TestWorld = Awaited<ReturnType<typeof startNode>>

/** One node of the built-in Messenger on this database. `deliver: false`: nothing is sent until `sandbox.start()`. */
export async function startNode(database: Pick<TestDatabase, 'url'>, options: { deliver?: boolean } = {}) {
  const sql = postgres(database.url, { max: 8, onnotice: () => {} })
  const server = fastify()
  const base = { url: '' }
  const clock = { moved: 0, now: () => new Date(Date.now() + clock.moved) }
  const quiet = () => {}
  const sandbox = await registerSandbox(server, {
    sql,
    app: APP,
    baseUrl: () => `${base.url}/sandbox`,
    publicUrl: 'http://messenger.test/sandbox',
    clock,
    log: { info: quiet, warn: quiet, error: (fields, message) => process.stderr.write(`${message} ${fields.err}\n`) },
  })
  await server.listen({ port: 0, host: '127.0.0.1' })
  base.url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  const { pages } = await sandbox.seed()
  if (options.deliver !== false) sandbox.start()
  const page = pages[0]!

  async function call<Body>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof URLSearchParams
    const response = await fetch(`${base.url}/sandbox${path}`, {
      method,
      headers: { ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
    })
    const text = await response.text()
    const answer = { status: response.status, headers: response.headers, text }
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { ...answer, body: (isJson ? JSON.parse(text) : {}) as Body }
  }

  /** A Graph call with the Page's token. */
  const graph = <Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<Body>> =>
    call<Body>(method, `/graph/v25.0${path}`, body, { authorization: `Bearer ${page.accessToken}` })
  const { body: state } = await call<SandboxState>('GET', '/api/state')

  return {
    sandbox,
    sql,
    clock,
    baseUrl: base.url,
    page: page as Pick<Page, 'id' | 'name' | 'accessToken'>,
    people: state.people as Person[],
    call,
    graph,
    /** For the Page, or for all of them. */
    setFault: async (name: FaultName, setting: FaultSetting = {}, pageId = page.id): Promise<void> => {
      const { status, text } = await call('PUT', `/api/faults/${pageId}/${name}`, setting)
      if (status !== 200) throw new Error(text)
    },
    /** Moves the clock of everything in this database. */
    advance: async (advanceMs: number) => (await call<Clock>('POST', '/api/clock', { advanceMs })).body,
    /** Subscribes the app and the Page to everything that has events. */
    async connect(callbackUrl: string, fields: string = ALL_FIELDS): Promise<void> {
      const subscription = { object: 'page', callback_url: callbackUrl, verify_token: 'owl', fields }
      const app = await call('POST', `/graph/${APP.appId}/subscriptions`, { ...subscription, access_token: APP_TOKEN })
      if (app.status !== 200) throw new Error(app.text)
      const subscribed = await graph('POST', '/me/subscribed_apps', { subscribed_fields: ALL_FIELDS })
      if (subscribed.status !== 200) throw new Error(subscribed.text)
    },
    thread: async (person: Person) => (await call<ThreadDetail>('GET', `/api/threads/${page.id}/${person.id}`)).body,
    say: (person: Person, body: unknown) =>
      call<ThreadMessage>('POST', `/api/threads/${page.id}/${person.id}/messages`, body),
    send: <Body = { recipient_id: string; message_id: string }>(psid: string, message: unknown, more: object = {}) =>
      graph<Body>('POST', '/me/messages', { recipient: { id: psid }, messaging_type: 'RESPONSE', message, ...more }),
    async close(): Promise<void> {
      await sandbox.stop()
      await server.close()
      await sql.end()
    },
  }
}

export const ALL_FIELDS =
  'messages,messaging_postbacks,messaging_referrals,message_deliveries,message_reads,message_echoes'
