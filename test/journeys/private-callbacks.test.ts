import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'

let gateway: MetaGateway
let customer: CustomerServer

before(async () => {
  gateway = await startMetaGateway({ PAGEWIRE_ALLOW_PRIVATE_CALLBACKS: 'false' })
  customer = await startCustomerServer()
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

async function writeToPageAt(base: string): Promise<void> {
  const page = await gateway.connectPage({
    webhook: { callback_url: `${base}/in`, fallback_url: `${base}/fallback` },
  })
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'anybody there?')

  const [message] = await gateway.client.messages.list({ from: `messenger:${psid}` })
  const alerts = await eventually(`two alerts for ${base}`, async () => {
    const all = await gateway.client.monitor.v1.alerts.list()
    const found = all.filter((each) => each.resourceSid === message?.sid)
    return found.length === 2 && found
  })
  assert.deepEqual(
    alerts.map((alert) => alert.errorCode),
    ['11205', '11205'],
    base,
  )
  assert.match(alerts[0]?.alertText ?? '', /not a public address; PAGEWIRE_ALLOW_PRIVATE_CALLBACKS/)
  const [kept] = await gateway.client.messages.list({ from: `messenger:${psid}` })
  assert.deepEqual([kept?.body, kept?.status], ['anybody there?', 'received'])
}

test('callback URLs to private addresses are not called, nor their fallbacks; the message stays', async () => {
  const { port } = new URL(customer.url)
  const hosts = [
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '10.0.0.1',
    '169.254.169.254',
  ]
  await Promise.all(hosts.map((host) => writeToPageAt(`http://${host}:${port}`)))
  assert.deepEqual(customer.requests, [])
})

test("Pagewire's own bins are reached all the same", async () => {
  const page = await gateway.connectPage({ webhook: { callback_url: '/bins/welcome' } })
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const [send] = await eventually('the answer', () => {
    const sends = gateway.meta.sendsTo(psid)
    return sends.length > 0 && sends
  })
  assert.match(send?.body.message.text ?? '', /^Welcome!/)
})

test('a status callback to a private address is given up at once with its alert, and the message is sent', async () => {
  const page = await gateway.connectPage()
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const created = await gateway.create({
    From: `messenger:${page.pageId}`,
    To: `messenger:${psid}`,
    Body: 'hello',
    StatusCallback: `${customer.url}/status`,
  })
  const sid = created.json().sid as string
  const [alert] = await eventually('the alert', async () => {
    const found = (await gateway.client.monitor.v1.alerts.list()).filter((each) => each.resourceSid === sid)
    return found.length > 0 && found
  })
  assert.equal(alert?.errorCode, '11205')
  assert.match(alert?.alertText ?? '', /not a public address/)
  const tried = await gateway.sql`select error_code, status from exchanges where purpose = 'status'`
  assert.deepEqual(
    tried.map(({ errorCode, status }) => [errorCode, status]),
    [[11205, null]],
  )
  assert.equal((await jobsOf('status')).length, 0)
  assert.equal((await gateway.client.messages(sid).fetch()).status, 'sent')
  assert.deepEqual(customer.requests, [])
})

test('a status callback to a host that cannot be found now is tried again', async () => {
  const page = await gateway.connectPage()
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const StatusCallback = 'http://nowhere.invalid/status'
  await gateway.create({ From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'hello', StatusCallback })
  const [job] = await eventually('the job to be put back', async () => {
    const found = (await jobsOf('status')).filter(({ attempt }) => attempt > 0)
    return found.length > 0 && found
  })
  assert.equal(job?.attempt, 1)
})

test('a debugger webhook at a private address is given up at once', async () => {
  const { sid } = gateway.account
  const DebuggerUrl = `${customer.url}/debugger`
  await gateway.call(
    'POST',
    `/2010-04-01/Accounts/${sid}/DebuggerWebhook.json`,
    new URLSearchParams({ CallbackUrl: DebuggerUrl }),
  )
  await writeToPageAt('http://127.0.0.1:9')
  await eventually('the alert about the debugger webhook', async () => {
    const found = await gateway.sql`select from alerts where request_url = ${DebuggerUrl}`
    return found.length > 0
  })
  assert.equal((await jobsOf('alert')).filter(({ attempt }) => attempt > 0).length, 0)
})

const jobsOf = (kind: string) =>
  gateway.sql<{ attempt: number }[]>`select attempt from jobs where lane like ${`${kind}:%`}`
