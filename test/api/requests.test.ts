import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newAccountSid, newAuthToken } from '#core/ids.ts'
import { saveAccount } from '#store/accounts.ts'
import { createVault } from '#store/secrets.ts'
import { eventually } from '../eventually.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { basic, requestRaw } from '../raw-request.ts'
import { assertTwilioError, readTwilioError } from '../twilio-error.ts'

const SENDERS = '/messaging/v2/Channels/Senders'

let gateway: MetaGateway
let list: string
/** Another account of the same installation. */
const other = { sid: newAccountSid(), authToken: newAuthToken() }

before(async () => {
  gateway = await startMetaGateway()
  list = `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`
  const vault = createVault('the secret key of all test gateways')
  await saveAccount(gateway.sql, vault, { ...other, friendlyName: 'Another account' })
})
after(() => gateway?.stop())

const item = (sid: string) => list.replace('.json', `/${sid}.json`)
const raw = (method: string, path: string, headers: Record<string, string>, body?: string) =>
  requestRaw(gateway.url, method, path, headers, body)

const withOwn = (headers: Record<string, string> = {}) => ({
  Authorization: basic(gateway.account.sid, gateway.account.authToken),
  ...headers,
})

test('without right credentials there is a 401 of the documented shape, and nothing else', async () => {
  const { sid, authToken } = gateway.account
  const wrong = [
    undefined,
    '',
    'Basic',
    'Basic !!!',
    `Bearer ${authToken}`,
    basic(sid, ''),
    basic(sid, authToken.slice(1)),
    basic(sid, `${authToken} `),
    basic('', authToken),
    basic(sid.toUpperCase(), authToken),
    basic(`AC${'0'.repeat(32)}`, authToken),
    basic(`SK${'0'.repeat(32)}`, authToken),
    basic(sid, '\0'),
    basic(sid, 'x'.repeat(10_000)),
  ]
  for (const path of [list, item(`SM${'0'.repeat(32)}`), SENDERS, '/monitor/v1/Alerts']) {
    for (const Authorization of wrong) {
      const answer = await raw('GET', path, Authorization === undefined ? {} : { Authorization })
      assertTwilioError(answer, 401, 20003)
      assert.equal(answer.headers.get('www-authenticate'), 'Basic realm="Twilio API"')
      assert.deepEqual(answer.json(), {
        code: 20003,
        detail: '',
        message: 'Authenticate',
        more_info: 'https://www.twilio.com/docs/errors/20003',
        status: 401,
      })
    }
  }
})

test('credentials are asked for before anything of the body is looked at', async () => {
  for (const [path, type, body] of [
    [list, 'application/x-www-form-urlencoded', 'Body='.padEnd(2_000_000, 'x')],
    [SENDERS, 'application/json', '{'],
    [SENDERS, 'application/json', '{}'],
    [list, 'image/png', 'x'],
  ] as const) {
    const response = await fetch(gateway.url + path, { method: 'POST', headers: { 'Content-Type': type }, body })
    assert.equal(response.status, 401, path)
    await response.body?.cancel()
  }
})

test("another account's credentials reach nothing of this one, and the other way round", async () => {
  const page = await gateway.connectPage()
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const form = { From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'mine' }
  const sid = (await gateway.create(form)).json().sid as string
  const theirs = `${other.sid}:${other.authToken}`
  const theirList = list.replace(gateway.account.sid, other.sid)

  for (const path of [list, item(sid)])
    assertTwilioError(await gateway.call('GET', path, undefined, theirs), 401, 20003)
  assertTwilioError(await gateway.call('GET', theirList), 401, 20003)
  const theirItem = item(sid).replace(gateway.account.sid, other.sid)
  for (const method of ['GET', 'POST', 'DELETE']) {
    assertTwilioError(await gateway.call(method, theirItem, undefined, theirs), 404, 20404)
  }
  assertTwilioError(await gateway.call('POST', theirList, new URLSearchParams(form), theirs), 400, 63007)
  for (const method of ['GET', 'POST', 'DELETE']) {
    assertTwilioError(await gateway.call(method, page.path, method === 'POST' ? {} : undefined, theirs), 404, 20404)
  }
  const ofTheirs = await gateway.call('GET', `${SENDERS}?Channel=messenger`, undefined, theirs)
  assert.deepEqual(ofTheirs.json().senders, [])
})

