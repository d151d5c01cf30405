/** Deliveries and reads by watermark, around sends whose date nobody has told yet. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import type { Send } from '../meta-stand-in.ts'
import { echoOf, entryOf, fromPerson, type Item, postEntries } from '../meta-webhooks.ts'

let gateway: MetaGateway
let customer: CustomerServer
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  page = await gateway.connectPage({
    webhook: { callback_url: `${customer.url}/in`, status_callback_url: `${customer.url}/status` },
  })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  assert.deepEqual(gateway.meta.violations, [])
})

const post = async (...items: Item[]) => {
  assert.equal((await postEntries(gateway.url, entryOf(page.pageId, ...items))).status, 200)
}
const person = (psid: string, event: Item) => fromPerson(page.pageId, psid, event)
const nextStatus = async (sid: string) =>
  (await customer.next(({ params }) => params.MessageSid === sid && params.MessageStatus !== undefined)).params

async function newWriter(): Promise<string> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  await customer.next(({ path, params }) => path === '/in' && params.From === `messenger:${psid}`)
  return psid
}

async function sendTo(psid: string): Promise<{ sid: string }> {
  const created = await gateway.create([
    ['From', `messenger:${page.pageId}`],
    ['To', `messenger:${psid}`],
    ['Body', 'hello'],
  ])
  assert.equal(created.status, 201, created.text)
  return { sid: created.json().sid as string }
}
const sends = (psid: string, count: number): Promise<Send[]> =>
  eventually(`${count} sends`, () => {
    const all = gateway.meta.sendsTo(psid)
    return all.length >= count && all
  })

test('echo, delivery and read may come before the answer of the send: each status is told once, in order', async () => {
  const psid = await newWriter()
  const { promise: echoed, resolve: release } = Promise.withResolvers<void>()
  gateway.meta.answerNext(psid, { after: echoed })
  const { sid } = await sendTo(psid)
  const [send] = await sends(psid, 1)
  const { text, metadata } = send?.body.message ?? {}
  await post(echoOf(page.pageId, psid, { mid: send?.mid, text, metadata, app_id: 424242424242 }))
  await post(person(psid, { delivery: { mids: [send?.mid], watermark: Date.now() } }))
  await post(person(psid, { read: { watermark: Date.now() } }))
  release()

  const told = []
  for (let count = 0; count < 3; count += 1) told.push((await nextStatus(sid)).MessageStatus)
  assert.deepEqual(told, ['sent', 'delivered', 'read'])
  assert.equal((await gateway.client.messages(sid).fetch()).status, 'read')
  assert.equal(gateway.meta.sendsTo(psid).length, 1)
})

test('a delivery without ids counts by its watermark, and only for what had been sent until then', async () => {
  const psid = await newWriter()
  const first = await sendTo(psid)
  assert.equal((await nextStatus(first.sid)).MessageStatus, 'sent')
  const watermark = Date.now()
  // Somewhere within the same millisecond would be a tie.
  await eventually('a later moment', () => Date.now() > watermark + 1)
  const second = await sendTo(psid)
  assert.equal((await nextStatus(second.sid)).MessageStatus, 'sent')

  await post(person(psid, { delivery: { watermark: String(watermark) } }))

  assert.equal((await nextStatus(first.sid)).MessageStatus, 'delivered')
  assert.equal((await gateway.client.messages(second.sid).fetch()).status, 'sent')
})

test('what a person with the chat open reads before we have the answer of the send is read', async () => {
  const psid = await newWriter()
  const answer = Promise.withResolvers<void>()
  gateway.meta.answerNext(psid, { after: answer.promise })
  const { sid } = await sendTo(psid)
  await sends(psid, 1)
  const watermark = Date.now()
  await eventually('a later moment', () => Date.now() > watermark + 1)
  answer.resolve()
  assert.equal((await nextStatus(sid)).MessageStatus, 'sent')

  await post(person(psid, { read: { watermark } }))

  assert.equal((await nextStatus(sid)).MessageStatus, 'delivered')
  assert.equal((await nextStatus(sid)).MessageStatus, 'read')
})

test('a read of one message is not taken for the next, whose answer is on its way', async () => {
  const psid = await newWriter()
  const first = await sendTo(psid)
  assert.equal((await nextStatus(first.sid)).MessageStatus, 'sent')
  const answer = Promise.withResolvers<void>()
  gateway.meta.answerNext(psid, { after: answer.promise })
  const second = await sendTo(psid)
  await sends(psid, 2)
  const watermark = Date.now()
  // Longer than an answer that has been made takes to be written down.
  await eventually('a later moment', () => Date.now() > watermark + 300)
  answer.resolve()
  assert.equal((await nextStatus(second.sid)).MessageStatus, 'sent')

  await post(person(psid, { read: { watermark } }))

  assert.equal((await nextStatus(first.sid)).MessageStatus, 'delivered')
  assert.equal((await nextStatus(first.sid)).MessageStatus, 'read')
  assert.equal((await gateway.client.messages(second.sid).fetch()).status, 'sent')
  await post(person(psid, { read: { watermark: Date.now() } }))
  assert.equal((await nextStatus(second.sid)).MessageStatus, 'delivered')
  assert.equal((await nextStatus(second.sid)).MessageStatus, 'read')
})
