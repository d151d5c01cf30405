import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../eventually.ts'
import type { Answer } from '../gateway.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'

let gateway: MetaGateway
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  page = await gateway.connectPage()
})
after(() => gateway?.stop())

/** A create with this key. */
async function create(key: string, form: Record<string, string>): Promise<Answer> {
  const { sid, authToken } = gateway.account
  const response = await fetch(`${gateway.url}/2010-04-01/Accounts/${sid}/Messages.json`, {
    method: 'POST',
    headers: {
      Authorization: `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}`,
      'Idempotency-Key': key,
    },
    body: new URLSearchParams(form),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
}

async function newForm(): Promise<{ From: string; To: string; Body: string }> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  return { From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'once' }
}

const sendsTo = ({ To }: { To: string }) => gateway.meta.sendsTo(To.replace('messenger:', ''))
const statusOf = async (sid: string) => (await gateway.client.messages(sid).fetch()).status

test('the same Idempotency-Key with the same parameters answers the same message, which is sent once', async () => {
  const form = await newForm()
  const [first, again] = [await create('order 17', form), await create('order 17', form)]
  assert.deepEqual([first.status, again.status], [201, 201])
  assert.equal(again.json().sid, first.json().sid)
  const other = await create('order 18', form)
  assert.notEqual(other.json().sid, first.json().sid)
  await eventually('both to be sent', async () => (await statusOf(other.json().sid as string)) === 'sent')
  assert.equal(sendsTo(form).length, 2)
})

test('the same key with other parameters is a conflict, and nothing is sent', async () => {
  const form = await newForm()
  const first = await create('order 19', form)
  assertTwilioError(await create('order 19', { ...form, Body: 'twice' }), 409, 20409, /Idempotency-Key/)
  await eventually('the message to be sent', async () => (await statusOf(first.json().sid as string)) === 'sent')
  assert.equal(sendsTo(form).length, 1)
})

test('twenty creates at once with one key make one message', async () => {
  const form = await newForm()
  const answers = await Promise.all(Array.from({ length: 20 }, () => create('order 20', form)))
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [201])
  const [sid, ...others] = new Set(answers.map((answer) => answer.json().sid as string))
  assert.deepEqual(others, [])
  await eventually('it to be sent', async () => (await statusOf(sid as string)) === 'sent')
  assert.equal(sendsTo(form).length, 1)
})

test('the key of a deleted message is a conflict, as its message cannot be answered any more', async () => {
  const form = await newForm()
  const sid = (await create('order 21', form)).json().sid as string
  await eventually('it to be sent', async () => (await statusOf(sid)) === 'sent')
  await gateway.client.messages(sid).remove()
  assertTwilioError(await create('order 21', form), 409, 20409)
  assert.equal(sendsTo(form).length, 1)
})

test('a repetition is answered as the first time, although it would be refused by now', async () => {
  const form = await newForm()
  const gone = await gateway.connectPage()
  const psid = gateway.newPerson()
  await gateway.says(psid, gone.pageId, 'hi')
  const fromGone = { From: `messenger:${gone.pageId}`, To: `messenger:${psid}`, Body: 'once' }
  const service = await gateway.client.messaging.v1.services.create({ friendlyName: 'Timetable' })
  const sendAt = new Date(Date.now() + 3_600_000)
  const scheduled = {
    ...form,
    MessagingServiceSid: service.sid,
    ScheduleType: 'fixed',
    SendAt: sendAt.toISOString(),
  }
  const first = [await create('gone', fromGone), await create('soon', scheduled)]
  await gateway.client.messaging.v2.channelsSenders(gone.sid).remove()
  await gateway.client.messaging.v1.services(service.sid).remove()

  const again = [await create('gone', fromGone), await create('soon', scheduled)]
  assert.deepEqual(
    again.map((answer) => [answer.status, answer.json().sid]),
    first.map((answer) => [201, answer.json().sid]),
  )
  assertTwilioError(await create('gone', { ...fromGone, Body: 'twice' }), 400, 63007)
  assertTwilioError(await create('new', fromGone), 400, 63007)
})

test('a key is forgotten after 24 hours', async () => {
  const form = await newForm()
  const first = await create('order 22', form)
  await gateway.sql`update idempotency_keys set created_at = created_at - interval '24 hours 1 second'`
  const later = await create('order 22', { ...form, Body: 'a day later' })
  assert.equal(later.status, 201)
  assert.notEqual(later.json().sid, first.json().sid)
})

test('a refused create does not use its key up', async () => {
  const form = await newForm()
  assertTwilioError(await create('order 23', { ...form, Body: '' }), 400, 21602)
  const psid = form.To.replace('messenger:', '')
  await gateway.says(psid, page.pageId, 'stop')
  assertTwilioError(await create('order 23', form), 400, 21610)
  assertTwilioError(await create('order 23', form), 400, 21610)
  await gateway.says(psid, page.pageId, 'start')
  assert.equal((await create('order 23', form)).status, 201)
})

test('a key of more than 255 characters is refused; an empty one is none', async () => {
  const form = await newForm()
  assertTwilioError(await create('k'.repeat(256), form), 400, 20422)
  const [first, again] = [await create('', form), await create('', form)]
  assert.notEqual(first.json().sid, again.json().sid)
})
