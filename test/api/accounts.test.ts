import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newAccountSid, newAuthToken } from '#core/ids.ts'
import { saveAccount } from '#store/accounts.ts'
import { createVault } from '#store/secrets.ts'
import { accountWith, clientWith, createSubaccount } from '../accounts.ts'
import { eventually } from '../eventually.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const LIST = '/2010-04-01/Accounts.json'
const ITEM = '/2010-04-01/Accounts/{Sid}.json'

let gateway: Gateway
let main: string

before(async () => {
  gateway = await startGateway()
  main = `/2010-04-01/Accounts/${gateway.account.sid}.json`
})
after(() => gateway?.stop())

const update = (sid: string, fields: Record<string, string>, credentials?: string) =>
  gateway.call('POST', `/2010-04-01/Accounts/${sid}.json`, new URLSearchParams(fields), credentials)

test('a subaccount is made, fetched and renamed, by its parent and by itself', async () => {
  const created = await gateway.call('POST', LIST, new URLSearchParams({ FriendlyName: 'Bäckerei 🥐' }))
  assert.equal(created.status, 201)
  assertDescribed('twilio_api_v2010', 'POST /2010-04-01/Accounts.json', created)
  const { sid, auth_token: token, ...rest } = created.json() as Record<string, string>
  assert.match(sid ?? '', /^AC[0-9a-f]{32}$/)
  assert.match(token ?? '', /^[0-9a-f]{32}$/)
  assert.equal(rest.friendly_name, 'Bäckerei 🥐')
  assert.deepEqual([rest.owner_account_sid, rest.status, rest.type], [gateway.account.sid, 'active', 'Full'])
  assert.equal(rest.uri, `/2010-04-01/Accounts/${sid}.json`)

  const own = `${sid}:${token}`
  const asParent = await gateway.call('GET', rest.uri ?? '')
  const asItself = await gateway.call('GET', rest.uri ?? '', undefined, own)
  assertDescribed('twilio_api_v2010', `GET ${ITEM}`, asParent)
  assert.deepEqual(asParent.json(), asItself.json())
  assert.deepEqual(asParent.json(), created.json())

  for (const [name, credentials] of [['By its parent'], ['By itself', own]] as const) {
    const renamed = await update(sid ?? '', { FriendlyName: name }, credentials)
    assertDescribed('twilio_api_v2010', `POST ${ITEM}`, renamed)
    assert.equal(renamed.json().friendly_name, name)
  }
})

test('without a name a subaccount is named after the minute of its making, and a bad name is refused', async () => {
  const { friendlyName } = await gateway.client.api.v2010.accounts.create()
  assert.match(friendlyName, /^SubAccount Created at \d{4}-\d\d-\d\d (0[1-9]|1[0-2]):\d\d (am|pm)$/)
  for (const name of ['', '   ', 'x'.repeat(65), 'a\0b', 'a\nb']) {
    assertTwilioError(await gateway.call('POST', LIST, new URLSearchParams({ FriendlyName: name })), 400, 20002)
  }
  const longest = '🥐'.repeat(64)
  assert.equal((await gateway.client.api.v2010.accounts.create({ friendlyName: longest })).friendlyName, longest)
})

test('the list holds the parent and its subaccounts, newest first, by name and status, page by page', async () => {
  for (const name of ['One', 'Two', 'Two', 'Three']) await createSubaccount(gateway, name)
  const whole = await gateway.call('GET', LIST)
  assertDescribed('twilio_api_v2010', 'GET /2010-04-01/Accounts.json', whole)
  type List = { accounts: { sid: string; friendly_name: string }[] } & Record<string, string | null>
  const { accounts } = whole.json() as List
  assert.equal(accounts.at(-1)?.sid, gateway.account.sid)
  assert.deepEqual(
    accounts.slice(0, 4).map((account) => account.friendly_name),
    ['Three', 'Two', 'Two', 'One'],
  )

  const sids = async (path: string) => {
    const list = (await gateway.call('GET', path)).json() as List
    return { list, sids: list.accounts.map((account) => account.sid) }
  }
  const all = accounts.map((account) => account.sid)
  const first = await sids(`${LIST}?PageSize=2`)
  const second = await sids(String(first.list.next_page_uri))
  assert.deepEqual([...first.sids, ...second.sids], all.slice(0, 4))
  const back = await sids(String(second.list.previous_page_uri))
  assert.deepEqual([back.sids, back.list.previous_page_uri], [first.sids, null])

  const bySdk = await gateway.client.api.v2010.accounts.list({ friendlyName: 'Two', pageSize: 1 })
  assert.deepEqual(
    bySdk.map((account) => account.friendlyName),
    ['Two', 'Two'],
  )
  await gateway.client.api.v2010.accounts(all[0] ?? '').update({ status: 'suspended' })
  const suspended = await gateway.client.api.v2010.accounts.list({ status: 'suspended' })
  assert.deepEqual(
    suspended.map((account) => account.sid),
    [all[0]],
  )
  assertTwilioError(await gateway.call('GET', `${LIST}?Status=asleep`), 400, 21475)
  assertTwilioError(await gateway.call('GET', `${LIST}?PageToken=PASM1`), 400, 21481)
})

