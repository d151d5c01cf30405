import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { toSid } from '#core/ids.ts'
import { createApiKey } from '#messaging/api-keys.ts'
import { clientWith, createSubaccount } from '../accounts.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const OF_TWILIO = '/2010-04-01/Accounts/{AccountSid}'
const IAM = '/iam/v1/Keys'

let gateway: Gateway
let account: string

before(async () => {
  gateway = await startGateway()
  account = `/2010-04-01/Accounts/${gateway.account.sid}`
})
after(() => gateway?.stop())

const form = (fields: Record<string, string>) => new URLSearchParams(fields)
const missing = `SK${'0'.repeat(32)}`

for (const [resource, listKey] of [
  ['Keys', 'keys'],
  ['SigningKeys', 'signing_keys'],
] as const) {
  test(`${resource}: made with a secret that is never shown again, listed, renamed and deleted`, async () => {
    const list = `${account}/${resource}.json`
    const created = await gateway.call('POST', list, form({ FriendlyName: 'CI' }))
    assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}/${resource}.json`, created)
    const { sid, secret } = created.json() as Record<string, string>
    assert.match(sid ?? '', /^SK[0-9a-f]{32}$/)
    assert.match(secret ?? '', /^[0-9a-f]{32}$/)
    const item = `${account}/${resource}/${sid}.json`

    const fetched = await gateway.call('GET', item)
    const renamed = await gateway.call('POST', item, form({ FriendlyName: 'The other CI' }))
    const listed = await gateway.call('GET', list)
    assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}/${resource}/{Sid}.json`, fetched)
    assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}/${resource}/{Sid}.json`, renamed)
    assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}/${resource}.json`, listed)
    assert.deepEqual([fetched.json().friendly_name, renamed.json().friendly_name], ['CI', 'The other CI'])
    const found = (listed.json() as Record<string, { sid: string }[]>)[listKey]?.find((key) => key.sid === sid)
    assert.deepEqual(found, renamed.json())
    for (const { text } of [fetched, renamed, listed]) assert.equal(text.includes(secret ?? ''), false)
    const [kept] = await gateway.sql<{ row: string }[]>`select k::text as row from api_keys k`
    assert.equal(kept?.row.includes(secret ?? ''), false)

    assert.equal((await gateway.call('DELETE', item)).status, 204)
    for (const method of ['GET', 'POST', 'DELETE']) assertTwilioError(await gateway.call(method, item), 404, 20404)
  })
}

test('a list of keys leads forward and back', async () => {
  const sids: string[] = []
  for (let nth = 0; nth < 3; nth += 1) sids.unshift((await gateway.client.newKeys.create()).sid)
  const bySdk = await gateway.client.keys.list({ pageSize: 1 })
  assert.deepEqual(
    bySdk.map((key) => key.sid),
    sids,
  )
  const first = await gateway.client.keys.page({ pageSize: 2 })
  const second = await first.nextPage()
  const back = await second?.previousPage()
  assert.deepEqual(
    back?.instances.map((key) => key.sid),
    sids.slice(0, 2),
  )
})

test('a standard key does everything but manage accounts, keys and tokens', async () => {
  const { sid, secret } = await gateway.client.newKeys.create({ friendlyName: 'standard' })
  const client = clientWith(gateway, sid, secret, gateway.account.sid)
  assert.deepEqual(await client.messages.list(), [])
  assert.equal((await client.applications.create({ friendlyName: 'made with a key' })).friendlyName, 'made with a key')
  assert.deepEqual(await client.messaging.v1.services.list(), [])

  const subaccount = await createSubaccount(gateway)
  assert.deepEqual(await clientWith(gateway, sid, secret, subaccount.sid).messages.list(), [])

  const refused = [
    ['GET', '/2010-04-01/Accounts.json'],
    ['POST', '/2010-04-01/Accounts.json'],
    ['GET', `${account}.json`],
    ['POST', `${account}.json`],
    ['GET', `${account}/Keys.json`],
    ['POST', `${account}/Keys.json`],
    ['GET', `${account}/Keys/${sid}.json`],
    ['DELETE', `${account}/Keys/${sid}.json`],
    ['POST', `${account}/SigningKeys.json`],
    ['GET', `${IAM}?AccountSid=${gateway.account.sid}`],
    ['POST', IAM],
    ['DELETE', `${IAM}/${sid}`],
    ['POST', '/accounts/v1/AuthTokens/Secondary'],
    ['DELETE', '/accounts/v1/AuthTokens/Secondary'],
    ['POST', '/accounts/v1/AuthTokens/Promote'],
  ] as const
  for (const [method, path] of refused) {
    assertTwilioError(await gateway.call(method, path, undefined, `${sid}:${secret}`), 401, 20003)
  }
})

test('a main key manages accounts and keys, and is shown no auth token', async () => {
  const { key, secret } = await createApiKey(gateway, gateway.account.sid, 'a main key', 'main')
  const client = clientWith(gateway, toSid('SK', key.id), secret, gateway.account.sid)
  const subaccount = await client.api.v2010.accounts.create({ friendlyName: 'made with a key' })
  assert.equal(subaccount.authToken, null)
  assert.equal((await client.api.v2010.accounts(gateway.account.sid).fetch()).authToken, null)
  assert.equal((await client.newKeys.create()).secret.length, 32)
})