test('a token that was right a moment ago is refused once another has taken its place', async () => {
  const vault = createVault('the secret key of all test gateways')
  const account = { sid: newAccountSid(), authToken: newAuthToken(), friendlyName: 'Changes its token' }
  const next = newAuthToken()
  const ask = (token: string) =>
    gateway.call('GET', `${SENDERS}?Channel=messenger`, undefined, `${account.sid}:${token}`)
  await saveAccount(gateway.sql, vault, account)
  for (let times = 0; times < 3; times += 1) assert.equal((await ask(account.authToken)).status, 200)

  await saveAccount(gateway.sql, vault, { ...account, authToken: next })

  const refused = await eventually('the old token to be refused', async () => {
    const answer = await ask(account.authToken)
    return answer.status !== 200 && answer
  })
  assertTwilioError(refused, 401, 20003)
  assert.equal((await ask(next)).status, 200)
})

test('the secondary token works too; a suspended account is refused with 20005', async () => {
  const vault = createVault('the secret key of all test gateways')
  const secondary = newAuthToken()
  await gateway.sql`
    update accounts set secondary_auth_token = ${vault.seal(secondary, `account:${other.sid}`)} where sid = ${other.sid}`
  const path = `${SENDERS}?Channel=messenger`
  const ask = (password: string) => gateway.call('GET', path, undefined, `${other.sid}:${password}`)
  // A node may remember an account for a second.
  await eventually('the new token to be known', async () => (await ask(secondary)).status === 200)
  assert.equal((await ask(other.authToken)).status, 200)
  await gateway.sql`update accounts set status = 'suspended' where sid = ${other.sid}`
  const refused = await eventually('the account to be refused', async () => {
    const answer = await ask(other.authToken)
    return answer.status !== 200 && answer
  })
  assertTwilioError(refused, 403, 20005)
})

test('a path that exists with other methods is a 405 that names them, whatever the body', async () => {
  for (const [method, path, allowed] of [
    ['PUT', list, ['POST', 'GET', 'HEAD']],
    ['DELETE', list, ['POST', 'GET', 'HEAD']],
    ['PATCH', item(`SM${'0'.repeat(32)}`), ['GET', 'HEAD', 'POST', 'DELETE']],
    ['POST', '/monitor/v1/Alerts', ['GET', 'HEAD']],
    ['PUT', SENDERS, ['POST', 'GET', 'HEAD']],
  ] as const) {
    for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded', '???']) {
      const answer = await raw(method, path, withOwn({ 'Content-Type': type }), '{')
      assertTwilioError(answer, 405, 20004)
      assert.deepEqual(answer.headers.get('allow')?.split(', ').toSorted(), allowed.toSorted())
    }
  }
})

test('what is not there is a 404 that names the path as it was asked for', async () => {
  const account = `/2010-04-01/Accounts/${gateway.account.sid}`
  for (const path of [
    '/2010-04-01',
    '/2010-04-01/',
    `${account}/Nothing`,
    `${account}/Nothing.xml`,
    `${account}/Messages.json/`,
    `${account}/Messages/`,
    `${account}/Nothing.json`,
    item('SM1'),
    item(`sm${'0'.repeat(32)}`),
    item(`XE${'0'.repeat(32)}`),
    item('x'.repeat(3000)),
    item('%00'),
    '/messaging/v1/Deactivations',
    '/content/v1/Content',
    `${SENDERS}/XE1`,
    `${SENDERS}/${'x'.repeat(3000)}`,
    '/monitor/v1/Alerts/NO1',
  ]) {
    const answer = await raw('GET', `${path}?a=secret`, withOwn())
    assert.equal(answer.status, 404)
    const { code, message } = readTwilioError(answer)
    assert.deepEqual([code, message], [20404, `The requested resource ${path} was not found`])
  }
})

