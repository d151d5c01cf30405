import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { dialOf } from '../dial.ts'
import { eventually } from '../eventually.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type PersonAtPage, personAtPage } from '../people.ts'
import { assertTwilioError } from '../twilio-error.ts'

const HOUR_MS = 3_600_000

let gateway: Gateway
let database: TestDatabase
let customer: CustomerServer
let ada: PersonAtPage
let dial: ReturnType<typeof dialOf>
let service: string

before(async () => {
  database = await createDatabase()
  gateway = await startGateway({}, database)
  customer = await startCustomerServer()
  ada = await personAtPage(gateway.url)
  dial = dialOf(gateway.url)
  service = await newService()
})
// The person has just written: the window is open.
beforeEach(async () => {
  await ada.say('hello')
  await customer.next((request) => request.path === '/in')
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  await database?.drop()
})

/** One that has the demo Page, which leaves the one it was in. */
async function newService(): Promise<string> {
  const { services } = gateway.client.messaging.v1
  const [page] = await gateway.client.messaging.v2.channelsSenders.list({ channel: 'messenger' })
  if (service)
    await services(service)
      .channelSenders(page?.sid ?? '')
      .remove()
  const { sid } = await services.create({
    friendlyName: 'reminders',
    inboundRequestUrl: `${customer.url}/in`,
    statusCallback: `${customer.url}/status`,
  })
  await services(sid).channelSenders.create({ sid: page?.sid ?? '' })
  return sid
}

const inMs = async (ms: number) => new Date(Date.parse((await dial.clock()).now) + ms)

const schedule = async (body: string, aheadMs: number, more: object = {}) =>
  gateway.client.messages.create({
    body,
    to: `messenger:${ada.psid}`,
    messagingServiceSid: service,
    scheduleType: 'fixed',
    sendAt: await inMs(aheadMs),
    ...more,
  })

const nextStatus = async (sid: string) =>
  (await customer.next(({ path, params }) => path === '/status' && params.MessageSid === sid)).params

const becomes = (sid: string, status: string) =>
  eventually(`${sid} to be ${status}`, async () => {
    const message = await gateway.client.messages(sid).fetch()
    return message.status === status && message
  })

const heard = async () => (await ada.thread()).messages.filter(({ from }) => from === 'page').map(({ text }) => text)

test('a scheduled message waits for its time, then it is queued and sent, and holds up nothing meanwhile', async () => {
  const message = await schedule('breakfast', 2 * HOUR_MS)
  assert.deepEqual([message.status, message.dateSent], ['scheduled', null])
  const now = await gateway.client.messages.create({
    body: 'now',
    from: `messenger:${ada.pageId}`,
    to: `messenger:${ada.psid}`,
  })
  await becomes(now.sid, 'delivered')
  await dial.advance(1.9 * HOUR_MS)
  await ada.say('still here')
  assert.equal((await gateway.client.messages(message.sid).fetch()).status, 'scheduled')
  assert.ok(!(await heard()).includes('breakfast'))

  await dial.advance(0.2 * HOUR_MS)

  for (const status of ['queued', 'sent', 'delivered']) {
    const { MessageStatus, MessagingServiceSid } = await nextStatus(message.sid)
    assert.deepEqual([MessageStatus, MessagingServiceSid], [status, service])
  }
  assert.equal((await heard()).filter((text) => text === 'breakfast').length, 1)
  assert.equal((await gateway.sql`select 1 from scheduled`).length, 0)
})

test('messages that are due together are sent in the order of their times, not of their creates', async () => {
  const texts = ['third', 'first', 'second', 'fourth']
  const ahead = [3, 1, 2, 4].map((minutes) => HOUR_MS + minutes * 60_000)
  let last = ''
  for (const [index, text] of texts.entries()) last = (await schedule(text, ahead[index] as number)).sid
  await dial.advance(2 * HOUR_MS)
  await becomes(last, 'delivered')
  assert.deepEqual((await heard()).slice(-4), ['first', 'second', 'third', 'fourth'])
})

test('its validity counts from its time', async () => {
  const { sid } = await schedule('short-lived', HOUR_MS, { validityPeriod: 60 })
  await dial.advance(HOUR_MS + 1000)
  await becomes(sid, 'delivered')

  const late = await schedule('too late', HOUR_MS, { validityPeriod: 60 })
  await dial.advance(HOUR_MS + 61_000)
  assert.equal((await becomes(late.sid, 'failed')).errorCode, 30036)
})

