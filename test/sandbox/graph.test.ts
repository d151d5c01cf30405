import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { ThreadDetail } from '../../src/sandbox/contract.ts'
import { startReceiver } from './receiver.ts'
import {
  APP,
  APP_TOKEN,
  createDatabase,
  type GraphFailure,
  startNode,
  type TestDatabase,
  type TestWorld,
} from './world.ts'

let database: TestDatabase
let world: TestWorld
let receiver: Awaited<ReturnType<typeof startReceiver>>
let psid: string

before(async () => {
  database = await createDatabase()
  receiver = await startReceiver()
  world = await startNode(database)
  await world.say(world.people[0]!, { text: 'hello' })
  psid = (await world.thread(world.people[0]!)).psid
})
after(async () => {
  await world.close()
  await receiver.close()
  await database.drop()
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('an error looks like one of Meta to the byte and to the header', async () => {
  const { page } = world
  const answer = await world.call<GraphFailure>('GET', '/graph/v25.0/2', undefined, bearer(page.accessToken))
  assert.equal(answer.status, 400)
  assert.match(
    answer.text,
    /^\{"error":\{"message":"Unsupported get request\. Object with ID '2' .+ https:\\\/\\\/developers\.facebook\.com\\\/docs\\\/graph-api","type":"GraphMethodException","code":100,"error_subcode":33,"fbtrace_id":"A[\w-]{22}"\}\}$/,
  )
  assert.equal(answer.headers.get('content-type'), 'application/json; charset=UTF-8')
  assert.equal(answer.headers.get('facebook-api-version'), 'v25.0')
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.match(answer.headers.get('www-authenticate')!, /^OAuth "Facebook Platform" "invalid_request" "Unsupported get/)
})

test('a token may come in header, query or body; none, a bad one and another Page are refused', async () => {
  const { page } = world
  const path = `/graph/${page.id}`
  const expected = { name: page.name, id: page.id }
  assert.deepEqual((await world.call('GET', `/graph/me?access_token=${page.accessToken}`)).body, expected)
  assert.deepEqual(
    (await world.call('GET', `${path}?fields=id,name`, undefined, bearer(page.accessToken))).body,
    expected,
  )
  const form = new URLSearchParams({
    access_token: page.accessToken,
    recipient: JSON.stringify({ id: psid }),
    message: JSON.stringify({ text: 'by form' }),
  })
  assert.equal((await world.call('POST', '/graph/v19.0/me/messages', form)).status, 200)
  const codes = async (headers: Record<string, string>, at = path) => {
    const answer = await world.call<GraphFailure>('GET', at, undefined, headers)
    return [answer.status, answer.body.error.code]
  }
  assert.deepEqual(await codes({}), [400, 104])
  assert.deepEqual(await codes({}, '/graph/me'), [400, 2500])
  assert.deepEqual(await codes(bearer('nonsense')), [400, 190])
  assert.deepEqual(await codes(bearer('EAAxyz')), [400, 190])
  assert.deepEqual(await codes(bearer(`${APP.appId}|wrong`)), [400, 190])
  assert.deepEqual(await codes(bearer(page.accessToken), '/graph/123456789012345'), [400, 100])
})

test('an appsecret_proof is checked when given, and demanded when the app says so', async () => {
  const { page } = world
  const proof = createHmac('sha256', APP.appSecret).update(page.accessToken).digest('hex')
  const get = (query: string) =>
    world.call<GraphFailure>('GET', `/graph/me?${query}`, undefined, bearer(page.accessToken))
  assert.equal((await get(`appsecret_proof=${proof}`)).status, 200)
  const wrong = await get(`appsecret_proof=${proof.replace(/./, 'x')}`)
  assert.deepEqual(
    [wrong.status, wrong.body.error.message],
    [400, 'Invalid appsecret_proof provided in the API argument'],
  )
  await world.sql`update sandbox.apps set require_proof = true`
  assert.equal((await get('')).body.error.message, 'API calls from the server require an appsecret_proof argument')
  await world.sql`update sandbox.apps set require_proof = false`
})

test('a subscription is refused unless the callback URL answers the challenge', async () => {
  const subscribe = (callbackUrl: string, verifyToken: string) =>
    world.call<GraphFailure>('POST', `/graph/v25.0/${APP.appId}/subscriptions`, {
      object: 'page',
      callback_url: callbackUrl,
      verify_token: verifyToken,
      fields: ['messages'],
      access_token: APP_TOKEN,
    })
  const refused = await subscribe(receiver.url, 'wrong')
  assert.deepEqual([refused.status, refused.body.error.code], [400, 2200])
  assert.match(refused.body.error.message, /HTTP Status Code = 403/)
  const echoing = `${world.baseUrl}/sandbox/api/state`
  assert.match((await subscribe(echoing, 'owl')).body.error.message, /does not match challenge/)
  const path = `/graph/v25.0/${APP.appId}/subscriptions?access_token=${encodeURIComponent(APP_TOKEN)}`
  assert.deepEqual((await world.call('GET', path)).body, { data: [] })

  assert.deepEqual((await subscribe(receiver.url, 'owl')).body as unknown, { success: true })
  const fields = [{ name: 'messages', version: 'v25.0' }]
  assert.deepEqual((await world.call('GET', path)).body, {
    data: [{ object: 'page', callback_url: receiver.url, active: true, fields }],
  })
  assert.deepEqual((await world.call('DELETE', `${path}&object=page`)).body, { success: true })
})

test('a Page subscribes, is listed and unsubscribes; unknown fields are refused', async () => {
  const refused = await world.graph<GraphFailure>('POST', '/me/subscribed_apps', {
    subscribed_fields: 'messages,telepathy',
  })
  assert.match(refused.body.error.message, /^\(#100\) Param subscribed_fields\[1\] must be one of \{messages, /)
  const fields = ['messages', 'message_reads']
  assert.deepEqual((await world.graph('POST', `/${world.page.id}/subscribed_apps?subscribed_fields=${fields}`)).body, {
    success: true,
  })
  const listed = await world.graph<{ data: { id: string; subscribed_fields: string[] }[] }>(
    'GET',
    '/me/subscribed_apps',
  )
  assert.deepEqual([listed.body.data[0]!.id, listed.body.data[0]!.subscribed_fields], [APP.appId, fields])
  assert.deepEqual((await world.graph('DELETE', '/me/subscribed_apps')).body, { success: true })
  assert.deepEqual((await world.graph('GET', '/me/subscribed_apps')).body, { data: [] })
})

test('a Page may read the name of a person who has acted, and of nobody else', async () => {
  const person = await world.graph('GET', `/${psid}?fields=first_name,last_name,name,profile_pic`)
  assert.deepEqual(person.body, { first_name: 'Ada', last_name: 'Lindqvist', name: 'Ada Lindqvist', id: psid })
  const silent = await world.graph<GraphFailure>('GET', `/${(await world.thread(world.people[2]!)).psid}`)
  assert.equal(silent.body.error.error_subcode, 2018218)
  const strange = await world.graph<GraphFailure>('GET', `/${psid}?fields=shoe_size`)
  assert.match(strange.body.error.message, /nonexisting field \(shoe_size\) on node type \(User\)/)
})

test('debug_token tells a Page token from nonsense', async () => {
  const ask = (input: string) =>
    world.call<{ data: Record<string, unknown> }>(
      'GET',
      `/graph/debug_token?input_token=${input}&access_token=${encodeURIComponent(APP_TOKEN)}`,
    )
  const known = (await ask(world.page.accessToken)).body.data
  assert.deepEqual([known.is_valid, known.profile_id, known.app_id], [true, world.page.id, APP.appId])
  const unknown = await ask('EAAnope')
  assert.deepEqual([unknown.status, unknown.body.data.is_valid], [200, false])
})

test('the Messenger profile is kept, shown in the chat, and its menu needs a Get Started button', async () => {
  const menu = [
    { locale: 'default', call_to_actions: [{ type: 'postback', title: 'Opening hours', payload: 'HOURS' }] },
  ]
  const early = await world.graph<GraphFailure>('POST', '/me/messenger_profile', { persistent_menu: menu })
  assert.equal(early.body.error.error_subcode, 2018145)
  const set = await world.graph('POST', '/me/messenger_profile', {
    get_started: { payload: 'BEGIN' },
    greeting: [{ locale: 'default', text: 'Hi {{user_first_name}}!' }],
    persistent_menu: menu,
    ice_breakers: [{ question: 'Where are you?', payload: 'WHERE' }],
  })
  assert.deepEqual(set.body, { result: 'success' })
  const read = await world.graph('GET', '/me/messenger_profile?fields=get_started,greeting')
  assert.deepEqual(read.body, {
    data: [{ get_started: { payload: 'BEGIN' }, greeting: [{ locale: 'default', text: 'Hi {{user_first_name}}!' }] }],
  })
  const chiyo = world.people[2]!
  const thread = await world.call<ThreadDetail>('GET', `/api/threads/${world.page.id}/${chiyo.id}`)
  assert.deepEqual(
    [thread.body.getStarted, thread.body.greeting, thread.body.iceBreakers, thread.body.menu],
    [true, 'Hi Chiyo!', [{ question: 'Where are you?', payload: 'WHERE' }], menu[0]!.call_to_actions],
  )
  const early2 = await world.graph('DELETE', '/me/messenger_profile', { fields: ['get_started'] })
  assert.equal(early2.status, 400)
  await world.graph('DELETE', '/me/messenger_profile', {
    fields: ['get_started', 'greeting', 'ice_breakers', 'persistent_menu'],
  })
  assert.deepEqual((await world.graph('GET', '/me/messenger_profile?fields=get_started')).body, { data: [] })
})

test('hostile bodies are refused in the shape of Meta', async () => {
  const post = (body: string, type = 'application/json') =>
    world.call<GraphFailure>('POST', '/graph/me/messages', body, {
      'content-type': type,
      ...bearer(world.page.accessToken),
    })
  for (const body of [
    '{',
    '[]',
    'null',
    '{"recipient":[]}',
    '{"recipient":{"id":{}}}',
    '{"__proto__":{"recipient":1}}',
  ]) {
    const answer = await post(body)
    assert.deepEqual([answer.status, answer.body.error.code], [400, 100], body)
  }
  assert.equal((await post(JSON.stringify({ recipient: { id: psid }, message: { text: 'a\0b' } }))).status, 400)
  const huge = await post(JSON.stringify({ message: { text: 'x'.repeat(1_100_000) } }))
  assert.deepEqual([huge.status, huge.body.error.code], [413, 1])
  assert.equal((await post('<x/>', 'text/xml')).status, 415)
  assert.equal((await world.graph('PATCH', '/me/messages', {})).status, 400)
  assert.equal((await world.graph('POST', '/me/constructor', {})).status, 400)
  assert.equal((await world.graph('POST', '/me/messages/more', {})).status, 400)
  assert.equal((await world.graph('POST', '', { batch: [] })).status, 400)
})