test('a subaccount sees itself only, and has no subaccounts', async () => {
  const account = await createSubaccount(gateway)
  const other = await createSubaccount(gateway)
  const { accounts } = (await account.call('GET', LIST)).json() as { accounts: { sid: string }[] }
  assert.deepEqual(
    accounts.map(({ sid }) => sid),
    [account.sid],
  )
  assertTwilioError(await account.call('POST', LIST), 403, 20006)
  for (const path of [
    main,
    `${other.path}.json`,
    `/2010-04-01/Accounts/AC${'0'.repeat(32)}.json`,
    `${other.path}/Messages.json`,
  ]) {
    assertTwilioError(await account.call('GET', path), 401, 20003)
  }
  const nobody = `/2010-04-01/Accounts/AC${'0'.repeat(32)}/Messages.json`
  assertTwilioError(await gateway.call('GET', nobody), 401, 20003)
})

test('the parent’s credentials reach a subaccount’s paths in the 2010 API, and not elsewhere', async () => {
  const account = await createSubaccount(gateway)
  const { sid, authToken } = gateway.account
  const asParent = clientWith(gateway, sid, authToken, account.sid)
  assert.deepEqual(await asParent.messages.list(), [])
  const key = await asParent.newKeys.create({ friendlyName: 'of the subaccount' })
  assert.deepEqual(
    (await account.client.keys.list()).map((each) => each.sid),
    [key.sid],
  )
  assert.deepEqual(await gateway.client.keys.list(), [])
  const service = await account.client.messaging.v1.services.create({ friendlyName: 'of the subaccount' })
  await assert.rejects(asParent.messaging.v1.services(service.sid).fetch(), { status: 404, code: 20404 })
})

test('a subaccount is suspended, brought back and closed for good, by its parent only', async () => {
  const account = await createSubaccount(gateway)
  const own = `${account.sid}:${account.authToken}`
  assertTwilioError(await update(account.sid, { Status: 'suspended' }, own), 403, 20006)
  assertTwilioError(await update(account.sid, { Status: 'asleep' }), 400, 21475)

  const suspended = await update(account.sid, { Status: 'suspended' })
  assert.equal(suspended.json().status, 'suspended')
  for (const [method, path] of [
    ['GET', `${account.path}.json`],
    ['GET', `${account.path}/Messages.json`],
    ['POST', `${account.path}/Messages.json`],
    ['GET', '/messaging/v2/Channels/Senders?Channel=messenger'],
    ['POST', '/accounts/v1/AuthTokens/Secondary'],
  ] as const) {
    assertTwilioError(await account.call(method, path), 403, 20005)
  }
  // Its parent reads what it has, and changes nothing of it.
  assert.equal((await gateway.call('GET', `${account.path}/Messages.json`)).status, 200)
  assertTwilioError(await gateway.call('POST', `${account.path}/Messages.json`), 403, 20005)
  assertTwilioError(await gateway.call('POST', `${account.path}/Keys.json`), 403, 20005)

  assert.equal((await update(account.sid, { Status: 'active' })).json().status, 'active')
  assert.equal((await account.call('GET', `${account.path}/Messages.json`)).status, 200)

  assert.equal((await update(account.sid, { Status: 'closed' })).json().status, 'closed')
  for (const status of ['active', 'suspended'])
    assertTwilioError(await update(account.sid, { Status: status }), 400, 21479)
  assert.equal((await update(account.sid, { Status: 'closed' })).status, 200)
  assertTwilioError(await account.call('GET', `${account.path}.json`), 403, 20005)
  assert.equal((await gateway.call('GET', `${account.path}.json`)).json().status, 'closed')
})

test('a main account changes its name and not its status', async () => {
  for (const status of ['active', 'suspended', 'closed']) {
    assertTwilioError(await update(gateway.account.sid, { Status: status }), 400, 21477)
  }
  assert.equal((await update(gateway.account.sid, { FriendlyName: 'The bakery' })).json().friendly_name, 'The bakery')
})

test('with its parent a subaccount is suspended too', async () => {
  const parent = { sid: newAccountSid(), authToken: newAuthToken(), friendlyName: 'Another main account' }
  await saveAccount(gateway.sql, createVault('the secret key of all test gateways'), parent)
  const { client } = accountWith(gateway, parent)
  const child = accountWith(gateway, await client.api.v2010.accounts.create())
  assert.equal((await child.call('GET', `${child.path}.json`)).json().owner_account_sid, parent.sid)

  await gateway.sql`update accounts set status = 'suspended' where sid = ${parent.sid}`
  const refused = await eventually('the suspension to be noticed', async () => {
    const answer = await child.call('GET', `${child.path}.json`)
    return answer.status === 200 ? undefined : answer
  })
  assertTwilioError(refused, 403, 20005)
})

test('a parent has at most 1,000 subaccounts; closed ones do not count', async () => {
  await gateway.sql`
    insert into accounts (sid, parent_sid, friendly_name, auth_token, status)
    select 'AC' || md5('many ' || n), ${gateway.account.sid}, 'One of many', '', case when n > 970 then 'closed' else 'active' end
    from generate_series(1, 1000) n`
  const rest =
    1000 -
    Number(
      (
        await gateway.sql`
    select count(*) from accounts where parent_sid = ${gateway.account.sid} and status <> 'closed'`
      )[0]?.count,
    )
  assert.ok(rest > 0 && rest < 1000, String(rest))
  const answers = await Promise.all(Array.from({ length: rest + 3 }, () => gateway.call('POST', LIST)))
  const refused = answers.filter((answer) => answer.status !== 201)
  assert.equal(refused.length, 3)
  for (const answer of refused) assertTwilioError(answer, 400, 21480)
})
