import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { dialOf } from '../dial.ts'
import { eventually } from '../eventually.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type PersonAtPage, personAtPage, sandboxState } from '../people.ts'

const HOUR_MS = 3_600_000

let gateway: Gateway
let customer: CustomerServer
let ada: PersonAtPage
let dial: ReturnType<typeof dialOf>
let senderSid: string

before(async () => {
  gateway = await startGateway()
  customer = await startCustomerServer()
  ada = await personAtPage(gateway.url)
  dial = dialOf(gateway.url)
  const { senders } = (await gateway.call('GET', '/messaging/v2/Channels/Senders?Channel=messenger')).json() as {
    senders: { sid: string }[]
  }
  senderSid = senders[0]?.sid as string
  await changeSender({ webhook: { callback_url: `${customer.url}/quiet` } })
})
// The person has just written: the window is open.
beforeEach(async () => {
  await dial.clearFaults()
  await ada.say('hello')
  await customer.next((request) => request.path === '/quiet')
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

async function changeSender(change: object): Promise<void> {
  const changed = await gateway.call('POST', `/messaging/v2/Channels/Senders/${senderSid}`, change)
  assert.equal(changed.status, 202, changed.text)
}

const create = (body: string, more: object = {}) =>
  gateway.client.messages.create({ body, from: `messenger:${ada.pageId}`, to: `messenger:${ada.psid}`, ...more })

const becomes = (sid: string, status: string) =>
  eventually(`${sid} to be ${status}`, async () => {
    const message = await gateway.client.messages(sid).fetch()
    return message.status === status && message
  })

/** Work of this kind has been put back and waits for its time. */
const waits = (kind: string) =>
  eventually(`${kind} to wait`, async () => {
    const lanes = await gateway.sql`
      select 1 from lanes where kind = ${kind} and node_id is null and due_at > clock_now()`
    return lanes.length > 0
  })

const copiesOf = async (text: string) => (await dial.ledger(ada.pageId)).filter((entry) => entry.text === text)

test('a day after the person wrote, outside_window decides: refused without a call, or tried and refused by Meta', async () => {
  await dial.advance(24 * HOUR_MS)
  await changeSender({ configuration: { outside_window: 'refuse' } })
  const refused = await becomes((await create('too late')).sid, 'failed')
  assert.equal(refused.errorCode, 63016)
  assert.match(refused.errorMessage, /outside_window of the sender is "refuse"/)

  await changeSender({ configuration: { outside_window: 'account_update' } })
  const tried = await becomes((await create('still too late')).sid, 'failed')
  assert.equal(tried.errorCode, 63016)
  assert.match(tried.errorMessage, /retired the message tag ACCOUNT_UPDATE/)

  await changeSender({ configuration: { outside_window: 'human_agent' } })
  await becomes((await create('by hand')).sid, 'delivered')
  await dial.advance(6 * 24 * HOUR_MS)
  assert.equal((await becomes((await create('after a week')).sid, 'failed')).errorCode, 63016)
  assert.deepEqual(
    (await dial.ledger(ada.pageId)).map(({ text }) => text),
    ['by hand'],
  )
})

test('a status callback that fails is tried again after 5 s and 30 s of the moved clock, and the next one waits', async () => {
  const answers = [500, 503, 204]
  customer.answer('/status', () => ({ status: answers.shift() ?? 204 }))
  const { sid } = await create('tell me', { statusCallback: `${customer.url}/status` })
  const nextStatus = async () => {
    const { params } = await customer.next((request) => request.path === '/status')
    return [params.MessageSid, params.MessageStatus]
  }
  assert.deepEqual(await nextStatus(), [sid, 'sent'])
  await waits('report-status')
  await dial.advance(5000)
  assert.deepEqual(await nextStatus(), [sid, 'sent'])
  await waits('report-status')
  await dial.advance(30_000)
  assert.deepEqual(await nextStatus(), [sid, 'sent'])
  assert.deepEqual(await nextStatus(), [sid, 'delivered'])
})

test('a send that Meta limits twice is repeated with back-off and arrives once', async () => {
  await dial.setFault(ada.pageId, 'error-613', { count: 2 })
  const { sid } = await create('in a moment')
  for (let refusal = 0; refusal < 2; refusal += 1) {
    await waits('send-message')
    await dial.advance(60_000)
  }
  await becomes(sid, 'delivered')
  const [copy, ...others] = await copiesOf('in a moment')
  assert.deepEqual([copy?.copies, others.length], [1, 0])
  const [part] = await gateway.sql`select attempt from message_parts where channel_message_id = ${copy?.mid ?? ''}`
  assert.equal(part?.attempt, 3)
})

test('an answer that is lost after Meta took the message is settled by its echo: one copy', async () => {
  for (const fault of ['reset-after', 'bad-answer', 'not-json'] as const) {
    await dial.setFault(ada.pageId, fault, { count: 1 })
    await becomes((await create(fault)).sid, 'delivered')
    assert.deepEqual(
      (await copiesOf(fault)).map(({ copies }) => copies),
      [1],
    )
  }
})

test('an echo that comes before the answer changes nothing', async () => {
  await dial.setFault(ada.pageId, 'echo-first', { count: 1 })
  await becomes((await create('early echo')).sid, 'delivered')
  assert.equal((await copiesOf('early echo')).length, 1)
})

test('without answer and echo the message is undelivered after 5 minutes, with an alert and no second copy', async () => {
  await dial.setFault(ada.pageId, 'reset-after', { count: 1 })
  await dial.setFault(ada.pageId, 'no-echo', { count: 1 })
  const { sid } = await create('into the dark')
  await waits('send-message')
  assert.equal((await gateway.client.messages(sid).fetch()).status, 'sending')
  await dial.advance(5 * 60_000)
  assert.equal((await becomes(sid, 'undelivered')).errorCode, 63012)
  const alerts = await gateway.client.monitor.v1.alerts.list({ limit: 5 })
  assert.ok(alerts.some((alert) => alert.errorCode === '63012' && alert.resourceSid === sid))
  assert.equal((await copiesOf('into the dark')).length, 1)
})

test('webhooks that come twice, late, out of order and in batches make each message once', async () => {
  for (const fault of ['duplicate', 'reorder', 'seconds'] as const) {
    await dial.setFault(ada.pageId, fault, { probability: 0.5, seed: 11 })
  }
  await dial.setFault(ada.pageId, 'batch', { probability: 0.5, seed: 12 })
  const words = Array.from({ length: 12 }, (_, index) => `word ${index}`)
  for (const word of words) await ada.say(word)
  const heard: string[] = []
  for (const _ of words)
    heard.push((await customer.next((request) => /^word/.test(request.params.Body ?? ''))).params.Body ?? '')
  assert.deepEqual(heard.toSorted(), words.toSorted())
  await eventually('no webhook to be left', async () => {
    const [left] = await gateway.sql`select count(*)::integer as n from sandbox.outbox`
    return left?.n === 0
  })
  await eventually('no work to be left', async () => {
    const [left] = await gateway.sql`select count(*)::integer as n from jobs`
    return left?.n === 0
  })
  const calls = customer.requests.filter((request) => /^word/.test(request.params.Body ?? ''))
  assert.equal(calls.length, words.length)
})

test('an Idempotency-Key makes a create repeatable for 24 hours', async () => {
  const send = async () => {
    const answer = await fetch(`${gateway.url}/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${gateway.account.sid}:${gateway.account.authToken}`).toString('base64')}`,
        'Idempotency-Key': 'order-7',
      },
      body: new URLSearchParams({ Body: 'Paid', From: `messenger:${ada.pageId}`, To: `messenger:${ada.psid}` }),
    })
    return ((await answer.json()) as { sid: string }).sid
  }
  const first = await send()
  await dial.advance(23 * HOUR_MS)
  assert.equal(await send(), first)
  await dial.advance(HOUR_MS)
  assert.notEqual(await send(), first)
})

test('an expired token takes the Page offline; messages wait for it up to their validity, or until it is back', async () => {
  await dial.setToken(ada.pageId, 'expired')
  const { sid: short } = await create('short-lived', { validityPeriod: 3600 })
  const { sid: patient } = await create('patient')
  await eventually('the sender to be offline', async () => {
    const sender = (await gateway.call('GET', `/messaging/v2/Channels/Senders/${senderSid}`)).json()
    return sender.status === 'OFFLINE'
  })
  await dial.advance(HOUR_MS)
  assert.equal((await becomes(short, 'failed')).errorCode, 63001)

  await dial.setToken(ada.pageId, 'valid')
  const { pages } = await sandboxState(gateway.url)
  await changeSender({ configuration: { page_access_token: pages[0]?.accessToken } })
  await becomes(patient, 'delivered')
})
