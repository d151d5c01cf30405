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

test('a status callback to a private address is not made either, and the message is sent', async () => {
  const page = await gateway.connectPage()
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const created = await gateway.create({
    From: `messenger:${page.pageId}`,
    To: `messenger:${psid}`,
    Body: 'hello',
    StatusCallback: `${customer.url}/status`,
  })
  const [tried] = await eventually('the refused callback', async () => {
    const found = await gateway.sql`select error_code, error_text, status from exchanges where purpose = 'status'`
    return found.length > 0 && found
  })
  assert.deepEqual([tried?.errorCode, tried?.status], [11205, null])
  assert.equal((await gateway.client.messages(created.json().sid as string).fetch()).status, 'sent')
  assert.deepEqual(customer.requests, [])
})