test('a key works for its own account only, and a wrong or deleted one not at all', async () => {
  const subaccount = await createSubaccount(gateway)
  const { sid, secret } = await subaccount.client.newKeys.create()
  const as = (password: string, path: string) => gateway.call('GET', path, undefined, `${sid}:${password}`)
  const own = `${subaccount.path}/Messages.json`
  assert.equal((await as(secret, own)).status, 200)
  assertTwilioError(await as(secret, `${account}/Messages.json`), 401, 20003)
  for (const wrong of ['', 'x', secret.slice(1), `${secret} `, subaccount.authToken]) {
    assertTwilioError(await as(wrong, own), 401, 20003)
  }
  assertTwilioError(await gateway.call('GET', own, undefined, `${missing}:${secret}`), 401, 20003)
  assertTwilioError(await gateway.call('GET', own, undefined, `${subaccount.sid}:${secret}`), 401, 20003)
  for (const path of [`${account}/Keys/${sid}.json`, `${account}/SigningKeys/${sid}.json`, `${IAM}/${sid}`]) {
    for (const method of ['GET', 'POST', 'DELETE']) assertTwilioError(await gateway.call(method, path), 404, 20404)
  }

  await subaccount.client.keys(sid).remove()
  assertTwilioError(await as(secret, own), 401, 20003)
})

test('with its account a key is suspended, and it comes back with it', async () => {
  const subaccount = await createSubaccount(gateway)
  const { sid, secret } = await subaccount.client.newKeys.create()
  const read = () => gateway.call('GET', `${subaccount.path}/Messages.json`, undefined, `${sid}:${secret}`)
  await gateway.client.api.v2010.accounts(subaccount.sid).update({ status: 'suspended' })
  assertTwilioError(await read(), 403, 20005)
  await gateway.client.api.v2010.accounts(subaccount.sid).update({ status: 'active' })
  assert.equal((await read()).status, 200)
})

test('IAM v1 manages the same keys, of the credentials’ own account', async () => {
  const accountSid = gateway.account.sid
  const created = await gateway.call('POST', IAM, form({ AccountSid: accountSid, FriendlyName: 'by IAM' }))
  assert.equal(created.status, 201)
  assertDescribed('twilio_iam_v1', 'POST /v1/Keys', created)
  const { sid, secret, policy } = created.json() as Record<string, string>
  assert.equal(policy, null)
  assert.equal((await gateway.call('GET', `${account}/Messages.json`, undefined, `${sid}:${secret}`)).status, 200)
  assert.equal((await gateway.client.keys(sid ?? '').fetch()).friendlyName, 'by IAM')

  const fetched = await gateway.call('GET', `${IAM}/${sid}`)
  const renamed = await gateway.call('POST', `${IAM}/${sid}`, form({ FriendlyName: 'renamed' }))
  const listed = await gateway.call('GET', `${IAM}?AccountSid=${accountSid}&PageSize=2`)
  assertDescribed('twilio_iam_v1', 'GET /v1/Keys/{Sid}', fetched)
  assertDescribed('twilio_iam_v1', 'POST /v1/Keys/{Sid}', renamed)
  assertDescribed('twilio_iam_v1', 'GET /v1/Keys', listed)
  const { keys, meta } = listed.json() as { keys: { sid: string }[]; meta: Record<string, string> }
  assert.deepEqual([keys.length, keys[0]?.sid, meta.key], [2, sid, 'keys'])
  assert.match(meta.next_page_url ?? '', /^http:\/\/localhost:\d+\/iam\/v1\/Keys\?AccountSid=AC/)
  const bySdk = await gateway.client.iam.v1.getApiKeys.list({ accountSid, pageSize: 1 })
  assert.equal(bySdk.find((key) => key.sid === sid)?.friendlyName, 'renamed')

  assertTwilioError(await gateway.call('GET', IAM), 400, 20422, /AccountSid/)
  assertTwilioError(await gateway.call('POST', IAM, form({ FriendlyName: 'x' })), 400, 20422, /AccountSid/)
  const other = await createSubaccount(gateway)
  assertTwilioError(await gateway.call('GET', `${IAM}?AccountSid=${other.sid}`), 404, 20404)
  assertTwilioError(await gateway.call('POST', IAM, form({ AccountSid: other.sid })), 404, 20404)

  assert.equal((await gateway.call('DELETE', `${IAM}/${sid}`)).status, 204)
  assertTwilioError(await gateway.call('GET', `${IAM}/${sid}`), 404, 20404)
})

test('a key is never made to do more than was asked for: restricted ones are refused', async () => {
  const AccountSid = gateway.account.sid
  const Policy = JSON.stringify({ allow: ['/twilio/messaging/messages/read'] })
  for (const more of [{ KeyType: 'restricted', Policy }, { KeyType: 'restricted' }, { Policy }]) {
    assertTwilioError(await gateway.call('POST', IAM, form({ AccountSid, ...more })), 400, 20422, /Restricted/)
  }
  const { sid } = await gateway.client.newKeys.create()
  assertTwilioError(await gateway.call('POST', `${IAM}/${sid}`, form({ Policy })), 400, 20422, /Restricted/)
})
