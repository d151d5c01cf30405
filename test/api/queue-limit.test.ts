/** A sender with too many messages waiting takes no more of them (twilio.md 2.2: 21611, 30001). */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'

const LIMIT = 5

let gateway: MetaGateway
let customer: CustomerServer

before(async () => {
  customer = await startCustomerServer()
  gateway = await startMetaGateway({ PAGEWIRE_QUEUE_LIMIT: String(LIMIT) })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

type Held = { page: ConnectedPage; psid: string; release: () => void; sent: () => (string | undefined)[] }

/** A Page whose only conversation waits for Meta's answer to its first send, with `LIMIT` messages waiting. */
async function fullQueue(): Promise<Held> {
  const page = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/hook` } })
  const psid = gateway.newPerson()
  customer.answer('/hook', { status: 204 })
  await gateway.says(psid, page.pageId, 'hello')
  const { promise: after, resolve: release } = Promise.withResolvers<void>()
  gateway.meta.answerNext(psid, { after })
  for (let nth = 1; nth <= LIMIT; nth += 1) assert.equal((await create(page, psid, `${nth}`)).status, 201)
  return { page, psid, release, sent: () => gateway.meta.sendsTo(psid).map(({ body }) => body.message.text) }
}

const create = (page: ConnectedPage, psid: string, Body: string) =>
  gateway.create({ From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body })

async function createWithKey(page: ConnectedPage, psid: string, body: string, key: string) {
  const { sid, authToken } = gateway.account
  const answer = await fetch(`${gateway.url}/2010-04-01/Accounts/${sid}/Messages.json`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}`,
      'Idempotency-Key': key,
    },
    body: new URLSearchParams({ From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: body }),
  })
  const { sid: message, code } = (await answer.json()) as { sid?: string; code?: number }
  return { status: answer.status, message, code }
}

test('a create beyond the limit is refused, leaves nothing, and works again once the queue has been sent', async () => {
  const { page, psid, release, sent } = await fullQueue()

  assertTwilioError(await create(page, psid, 'too much'), 400, 21611, /maximum number of queued messages/)
  const rows = await gateway.sql`select from messages where contact_address = ${psid} and direction = 'outbound-api'`
  assert.equal(rows.length, LIMIT)
  const other = await gateway.connectPage()
  assert.equal((await create(other, gateway.newPerson(), 'from another Page')).status, 201)

  release()
  await eventually('a create to be taken', async () => (await create(page, psid, 'afterwards')).status === 201)
  await eventually('all to be sent', () => sent().includes('afterwards'))
  assert.deepEqual(sent().slice(0, LIMIT + 1), ['1', '2', '3', '4', '5', 'afterwards'])
})

test('the repetition of a create that was taken is answered as ever; the key of one that was refused stays free', async () => {
  const { page, psid, release } = await fullQueue()
  release()
  const taken = await eventually('a place', async () => {
    const answer = await createWithKey(page, psid, 'once', `taken ${psid}`)
    return answer.status === 201 && answer
  })
  const { promise: after, resolve: releaseAgain } = Promise.withResolvers<void>()
  gateway.meta.answerNext(psid, { after })
  await eventually('the queue to be full again', async () => (await create(page, psid, 'more')).status === 400)

  const repeated = await createWithKey(page, psid, 'once', `taken ${psid}`)
  assert.deepEqual([repeated.status, repeated.message], [201, taken.message])
  assert.equal((await createWithKey(page, psid, 'another', `taken ${psid}`)).status, 409)
  assert.equal((await createWithKey(page, psid, 'refused', `refused ${psid}`)).code, 21611)
  releaseAgain()
  await eventually(
    'the same key to be taken',
    async () => (await createWithKey(page, psid, 'refused', `refused ${psid}`)).status === 201,
  )
})

