import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type CustomerServer, type Received, startCustomerServer } from '../customer-server.ts'
import { createDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { type FileServer, MP4, PNG, type ServedFile, startFileServer } from '../file-server.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { META_APP } from '../meta-stand-in.ts'
import { entryOf, fromPerson, postEntries } from '../meta-webhooks.ts'

let gateway: MetaGateway
let customer: CustomerServer
let files: FileServer
let page: ConnectedPage
let counter = 0

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  files = await startFileServer()
  page = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/in` } })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  await files?.stop()
})

const newFile = (...answers: ServedFile[]) => files.serve(`/${++counter}/owl.png`, ...answers)

async function sendsFiles(psid: string, urls: string[], as = 'image', gatewayUrl = gateway.url): Promise<void> {
  const attachments = urls.map((url) => ({ type: as, payload: { url } }))
  const message = { mid: `m_in_${++counter}`, attachments }
  const posted = await postEntries(gatewayUrl, entryOf(page.pageId, fromPerson(page.pageId, psid, { message })))
  assert.equal(posted.status, 200)
}
const told = async (psid: string): Promise<Received['params']> =>
  (await customer.next((request) => request.params.From === `messenger:${psid}`)).params
const callsFor = (psid: string) => customer.requests.filter(({ params }) => params.From === `messenger:${psid}`).length
/** Retries that wait are due now; until then they keep waiting. */
const hurry = () => gateway.sql`update lanes set due_at = now() where kind = 'fetch-media' and due_at > now()`
const alertsOf = async (sid = '') =>
  (await gateway.client.monitor.v1.alerts.list()).filter((alert) => alert.resourceSid === sid)

test('while Meta cannot give a picture its message waits, with all that follows, and nobody else does', async () => {
  const psid = gateway.newPerson()
  const other = gateway.newPerson()
  await sendsFiles(psid, [newFile({}), newFile({ status: 503 }, { status: 503 }, {})])
  await gateway.says(psid, page.pageId, 'and?')
  await gateway.says(other, page.pageId, 'I have no picture')

  assert.equal((await told(other)).Body, 'I have no picture')
  await eventually('the first retry', async () => {
    await hurry()
    return files.requests.filter(({ path }) => path === `/${counter - 1}/owl.png`).length > 1
  })
  assert.equal(callsFor(psid), 0)
  const first = await eventually('the customer to be told', async () => {
    await hurry()
    return callsFor(psid) > 0 && (await told(psid))
  })
  assert.deepEqual([first.NumMedia, first.MediaContentType1], ['2', 'image/png'])
  assert.equal((await told(psid)).Body, 'and?')
})

test('what is gone at Meta is left out: the customer is told at once, and an alert says why', async () => {
  const psid = gateway.newPerson()
  await sendsFiles(psid, [newFile({ status: 410 }), newFile({})])
  const params = await told(psid)
  assert.deepEqual([params.NumMedia, params.MediaContentType0, params.MediaUrl1], ['1', 'image/png', undefined])
  assert.match(params.MessageSid ?? '', /^MM/)
  const [alert] = await alertsOf(params.MessageSid)
  assert.equal(alert?.errorCode, '63019')
  assert.match(alert?.alertText ?? '', /status 410/)
  assert.equal((await gateway.client.messages(params.MessageSid ?? '').media.list()).length, 1)
})

test('what could not be fetched at the fourth try either holds nobody up any more, and is tried on', async () => {
  const psid = gateway.newPerson()
  const url = newFile({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 }, {})
  await sendsFiles(psid, [url])
  const params = await eventually('the customer to be told', async () => {
    if (files.requests.filter(({ path }) => path === new URL(url).pathname).length < 4) await hurry()
    return callsFor(psid) > 0 && (await told(psid))
  })
  assert.equal(params.NumMedia, '0')
  const [alert] = await eventually('the alert', async () => {
    const alerts = await alertsOf(params.MessageSid)
    return alerts.length > 0 && alerts
  })
  assert.match(alert?.alertText ?? '', /in time/)
  await eventually('the file', async () => {
    await hurry()
    const [found] = await gateway.client.messages(params.MessageSid ?? '').media.list()
    return (await fetch(gateway.url + found?.uri.replace('.json', ''))).ok
  })
  assert.equal(callsFor(psid), 1)
})

test('the customer is told after two minutes at most; the file is still there for it when it comes', async () => {
  const psid = gateway.newPerson()
  const url = newFile({ status: 503 })
  await sendsFiles(psid, [url])
  for (const _ of ['the first minute', 'the second']) {
    await gateway.sql`update lanes set due_at = now() where kind = 'call-customer' and due_at > now()`
    await eventually('it to be looked at', async () => {
      const [lane] = await gateway.sql`select from lanes where kind = 'call-customer' and due_at <= now()`
      return !lane
    })
  }
  const params = await told(psid)
  assert.deepEqual([params.NumMedia, params.MessageType], ['0', 'image'])
  const [alert] = await alertsOf(params.MessageSid)
  assert.match(alert?.alertText ?? '', /in time/)

  files.serve(new URL(url).pathname, {})
  const media = await eventually('the file', async () => {
    await hurry()
    const [found] = await gateway.client.messages(params.MessageSid ?? '').media.list()
    const answer = await fetch(gateway.url + found?.uri.replace('.json', ''))
    return answer.ok && Buffer.from(await answer.arrayBuffer())
  })
  assert.deepEqual(media, PNG)
  assert.equal(callsFor(psid), 1)
})

test('a voice note in a film container is a sound, and a file that is too large is not kept', async () => {
  const psid = gateway.newPerson()
  await sendsFiles(psid, [newFile({ type: 'video/mp4', body: MP4 })], 'audio')
  const voice = await told(psid)
  assert.deepEqual([voice.MediaContentType0, voice.MessageType], ['audio/mp4', 'audio'])

  const large = Buffer.alloc(26 * 1024 * 1024)
  await sendsFiles(psid, [newFile({ type: 'video/mp4', body: large, headers: { 'Transfer-Encoding': 'chunked' } })])
  const params = await told(psid)
  assert.equal(params.NumMedia, '0')
  const [alert] = await alertsOf(params.MessageSid)
  assert.match(alert?.alertText ?? '', /larger than 26214400 bytes/)
})

test('what a node accepted and did not fetch is fetched by the next one that starts', async (t) => {
  const database = await createDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'pagewire-media-'))
  let next: Gateway | undefined
  t.after(async () => {
    await next?.stop()
    await database.drop()
    await rm(dataDir, { recursive: true })
  })
  const environment = {
    PAGEWIRE_SANDBOX: 'off',
    PAGEWIRE_ALLOW_PRIVATE_CALLBACKS: 'true',
    META_GRAPH_URL: gateway.meta.url,
    META_APP_ID: META_APP.appId,
    META_APP_SECRET: META_APP.appSecret,
    META_VERIFY_TOKEN: META_APP.verifyToken,
    PAGEWIRE_MEDIA_STORE: join(dataDir, 'shared'),
  }
  const web = await startGateway({ ...environment, PAGEWIRE_ROLES: 'web' }, database)
  const connected = await web.call('POST', '/messaging/v2/Channels/Senders', {
    sender_id: `messenger:${page.pageId}`,
    configuration: { page_access_token: page.token },
    webhook: { callback_url: `${customer.url}/in` },
  })
  assert.equal(connected.status, 202, connected.text)
  const psid = gateway.newPerson()
  await sendsFiles(psid, [newFile({})], 'image', web.url)
  await web.stop()

  next = await startGateway(environment, database)
  const params = await told(psid)
  assert.equal(params.NumMedia, '1')
  const { pathname } = new URL(params.MediaUrl0 ?? '')
  assert.equal((await fetch(next.url + pathname)).status, 200)
  assert.deepEqual(await readdir(join(dataDir, 'shared', 'incoming')), [])
})

test('a private address is not reached where that is not allowed', async (t) => {
  const strict = await startMetaGateway({ PAGEWIRE_ALLOW_PRIVATE_CALLBACKS: 'false' })
  t.after(strict.stop)
  const own = await strict.connectPage()
  const psid = strict.newPerson()
  const url = newFile({})
  const attachments = [{ type: 'image', payload: { url } }]
  const message = { mid: 'm_private', attachments }
  await postEntries(strict.url, entryOf(own.pageId, fromPerson(own.pageId, psid, { message })))
  const alert = await eventually('the alert', async () => (await strict.client.monitor.v1.alerts.list())[0])
  assert.equal(alert.errorCode, '63019')
  assert.match(alert.alertText, /not a public address/)

  const created = await strict.create({ From: `messenger:${own.pageId}`, To: `messenger:${psid}`, MediaUrl: url })
  const sid = created.json().sid as string
  const failed = await eventually('it to fail', async () => {
    const sent = await strict.client.messages(sid).fetch()
    return sent.status === 'failed' && sent
  })
  assert.equal(failed.errorCode, 63019)
  assert.equal(files.requests.filter(({ path }) => files.url + path === url).length, 0)
})
