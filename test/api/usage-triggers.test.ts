import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fireTriggers } from '#messaging/fire-triggers.ts'
import { createSubaccount } from '../accounts.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const OF_TWILIO = '/2010-04-01/Accounts/{AccountSid}/Usage/Triggers'

let gateway: MetaGateway
let customer: CustomerServer
let page: ConnectedPage
let list: string

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  page = await gateway.connectPage()
  list = `/2010-04-01/Accounts/${gateway.account.sid}/Usage/Triggers.json`
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

const item = (sid: string) => list.replace('.json', `/${sid}.json`)
const form = (fields: Record<string, string>) => new URLSearchParams(fields)
const triggers = () => gateway.client.usage.triggers

/** As the chore does every minute, on two nodes at once. */
const look = () => Promise.all([fireTriggers(gateway.sql, ['messenger']), fireTriggers(gateway.sql, ['messenger'])])

async function hear(count: number): Promise<void> {
  const psid = gateway.newPerson()
  for (let nth = 0; nth < count; nth += 1) await gateway.says(psid, page.pageId, `message ${nth}`)
}

const INBOUND = { usageCategory: 'channels-messenger-inbound' }

test('a trigger is made, fetched, changed, listed and deleted', async () => {
  const created = await gateway.call(
    'POST',
    list,
    form({
      CallbackUrl: `${customer.url}/first`,
      TriggerValue: '1000000.5',
      UsageCategory: 'sms-outbound',
      Recurring: 'daily',
    }),
  )
  assert.equal(created.status, 201)
  assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}.json`, created)
  const { sid, uri, date_created, date_updated, ...rest } = created.json() as Record<string, string>
  assert.match(sid ?? '', /^UT[0-9a-f]{32}$/)
  assert.equal(uri, item(sid ?? ''))
  assert.ok(date_created && date_updated)
  assert.deepEqual(rest, {
    account_sid: gateway.account.sid,
    api_version: '2010-04-01',
    callback_method: 'POST',
    callback_url: `${customer.url}/first`,
    current_value: '0',
    date_fired: null,
    friendly_name: null,
    recurring: 'daily',
    trigger_by: 'usage',
    trigger_value: '1000000.5',
    usage_category: 'sms-outbound',
    usage_record_uri: `/2010-04-01/Accounts/${gateway.account.sid}/Usage/Records.json?Category=sms-outbound`,
  })

  const changed = await gateway.call('POST', uri ?? '', form({ FriendlyName: 'Too much', CallbackMethod: 'GET' }))
  const fetched = await gateway.call('GET', uri ?? '')
  assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}/{Sid}.json`, changed)
  assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}/{Sid}.json`, fetched)
  assert.deepEqual(fetched.json(), changed.json())
  assert.deepEqual([changed.json().friendly_name, changed.json().callback_method], ['Too much', 'GET'])

  await triggers().create({ callbackUrl: '/bins/welcome', triggerValue: '5', usageCategory: 'sms', triggerBy: 'count' })
  assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}.json`, await gateway.call('GET', list))
  const found = async (filter: object) =>
    (await triggers().list({ pageSize: 1, ...filter })).map((each) => each.usageCategory)
  assert.deepEqual(await found({}), ['sms', 'sms-outbound'])
  assert.deepEqual(await found({ recurring: 'alltime' }), ['sms'])
  assert.deepEqual(await found({ triggerBy: 'usage' }), ['sms-outbound'])
  assert.deepEqual(await found({ usageCategory: 'sms-outbound' }), ['sms-outbound'])

  for (const trigger of await triggers().list()) assert.equal(await triggers()(trigger.sid).remove(), true)
  for (const method of ['GET', 'POST', 'DELETE']) assertTwilioError(await gateway.call(method, uri ?? ''), 404, 20404)
})

test('what could never fire is refused', async () => {
  const right = { CallbackUrl: `${customer.url}/x`, TriggerValue: '10', UsageCategory: 'sms' }
  const wrong: [Record<string, string>, number][] = [
    [{ CallbackUrl: '' }, 20422],
    [{ CallbackUrl: 'http://my_host/' }, 21402],
    [{ TriggerValue: '' }, 20422],
    [{ TriggerValue: '0' }, 20422],
    [{ TriggerValue: '-5' }, 20422],
    [{ TriggerValue: '1e3' }, 20422],
    [{ UsageCategory: 'smss' }, 20422],
    [{ Recurring: 'hourly' }, 20422],
    [{ TriggerBy: 'luck' }, 20422],
    [{ CallbackMethod: 'PUT' }, 21403],
    [{ FriendlyName: 'x'.repeat(65) }, 20002],
  ]
  for (const [fields, code] of wrong) {
    assertTwilioError(await gateway.call('POST', list, form({ ...right, ...fields })), 400, code)
  }
})