test('replies in TwiML that find no place fail with 30001, an alert and a status callback, and are not sent later', async () => {
  const { page, release, sent } = await fullQueue()
  const asked = gateway.newPerson()
  customer.answer('/hook', {
    body: `<Response><Message statusCallback="${customer.url}/status">re</Message></Response>`,
  })

  await gateway.says(asked, page.pageId, 'are you there?')

  const told = await customer.next(({ path }) => path === '/status')
  assert.equal(told.params.MessageStatus, 'failed')
  assert.equal(told.params.ErrorCode, '30001')
  assert.equal(told.params.ErrorMessage, 'Queue overflow')
  const message = await gateway.client.messages(told.params.MessageSid as string).fetch()
  assert.deepEqual([message.status, message.errorCode, message.direction], ['failed', 30001, 'outbound-reply'])
  const alerts = await gateway.client.monitor.v1.alerts.list({ limit: 20 })
  assert.deepEqual(
    alerts.filter(({ errorCode }) => errorCode === '30001').map(({ resourceSid }) => resourceSid),
    [message.sid],
  )
  release()
  await eventually('the queue to be sent', () => sent().length === LIMIT)
  await eventually('nothing to wait', async () => (await gateway.sql`select from lanes`).length === 0)
  assert.equal(gateway.meta.sendsTo(asked).length, 0)
})

test('through a messaging service it is accepted, and then fails with 30001', async () => {
  const { page, psid, release, sent } = await fullQueue()
  const { services } = gateway.client.messaging.v1
  const service = await services.create({ friendlyName: 'News', statusCallback: `${customer.url}/service` })
  await services(service.sid).channelSenders.create({ sid: page.sid })

  const created = await gateway.create({ MessagingServiceSid: service.sid, To: `messenger:${psid}`, Body: 'news' })

  assert.equal(created.status, 201, created.text)
  assert.equal(created.json().status, 'accepted')
  const told = await customer.next(({ path }) => path === '/service')
  assert.deepEqual([told.params.MessageSid, told.params.MessageStatus], [created.json().sid, 'failed'])
  assert.equal(told.params.ErrorCode, '30001')
  release()
  await eventually('nothing to wait', async () => (await gateway.sql`select from lanes`).length === 0)
  assert.deepEqual(sent(), ['1', '2', '3', '4', '5'])
})

test('a scheduled message whose queue is full when its time comes fails with 30001, an alert and a status callback', async () => {
  const { page, psid, release, sent } = await fullQueue()
  const free = await gateway.connectPage()
  const other = gateway.newPerson()
  await gateway.says(other, free.pageId, 'hello')
  const { services } = gateway.client.messaging.v1
  const schedule = async (sender: ConnectedPage, to: string, body: string) => {
    const service = await services.create({ friendlyName: 'Later', statusCallback: `${customer.url}/later` })
    await services(service.sid).channelSenders.create({ sid: sender.sid })
    const sendAt = new Date(Date.now() + 3_600_000)
    const request = { messagingServiceSid: service.sid, scheduleType: 'fixed' as const, sendAt }
    return await gateway.client.messages.create({ ...request, to: `messenger:${to}`, body })
  }
  const late = await schedule(page, psid, 'no place')
  const fine = await schedule(free, other, 'a place')

  await gateway.sql`update scheduled set due_at = now()`

  const told = await customer.next(({ path, params }) => path === '/later' && params.MessageSid === late.sid)
  assert.deepEqual([told.params.MessageStatus, told.params.ErrorCode], ['failed', '30001'])
  const message = await gateway.client.messages(late.sid).fetch()
  assert.deepEqual([message.status, message.errorCode, message.dateSent], ['failed', 30001, null])
  const alerts = await gateway.client.monitor.v1.alerts.list({ limit: 20 })
  assert.ok(alerts.some(({ errorCode, resourceSid }) => errorCode === '30001' && resourceSid === late.sid))
  await eventually('the other Page to send', () => gateway.meta.sendsTo(other).length === 1)
  assert.equal((await gateway.client.messages(fine.sid).fetch()).errorCode, null)
  release()
  await eventually('the queue to be sent', () => sent().length === LIMIT)
  await eventually('nothing to wait', async () => (await gateway.sql`select from lanes`).length === 0)
  assert.deepEqual(sent(), ['1', '2', '3', '4', '5'])
})
