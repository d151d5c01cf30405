/** A network to the database that swallows what it is given: no reset, no refusal, just silence. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Cable, layCable } from '../cable.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { entryOf, fromPerson, postEntries } from '../meta-webhooks.ts'
import { readTwilioError } from '../twilio-error.ts'

/** Five seconds of silence, of which the last may be a full one more, or as long to connect, after a second's pause. */
const TOLD_WITHIN_MS = 8000
const PROBED_WITHIN_MS = 2500

let database: TestDatabase
let cable: Cable
let gateway: MetaGateway
let customer: CustomerServer
let page: ConnectedPage

before(async () => {
  database = await createDatabase()
  cable = await layCable(Number(new URL(database.url).port))
  const far = new URL(database.url)
  far.port = String(cable.port)
  customer = await startCustomerServer()
  gateway = await startMetaGateway({}, { ...database, url: far.href })
  page = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/hook` } })
})
after(async () => {
  cable?.mend(true)
  await gateway?.stop()
  await customer?.stop()
  await cable?.stop()
  await database?.drop()
})

type Told = { status: number; headers: Headers; text: string; ms: number }

async function ask(method: string, path: string, form?: Record<string, string>, key?: string): Promise<Told> {
  const { sid, authToken } = gateway.account
  const from = performance.now()
  const answer = await fetch(gateway.url + path, {
    method,
    headers: {
      Authorization: `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}`,
      ...(key && { 'Idempotency-Key': key }),
    },
    ...(form && { body: new URLSearchParams(form) }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, ms: performance.now() - from }
}

const list = () => `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`
const create = (psid: string, body: string) =>
  ask('POST', list(), { From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: body }, `${psid} ${body}`)

async function say(psid: string, text: string): Promise<Told> {
  const from = performance.now()
  const event = fromPerson(page.pageId, psid, { message: { mid: `m_${psid}_${text}`, text } }, 1_800_000_000_000)
  const { status, text: answered } = await postEntries(gateway.url, entryOf(page.pageId, event))
  return { status, text: answered, headers: new Headers(), ms: performance.now() - from }
}

const isReady = async () => (await ask('GET', '/readyz')).status === 200
const sentTo = (psid: string) => gateway.meta.sendsTo(psid).map(({ body }) => body.message.text)
const nothingWaits = () =>
  eventually('nothing to wait', async () => (await database.sql`select from lanes`).length === 0, 20_000)

/** A person who has written and was answered: nothing about them has to be looked up for the first time, or waits. */
async function acquaintance(): Promise<string> {
  customer.answer('/hook', ({ params }) => ({ body: `<Response><Message>re ${params.Body}</Message></Response>` }))
  const psid = gateway.newPerson()
  assert.equal((await say(psid, 'hello')).status, 200)
  await eventually('the answer', () => sentTo(psid).length === 1)
  await nothingWaits()
  return psid
}

for (const back of ['lets everything pass that waited', 'breaks what there was']) {
  test(`while the database is silent everybody is told so within seconds; a network that then ${back} finds nothing lost or doubled`, async () => {
    const people = await Promise.all(Array.from({ length: 10 }, acquaintance))
    cable.freeze()

    for (let round = 0; round < 2; round += 1) {
      const [creates, events, lists, ready, bin, metrics] = await Promise.all([
        Promise.all(people.map((psid) => create(psid, 'news'))),
        Promise.all(people.map((psid) => say(psid, 'question'))),
        Promise.all(people.map(() => ask('GET', list()))),
        ask('GET', '/readyz'),
        ask('GET', '/bins/welcome'),
        ask('GET', '/metrics'),
      ])
      for (const told of [...creates, ...lists]) {
        assert.equal(readTwilioError(told).code, 20503)
        assert.match(told.headers.get('retry-after') ?? '', /^\d+$/)
      }
      for (const { status, ms } of [...creates, ...events, ...lists, ready, bin]) {
        assert.equal(status, 503)
        assert.ok(ms < TOLD_WITHIN_MS, `told after ${ms} ms`)
      }
      assert.deepEqual(JSON.parse(ready.text).checks.store, false)
      assert.deepEqual(JSON.parse(bin.text), { error: 'Service unavailable, try again shortly' })
      assert.equal(metrics.status, 200)
      assert.match(metrics.text, /^process_cpu_seconds_total /m)
      assert.ok(ready.ms < PROBED_WITHIN_MS, `the probe was told after ${ready.ms} ms`)
    }
    cable.mend(back === 'breaks what there was')
    await eventually('the gateway to be ready again', isReady, 5000)

    for (const psid of people) {
      assert.equal((await create(psid, 'news')).status, 201)
      assert.equal((await say(psid, 'question')).status, 200)
    }
    await nothingWaits()
    for (const psid of people) {
      assert.deepEqual(sentTo(psid).sort(), ['news', 're hello', 're question'])
      const said = await database.sql`
        select from messages where contact_address = ${psid} and direction = 'inbound'`
      assert.equal(said.length, 2)
    }
    assert.deepEqual(gateway.meta.violations, [])
  })
}

test('a create of which nobody knows whether it was committed is sent once, without help, and its repetition answers it', async () => {
  const psid = await acquaintance()
  cable.lose('from commit on')

  const told = await create(psid, 'news')
  assert.equal(readTwilioError(told).code, 20503)
  const [kept] = await database.sql<{ id: string }[]>`
    select id from messages where contact_address = ${psid} and body = 'news'`
  assert.ok(kept, 'it was committed')
  cable.mend()

  await eventually('the message to be sent', () => sentTo(psid).includes('news'), 15_000)
  const repeated = await create(psid, 'news')
  assert.equal(repeated.status, 201)
  assert.equal(JSON.parse(repeated.text).sid, `SM${kept.id.replaceAll('-', '')}`)
  await nothingWaits()
  assert.equal(sentTo(psid).filter((text) => text === 'news').length, 1)
})

test('a send of which nobody knows whether its beginning was committed is made once, as soon as that is known', async () => {
  const psid = await acquaintance()
  cable.lose('from commit on')

  const { sid, authToken } = gateway.account
  const made = await fetch(gateway.url + list(), {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}` },
    body: new URLSearchParams({ From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'news' }),
  })
  assert.equal(made.status, 201, 'a create without a key is one statement: its answer is not lost')
  const begun = () => database.sql`select from message_parts p where contact_address = ${psid} and state = 'started'`
  await eventually('its beginning to be committed', async () => (await begun()).length === 1)
  assert.deepEqual(sentTo(psid), ['re hello'])
  cable.mend()

  await eventually('the message to be sent', () => sentTo(psid).includes('news'), 15_000)
  await nothingWaits()
  assert.deepEqual(sentTo(psid), ['re hello', 'news'])
})