test('a scheduled message can be canceled until it is due, and the customer hears of it', async () => {
  const { sid } = await schedule('never', HOUR_MS)
  const path = `/2010-04-01/Accounts/${gateway.account.sid}/Messages/${sid}.json`
  assertTwilioError(await gateway.call('DELETE', path), 409, 20009)
  assertTwilioError(await gateway.call('POST', path, new URLSearchParams({ Body: '' })), 409, 20009)

  const canceled = await gateway.client.messages(sid).update({ status: 'canceled' })

  assert.equal(canceled.status, 'canceled')
  assert.equal((await nextStatus(sid)).MessageStatus, 'canceled')
  assert.equal((await gateway.client.messages(sid).update({ status: 'canceled' })).status, 'canceled', 'once more')
  await dial.advance(2 * HOUR_MS)
  const after = await schedule('after it', 0.5 * HOUR_MS)
  await dial.advance(HOUR_MS)
  await becomes(after.sid, 'delivered')
  assert.ok(!(await heard()).includes('never'))
  const late = new URLSearchParams({ Status: 'canceled' })
  assertTwilioError(await gateway.call('POST', path.replace(sid, after.sid), late), 409, 30409)
  assert.equal(await gateway.client.messages(sid).remove(), true)
})

test('who opted out meanwhile gets nothing, and the message says why', async () => {
  const { sid } = await schedule('unwanted', HOUR_MS)
  await ada.say('STOP')
  await ada.hears(/no more messages/)
  await dial.advance(HOUR_MS + 1000)
  const failed = await becomes(sid, 'failed')
  assert.equal(failed.errorCode, 21610)
  assert.equal((await nextStatus(sid)).ErrorCode, '21610')
  await ada.say('START')
  await ada.hears(/messages from .* again/)
  assert.ok(!(await heard()).includes('unwanted'))
})

test('with its service deleted a scheduled message fails', async () => {
  const { sid } = await schedule('orphan', HOUR_MS)
  const deleted = service
  service = await newService()
  await gateway.client.messaging.v1.services(deleted).remove()
  await dial.advance(HOUR_MS + 1000)
  assert.equal((await becomes(sid, 'failed')).errorCode, 21701)
})

test('what cannot be scheduled is refused with a code of its own', async () => {
  const good = async (aheadMs = HOUR_MS): Promise<Record<string, string>> => ({
    To: `messenger:${ada.psid}`,
    Body: 'hello',
    MessagingServiceSid: service,
    ScheduleType: 'fixed',
    SendAt: (await inMs(aheadMs)).toISOString(),
  })
  const post = (parameters: Record<string, string>) =>
    gateway.call('POST', `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`, new URLSearchParams(parameters))
  const minute = 60_000
  for (const ms of [14 * minute, -minute, 35 * 24 * HOUR_MS + minute]) {
    assertTwilioError(await post(await good(ms)), 400, 35114)
  }
  for (const SendAt of ['tomorrow', '2026-01-01', '2099-01-01T00:00:00', '2099-13-01T00:00:00Z', '1e12']) {
    assertTwilioError(await post({ ...(await good()), SendAt }), 400, 35114)
  }
  assertTwilioError(await post({ ...(await good()), SendAt: '' }), 400, 35111)
  assertTwilioError(await post({ ...(await good()), ScheduleType: 'optimize' }), 400, 35126)
  assertTwilioError(await post({ ...(await good()), ScheduleType: '' }), 400, 35126)
  const alone = { MessagingServiceSid: '', From: `messenger:${ada.pageId}` }
  assertTwilioError(await post({ ...(await good()), ...alone }), 400, 35118)
  assertTwilioError(await post({ ...(await good()), Body: '' }), 400, 21602)
  assert.equal((await gateway.sql`select 1 from scheduled`).length, 0)

  for (const ms of [15 * minute + 5000, 35 * 24 * HOUR_MS - minute]) {
    const taken = await post(await good(ms))
    assert.equal(taken.status, 201, taken.text)
    await gateway.client.messages(taken.json().sid as string).update({ status: 'canceled' })
  }
})

test('what became due while no gateway ran is sent at the next start, once', async () => {
  const { sid } = await schedule('good morning', HOUR_MS)
  await dial.advance(HOUR_MS / 2)
  await gateway.stop()
  await database.sql`update scheduled set due_at = clock_now() - interval '1 minute'`
  gateway = await startGateway({}, database)
  dial = dialOf(gateway.url)
  ada = await personAtPage(gateway.url)

  await becomes(sid, 'delivered')

  assert.equal((await heard()).filter((text) => text === 'good morning').length, 1)
  await ada.say('thanks')
})