test('it fires once when its value is reached, with a signed callback that says what was reached', async () => {
  await hear(2)
  const [now] = await gateway.client.usage.records.list({ category: INBOUND.usageCategory })
  const current = Number(now?.count)
  const trigger = await triggers().create({
    ...INBOUND,
    callbackUrl: `${customer.url}/fired?key=1`,
    triggerValue: '+3',
  })
  assert.deepEqual([trigger.currentValue, trigger.triggerValue], [String(current), String(current + 3)])

  await hear(2)
  await look()
  assert.equal((await triggers()(trigger.sid).fetch()).dateFired, null)
  await hear(2)
  await look()
  const fired = await customer.next((request) => request.path === '/fired?key=1')
  assert.equal(fired.method, 'POST')
  assert.equal(fired.signatureIsValid(gateway.account.authToken), true)
  const { DateFired, IdempotencyToken, ...rest } = fired.params
  assert.ok(!Number.isNaN(Date.parse(DateFired ?? '')))
  assert.equal(fired.headers['i-twilio-idempotency-token'], IdempotencyToken)
  assert.deepEqual(rest, {
    AccountSid: gateway.account.sid,
    ApiVersion: '2010-04-01',
    CurrentValue: String(current + 4),
    Recurring: 'alltime',
    TriggerBy: 'usage',
    TriggerValue: String(current + 3),
    UsageCategory: INBOUND.usageCategory,
    UsageRecordUri: `/2010-04-01/Accounts/${gateway.account.sid}/Usage/Records.json?Category=${INBOUND.usageCategory}`,
    UsageTriggerSid: trigger.sid,
  })
  const { dateFired, currentValue } = await triggers()(trigger.sid).fetch()
  assert.ok(dateFired)
  assert.equal(currentValue, String(current + 4))

  await hear(1)
  await look()
  await look()
  assert.equal(customer.requests.filter((request) => request.path.startsWith('/fired')).length, 1)
})

type Callbacks = { callbacks: Record<string, unknown>[] }

test('what it has called, and what was answered, can be looked at: each try, the newest first', async () => {
  const trigger = await triggers().create({
    ...INBOUND,
    callbackUrl: `${customer.url.replace('//', '//user:secret@')}/logged`,
    triggerValue: '1',
  })
  const callbacks = item(trigger.sid).replace('.json', '/Callbacks.json')
  const made = async () => ((await gateway.call('GET', callbacks)).json() as Callbacks).callbacks
  assert.deepEqual(await made(), [])
  customer.answer('/logged', { status: 503, body: 'not now' })
  await look()
  const [failed] = await eventually('the first try', async () => {
    const calls = await made()
    return calls.length === 1 && calls
  })
  const told = [failed?.response_status, failed?.response_body, failed?.error_code, failed?.request_method]
  assert.deepEqual(told, [503, 'not now', 11200, 'POST'])
  assert.equal(failed?.request_url, `${customer.url}/logged`)
  assert.equal((failed?.request_variables as Record<string, string> | undefined)?.UsageTriggerSid, trigger.sid)
  assert.doesNotMatch(JSON.stringify(failed), /secret/)

  customer.answer('/logged', { status: 204 })
  await gateway.sql`update lanes set due_at = now() where kind = 'report-usage'`
  const [second] = await eventually('the second try', async () => {
    const calls = await made()
    return calls.length === 2 && calls
  })
  assert.deepEqual([second?.response_status, second?.error_code], [204, null])

  const foreign = await createSubaccount(gateway)
  const path = `${foreign.path}/Usage/Triggers/${trigger.sid}/Callbacks.json`
  assertTwilioError(await foreign.call('GET', path), 404, 20404)
  await triggers()(trigger.sid).remove()
  assertTwilioError(await gateway.call('GET', callbacks), 404, 20404)
})

test('a recurring one fires again in its next period', async () => {
  const trigger = await triggers().create({
    ...INBOUND,
    callbackUrl: `${customer.url}/again`,
    callbackMethod: 'GET',
    triggerValue: '1',
    recurring: 'monthly',
  })
  await hear(1)
  await look()
  assert.equal((await customer.next(({ path }) => path.startsWith('/again'))).params.Recurring, 'monthly')
  await look()
  assert.equal(customer.requests.filter(({ path }) => path.startsWith('/again')).length, 1)

  await gateway.sql`update usage_triggers set fired_at = fired_at - interval '1 month' where fired_at is not null`
  await look()
  await customer.next(({ path }) => path.startsWith('/again'))
  await triggers()(trigger.sid).remove()
})

test('by price nothing ever fires, and a suspended account is told nothing', async () => {
  await triggers().create({
    ...INBOUND,
    callbackUrl: `${customer.url}/price`,
    triggerValue: '0.01',
    triggerBy: 'price',
  })
  const account = await createSubaccount(gateway)
  await gateway.sql`
    insert into usage_days (account_sid, day, channel, inbound, inbound_with_media, inbound_media, outbound,
      outbound_with_media, outbound_media)
    values (${account.sid}, clock_now()::date, 'messenger', 10, 0, 0, 0, 0, 0)`
  const trigger = await account.client.usage.triggers.create({
    ...INBOUND,
    callbackUrl: `${customer.url}/suspended`,
    triggerValue: '5',
  })
  const become = (status: 'active' | 'suspended') => gateway.client.api.v2010.accounts(account.sid).update({ status })
  await become('suspended')
  await look()
  await become('active')
  assert.equal((await account.client.usage.triggers(trigger.sid).fetch()).dateFired, null)
  await look()
  const fired = await customer.next(({ path }) => path === '/suspended')
  assert.equal(fired.signatureIsValid(account.authToken), true)
  assert.equal(
    customer.requests.some(({ path }) => path === '/price'),
    false,
  )
})

test('a callback that fails for good leaves an alert', async () => {
  customer.answer('/broken', { status: 500 })
  const trigger = await triggers().create({ ...INBOUND, callbackUrl: `${customer.url}/broken#rc=0`, triggerValue: '1' })
  await look()
  const alert = await eventually('the alert', async () =>
    (await gateway.client.monitor.v1.alerts.list()).find((each) => each.resourceSid === trigger.sid),
  )
  assert.equal(alert.errorCode, '11200')
})
