import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FindingView, Health } from '../../src/console/contract/channels.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { dialOf } from '../dial.ts'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type PersonAtPage, personAtPage, sandboxState } from '../people.ts'
import { addPage, atPublicUrl, logInAtFacebook, MESSENGER, SETTINGS } from './facebook.ts'
import { signIn, type Visitor, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let customer: CustomerServer
let owner: Visitor
let path: string
let sid: string
let person: PersonAtPage

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  customer = await startCustomerServer()
  owner = await signIn(atPublicUrl(gateway))
  const { json } = await owner.call('GET', `${MESSENGER(gateway)}/senders`)
  sid = json.senders[0].sid
  path = `${MESSENGER(gateway)}/senders/${sid}`
  person = await personAtPage(gateway.url)
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

async function check(of = path): Promise<Record<string, FindingView>> {
  const { status, json } = await owner.call('POST', `${of}/check`)
  assert.equal(status, 200, JSON.stringify(json))
  return Object.fromEntries((json as NonNullable<Health>).findings.map((finding) => [finding.check, finding]))
}

const levelsOf = (findings: Record<string, FindingView>) =>
  Object.fromEntries(Object.entries(findings).map(([name, { level }]) => [name, level]))

const set = (settings: object) => owner.call('PUT', path, { ...SETTINGS, ...settings })

const alertsAbout = async () => {
  const { json } = await gateway.call('GET', '/monitor/v1/Alerts').then((answer) => ({ json: answer.json() }))
  return (json.alerts as { error_code: string; resource_sid: string; alert_text: string }[]).filter(
    (alert) => alert.resource_sid === sid,
  )
}

test('a Page in good health has only good findings', async () => {
  await person.say('hello')
  await person.hears(/^Welcome!/)
  const findings = await eventually('the reply to be sent', async () => {
    const found = await check()
    return /: (sent|delivered|read)\./.test(found['last-send']?.text ?? '') && found
  })
  assert.deepEqual(levelsOf(findings), {
    token: 'good',
    permissions: 'good',
    tasks: 'good',
    subscription: 'good',
    webhook: 'good',
    'last-event': 'good',
    'last-call': 'good',
    'last-send': 'good',
    callback: 'good',
  })
  assert.ok(findings['last-event']?.at)
  assert.match(findings.callback?.text ?? '', /TwiML bin welcome/)
})

test('each callback URL is asked whether it is there, and told nothing', async () => {
  customer.answer('/sms', { status: 405 })
  customer.answer('/status', { status: 503 })
  const closed = `http://127.0.0.1:${await freePort()}/x`
  await set({ callbackUrl: `${customer.url}/sms`, fallbackUrl: closed, statusCallbackUrl: `${customer.url}/status` })
  const { callback, fallback, statusCallback } = await check()
  assert.deepEqual([callback?.level, fallback?.level, statusCallback?.level], ['good', 'bad', 'warning'])
  assert.match(callback?.text ?? '', /answered a HEAD with 405/)
  assert.match(fallback?.text ?? '', /ECONNREFUSED/)
  const asked = customer.requests.filter((request) => request.path === '/sms')
  assert.ok(asked.length > 0)
  assert.ok(asked.every(({ method, params }) => method === 'HEAD' && Object.keys(params).length === 0))

  await set({ callbackUrl: '/bins/nowhere' })
  assert.match((await check()).callback?.text ?? '', /no TwiML bin nowhere/)
  await set({})
  assert.equal((await check()).callback?.level, 'warning')
})

test('a test request is signed, marked, read, and shows whether signatures are checked', async () => {
  customer.requests.length = 0
  const { authToken } = gateway.account
  customer.answer('/sms', (request) =>
    request.signatureIsValid(authToken)
      ? { body: '<Response><Message>Hi</Message><Play/></Response>' }
      : { status: 403, body: 'who are you?' },
  )
  await set({ callbackUrl: `${customer.url}/sms`, statusCallbackUrl: `${customer.url}/careless` })
  customer.answer('/careless', { status: 200, type: 'text/plain' })
  const { json } = await owner.call('POST', `${path}/test`, { which: 'callback' })
  assert.deepEqual(
    [json.problem, json.replies, json.warnings[0].code, json.forgeryRefused],
    [null, ['Hi'], 14110, true],
  )
  const asked = customer.requests.filter(({ method }) => method === 'POST')
  assert.equal(asked.length, 2)
  assert.equal(asked[0]?.params.PagewireTest, 'true')
  assert.deepEqual([asked[0]?.params.From, asked[0]?.params.To], ['messenger:0', `messenger:${person.pageId}`])
  assert.equal(json.exchanges[0].status, 200)

  const careless = await owner.call('POST', `${path}/test`, { which: 'statusCallback' })
  assert.equal(careless.json.forgeryRefused, false)
  assert.equal(careless.json.exchanges[0].requestParams.MessageStatus, 'sent')
  assert.equal((await owner.call('POST', `${path}/test`, { which: 'fallback' })).status, 409)
  const { thread } = person
  assert.ok((await thread()).messages.every(({ text }) => text !== 'Hi'))
})

test('a Page that sends its events nowhere raises an alert, and is subscribed again from here', async () => {
  const { pages, graphUrl } = await sandboxState(gateway.url)
  const { id, accessToken } = pages[0] as { id: string; accessToken: string }
  await fetch(`${graphUrl}/v25.0/${id}/subscribed_apps?access_token=${accessToken}`, { method: 'DELETE' })
  assert.equal((await check()).subscription?.level, 'bad')
  await check()
  const told = (await alertsAbout()).filter(({ alert_text: text }) => /sends no events/.test(text))
  assert.equal(told.length, 1)
  assert.equal((await owner.call('POST', `${path}/subscribe`)).status, 200)
  assert.equal((await check()).subscription?.level, 'good')
})

test('a dead token is found before a message fails, and a login brings back what waited', async () => {
  await dialOf(gateway.url).setToken(person.pageId, 'password_changed')
  const { token } = await check()
  assert.equal(token?.level, 'bad')
  assert.match(token?.text ?? '', /190\/460/)
  const trouble = await owner.call('GET', `/accounts/${gateway.account.sid}/channels/trouble`)
  assert.equal(trouble.json[0].sid, sid)
  assert.match(trouble.json[0].text, /does not accept the Page access token/)
  const dead = (await alertsAbout()).filter(({ alert_text: text }) => /token/.test(text))
  assert.deepEqual(
    dead.map((alert) => alert.error_code),
    ['63001'],
  )
  await check()
  assert.equal((await alertsAbout()).length, 2)

  const { sid: messageSid } = await gateway.client.messages.create({
    from: `messenger:${person.pageId}`,
    to: `messenger:${person.psid}`,
    body: 'Waited',
  })
  assert.equal((await gateway.client.messages(messageSid).fetch()).status, 'queued')

  const another = await addPage(gateway, 'Another')
  const query = `?sender=${sid}`
  const found = await logInAtFacebook(gateway, owner, { pages: [{ id: person.pageId }, { id: another.id }] }, query)
  assert.deepEqual(
    found.json.pages.map(({ obstacle }: { obstacle: string | null }) => obstacle),
    ['It is another Page than this one.', null],
  )
  const back = await owner.call('POST', `${path}/reconnect`, {})
  assert.equal(back.json.status, 'ONLINE', JSON.stringify(back.json))
  await person.hears('Waited')
  assert.deepEqual((await owner.call('GET', `/accounts/${gateway.account.sid}/channels/trouble`)).json, [])
  const { tasks } = await check()
  assert.equal(tasks?.level, 'good')
})

test('senders are looked at by themselves, about every six hours', async () => {
  assert.equal((await check()).token?.level, 'good')
  await dialOf(gateway.url).setToken(person.pageId, 'expired')
  const { json: before } = await owner.call('GET', path)
  assert.equal(before.status, 'ONLINE')
  await dialOf(gateway.url).advance(7 * 3_600_000)
  await eventually('the next look', async () => (await owner.call('GET', path)).json.status === 'OFFLINE', 15_000)
})
