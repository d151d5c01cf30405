import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accountWith, createSubaccount } from '../accounts.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { createDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { startGateway } from '../gateway.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const SECONDARY = '/accounts/v1/AuthTokens/Secondary'
const PROMOTE = '/accounts/v1/AuthTokens/Promote'

let gateway: MetaGateway
let customer: CustomerServer

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

test('a second token works beside the first, takes its place, and the first is refused from then on', async () => {
  const account = await createSubaccount(gateway)
  const created = await account.call('POST', SECONDARY)
  assert.equal(created.status, 201)
  assertDescribed('twilio_accounts_v1', 'POST /v1/AuthTokens/Secondary', created)
  const { secondary_auth_token: second = '', url } = created.json() as Record<string, string>
  assert.match(second, /^[0-9a-f]{32}$/)
  assert.match(url ?? '', new RegExp(`^http://localhost:\\d+${SECONDARY}$`))
  assertTwilioError(await account.call('POST', SECONDARY), 409, 20409)

  const withSecond = accountWith(gateway, { sid: account.sid, authToken: second })
  for (const each of [account, withSecond]) assert.deepEqual(await each.client.messages.list(), [])
  assert.equal((await withSecond.call('GET', `${account.path}.json`)).json().auth_token, account.authToken)

  const promoted = await withSecond.call('POST', PROMOTE)
  assertDescribed('twilio_accounts_v1', 'POST /v1/AuthTokens/Promote', promoted)
  assert.equal(promoted.json().auth_token, second)
  assertTwilioError(await account.call('GET', `${account.path}/Messages.json`), 401, 20003)
  assert.equal((await withSecond.call('GET', `${account.path}.json`)).json().auth_token, second)
  assertTwilioError(await withSecond.call('POST', PROMOTE), 404, 20404)
})

test('a second token that is deleted is refused at once', async () => {
  const account = await createSubaccount(gateway)
  assertTwilioError(await account.call('DELETE', SECONDARY), 404, 20404)
  const { secondaryAuthToken } = await account.client.accounts.v1.secondaryAuthToken().create()
  const withSecond = accountWith(gateway, { sid: account.sid, authToken: secondaryAuthToken })
  assert.deepEqual(await withSecond.client.messages.list(), [])

  assert.equal((await account.call('DELETE', SECONDARY)).status, 204)
  assertTwilioError(await withSecond.call('GET', `${account.path}/Messages.json`), 401, 20003)
  assert.deepEqual(await account.client.messages.list(), [])
})

test('callbacks are signed with the first token until the second has taken its place', async () => {
  const page = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/in` } })
  const psid = gateway.newPerson()
  const { sid, authToken } = gateway.account
  const { secondaryAuthToken } = await gateway.client.accounts.v1.secondaryAuthToken().create()
  const heard = async (text: string) => {
    await gateway.says(psid, page.pageId, text)
    return await customer.next((request) => request.params.Body === text)
  }
  const before = await heard('before')
  assert.deepEqual([before.signatureIsValid(authToken), before.signatureIsValid(secondaryAuthToken)], [true, false])
  await gateway.client.accounts.v1.authTokenPromotion().update()
  const later = await heard('after')
  assert.deepEqual([later.signatureIsValid(authToken), later.signatureIsValid(secondaryAuthToken)], [false, true])
  assertTwilioError(await gateway.call('GET', `/2010-04-01/Accounts/${sid}.json`), 401, 20003)
})

test('another node refuses a token or a key within a second after this one has taken it back', async (t) => {
  const database = await createDatabase()
  t.after(database.drop)
  const here = await startGateway({}, database)
  t.after(here.stop)
  const there = await startGateway({}, database)
  t.after(there.stop)
  const account = await createSubaccount(here)
  const key = await account.client.newKeys.create()
  const { secondaryAuthToken } = await account.client.accounts.v1.secondaryAuthToken().create()
  const credentials = [`${account.sid}:${secondaryAuthToken}`, `${key.sid}:${key.secret}`]
  const path = `${account.path}/Messages.json`
  const statuses = async () =>
    Promise.all(credentials.map(async (each) => (await there.call('GET', path, undefined, each)).status))
  assert.deepEqual(await statuses(), [200, 200])

  await account.client.keys(key.sid).remove()
  await account.client.accounts.v1.secondaryAuthToken().remove()
  await eventually('both to be refused', async () => `${await statuses()}` === '401,401', 2000)
})

test('a token of the environment that was rotated away does not come back at a restart; a new one is taken', async (t) => {
  const database = await createDatabase()
  t.after(database.drop)
  const sid = `AC${'a'.repeat(32)}`
  const path = `/2010-04-01/Accounts/${sid}/Messages.json`
  const start = (authToken: string) =>
    startGateway({ PAGEWIRE_ACCOUNT_SID: sid, PAGEWIRE_AUTH_TOKEN: authToken }, database)
  const first = '1'.repeat(32)
  const third = '3'.repeat(32)

  const before = await start(first)
  t.after(before.stop)
  const { secondaryAuthToken: second } = await before.client.accounts.v1.secondaryAuthToken().create()
  await before.client.accounts.v1.authTokenPromotion().update()
  await before.stop()

  const again = await start(first)
  t.after(again.stop)
  assert.equal(again.account.authToken, second)
  assertTwilioError(await again.call('GET', path, undefined, `${sid}:${first}`), 401, 20003)
  assert.equal((await again.call('GET', path, undefined, `${sid}:${second}`)).status, 200)
  await again.stop()

  const renewed = await start(third)
  t.after(renewed.stop)
  assert.equal((await renewed.call('GET', path, undefined, `${sid}:${third}`)).status, 200)
  assertTwilioError(await renewed.call('GET', path, undefined, `${sid}:${second}`), 401, 20003)
})