test('a malformed URL is answered in the same shape', async () => {
  for (const path of ['/2010-04-01/%ff', '/messaging/v2/%', `${SENDERS}/%zz`, item('%e0%a4%a'), '/monitor/v1/%c0%80']) {
    assertTwilioError(await raw('GET', path, withOwn()), 400, 20422, /percent/)
  }
  assert.equal((await raw('GET', '/somewhere/%ff', {})).status, 400)
})

test('a body of a megabyte is too large, and one of another type is not taken', async () => {
  const form = 'application/x-www-form-urlencoded'
  const large = `Body=${'x'.repeat(1024 * 1024)}`
  assertTwilioError(await raw('POST', list, withOwn({ 'Content-Type': form }), large), 413, 20413)
  assertTwilioError(
    await raw('POST', list, withOwn({ 'Content-Type': form, 'Transfer-Encoding': 'chunked' }), large),
    413,
    20413,
  )
  assertTwilioError(await raw('POST', SENDERS, withOwn({ 'Content-Type': 'application/json' }), large), 413, 20413)
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'text/xml', '???']) {
    assertTwilioError(await raw('POST', list, withOwn({ 'Content-Type': type }), 'Body=x'), 415, 20415)
  }
  for (const type of [form, 'text/plain', '???']) {
    assertTwilioError(await raw('POST', SENDERS, withOwn({ 'Content-Type': type }), '{}'), 415, 20415)
  }
  // No type at all, but a body.
  assertTwilioError(await raw('POST', list, withOwn({ 'Content-Length': '1' }), 'x'), 415, 20415)
  // Nothing at all is an empty form.
  assertTwilioError(await raw('POST', list, withOwn({ 'Content-Length': '0' })), 400, 21604)
})

test('JSON that is broken, empty, dangerous or not as documented is a 400', async () => {
  const json = { 'Content-Type': 'application/json' }
  for (const body of ['', '{', '[]', 'null', '"x"', '1', '{"sender_id":1}', '{"__proto__":{}}', '\ufeff', '{"a":1}x']) {
    assertTwilioError(await raw('POST', SENDERS, withOwn(json), body), 400, 20422)
  }
  const deep = '['.repeat(500_000)
  assertTwilioError(await raw('POST', SENDERS, withOwn(json), deep), 400, 20422)
  const answer = await raw(
    'POST',
    SENDERS,
    withOwn(json),
    '{"sender_id":"messenger:1","configuration":{"unique_name":5}}',
  )
  assert.match(readTwilioError(answer).message, /configuration\.unique_name/)
})

test("a product's host name serves its paths without the prefix", async () => {
  const hosted = (host: string, path: string) => raw('GET', path, withOwn({ Host: host }))
  for (const host of ['messaging.gateway.example', 'Messaging.Gateway.Example:8080', 'messaging']) {
    const answer = await hosted(host, '/v2/Channels/Senders?Channel=messenger')
    assert.equal(answer.status, 200, answer.text)
    const { meta } = answer.json() as { meta: { url: string } }
    assert.match(meta.url, /^http:\/\/localhost:\d+\/messaging\/v2\/Channels\/Senders\?/)
  }
  assert.equal((await hosted('monitor.gateway.example', '/v1/Alerts')).status, 200)
  assert.equal((await hosted('messaging.gateway.example', `${SENDERS}?Channel=messenger`)).status, 200)
  assert.equal((await hosted('api.gateway.example', list)).status, 200)
  const missing = await hosted('messaging.gateway.example', '/v2/Nothing')
  assertTwilioError(missing, 404, 20404, /resource \/v2\/Nothing was/)
  assertTwilioError(await hosted('messaging.gateway.example', '/v2/%ff'), 400, 20422)
  const elsewhere = await hosted('gateway.example', '/v2/Channels/Senders')
  assert.deepEqual([elsewhere.status, Object.keys(elsewhere.json())], [404, ['error']])
})

test('HEAD answers as GET does, without the body', async () => {
  const answer = await raw('HEAD', list, withOwn())
  assert.deepEqual([answer.status, answer.text], [200, ''])
  assert.equal((await raw('HEAD', list, {})).status, 401)
})