test('what may not be sent any more when its beginning is known at last is not sent', async () => {
  const psid = await acquaintance()
  cable.lose('from commit on')

  const { sid, authToken } = gateway.account
  const made = await fetch(gateway.url + list(), {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}` },
    body: new URLSearchParams({
      From: `messenger:${page.pageId}`,
      To: `messenger:${psid}`,
      Body: 'news',
      ValidityPeriod: '2',
    }),
  })
  assert.equal(made.status, 201)
  const begun = () => database.sql`select from message_parts p where contact_address = ${psid} and state = 'started'`
  await eventually('its beginning to be committed', async () => (await begun()).length === 1)
  const { sid: messageSid } = (await made.json()) as { sid: string }
  await eventually('the silence to outlast the message', async () => {
    const [row] = await database.sql<{ old: boolean }[]>`
      select created_at < clock_now() - interval '2.5 seconds' as old from messages where contact_address = ${psid} and body = 'news'`
    return row?.old
  })
  cable.mend()

  const ended = await eventually(
    'the message to end',
    async () => {
      const { text } = await ask('GET', `${list().replace('.json', '')}/${messageSid}.json`)
      const { status, error_code: code } = JSON.parse(text)
      return status === 'failed' && { code }
    },
    15_000,
  )
  assert.deepEqual(ended, { code: 30036 })
  await nothingWaits()
  assert.deepEqual(sentTo(psid), ['re hello'])
})

test('an event of which nobody knows whether it was committed is answered once', async () => {
  const psid = await acquaintance()
  cable.lose('from commit on')

  assert.equal((await say(psid, 'question')).status, 503)
  const [kept] = await database.sql`select from messages where contact_address = ${psid} and body = 'question'`
  assert.ok(kept, 'it was committed')
  cable.mend()
  await eventually('the event to be taken', async () => (await say(psid, 'question')).status === 200)

  await eventually('the answer', () => sentTo(psid).includes('re question'), 15_000)
  await nothingWaits()
  assert.deepEqual(sentTo(psid), ['re hello', 're question'])
})
