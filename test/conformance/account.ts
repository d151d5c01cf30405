/** Accounts, keys, tokens, applications, balance and usage: the 2010 API, accounts v1 and IAM v1. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, fails, type World } from './world.ts'

const none = (prefix: string) => prefix + '0'.repeat(32)

export function accountOperations(world: () => World): void {
  test('accounts: create, list, fetch, rename, suspend, close', async () => {
    const { client } = world()
    const accounts = client.api.v2010.accounts
    const made = await accounts.create({ friendlyName: 'A client' })
    await accounts.create()
    assert.equal((await accounts.list({ pageSize: 1 })).length, 3)
    assert.deepEqual((await accounts.list({ friendlyName: 'A client', status: 'active' })).length, 1)
    assert.equal((await accounts(made.sid).fetch()).ownerAccountSid, client.accountSid)
    assert.equal((await accounts(made.sid).update({ friendlyName: 'Another' })).friendlyName, 'Another')
    assert.equal((await accounts(made.sid).update({ status: 'suspended' })).status, 'suspended')
    assert.equal((await accounts(made.sid).update({ status: 'closed' })).status, 'closed')

    await fails(accounts(made.sid).update({ status: 'active' }), 400, 21479)
    await fails(accounts(none('AC')).fetch(), 401, 20003)
    await fails(accounts.create({ friendlyName: 'x'.repeat(65) }), 400, 20002)
  })

  test('keys: create, list, fetch, rename, delete', async () => {
    const { keys, newKeys } = world().client
    const { sid } = await newKeys.create({ friendlyName: 'a key' })
    await newKeys.create()
    assert.equal((await keys.list({ pageSize: 1 })).length, 2)
    assert.equal((await keys(sid).fetch()).friendlyName, 'a key')
    assert.equal((await keys(sid).update({ friendlyName: 'renamed' })).friendlyName, 'renamed')
    assert.equal(await keys(sid).remove(), true)

    await fails(keys(sid).fetch(), 404, 20404)
  })

  test('signing keys: create, list, fetch, rename, delete', async () => {
    const { signingKeys, newSigningKeys } = world().client
    const { sid } = await newSigningKeys.create({ friendlyName: 'a key' })
    assert.equal((await signingKeys.list({ pageSize: 1 })).length, 2)
    assert.equal((await signingKeys(sid).fetch()).friendlyName, 'a key')
    assert.equal((await signingKeys(sid).update({ friendlyName: 'renamed' })).friendlyName, 'renamed')
    assert.equal(await signingKeys(sid).remove(), true)

    await fails(signingKeys(sid).fetch(), 404, 20404)
  })

  test('IAM keys: create, list, fetch, rename, delete', async () => {
    const { client } = world()
    const { newApiKey, getApiKeys, apiKey } = client.iam.v1
    const { sid } = await newApiKey.create({ accountSid: client.accountSid, friendlyName: 'a key' })
    const all = await getApiKeys.list({ accountSid: client.accountSid, pageSize: 1 })
    assert.ok(all.some((key) => key.sid === sid))
    assert.equal((await apiKey(sid).fetch()).friendlyName, 'a key')
    assert.equal((await apiKey(sid).update({ friendlyName: 'renamed' })).friendlyName, 'renamed')
    assert.equal(await apiKey(sid).remove(), true)

    await fails(apiKey(sid).fetch(), 404, 20404)
    await fails(newApiKey.create({ accountSid: client.accountSid, keyType: 'restricted' }), 400, 20422)
  })

  test('auth tokens: a secondary one is made, deleted, made again and promoted', async () => {
    const { client, clientOf } = world()
    const account = await client.api.v2010.accounts.create({ friendlyName: 'With another token' })
    const { secondaryAuthToken, authTokenPromotion } = clientOf(account).accounts.v1
    await fails(secondaryAuthToken().remove(), 404, 20404)
    await secondaryAuthToken().create()
    await fails(secondaryAuthToken().create(), 409, 20409)
    assert.equal(await secondaryAuthToken().remove(), true)
    const { secondaryAuthToken: token } = await secondaryAuthToken().create()
    assert.equal((await authTokenPromotion().update()).authToken, token)
  })

  test('applications: create, list, fetch, update, delete', async () => {
    const { client } = world()
    const { sid } = await client.applications.create({
      friendlyName: 'an application',
      smsUrl: 'https://app.example/in',
    })
    await client.applications.create()
    assert.equal((await client.applications.list({ pageSize: 1 })).length, 2)
    assert.equal((await client.applications.list({ friendlyName: 'an application' })).length, 1)
    assert.equal((await client.applications(sid).fetch()).smsUrl, 'https://app.example/in')
    const messageStatusCallback = 'https://app.example/status'
    const changed = await client.applications(sid).update({ messageStatusCallback })
    assert.equal(changed.messageStatusCallback, messageStatusCallback)
    assert.equal(await client.applications(sid).remove(), true)

    await fails(client.applications(sid).fetch(), 404, 20404)
    await fails(client.applications.create({ smsUrl: 'ftp://x' }), 400, 21402)
  })

  test('balance: fetch, of an account and of a subaccount', async () => {
    const { client, clientOf } = world()
    assert.equal((await client.balance.fetch()).balance, '0')
    const account = await client.api.v2010.accounts.create({ friendlyName: 'Without a balance' })
    assert.equal((await clientOf(account).balance.fetch()).balance, null)
  })

  test('usage records: all, and by every span of time', async () => {
    const { records } = world().client.usage
    assert.equal((await records.list({ limit: 5, pageSize: 2 })).length, 5)
    const today = { category: 'sms-outbound', startDate: new Date(), includeSubaccounts: false, limit: 1 }
    for (const found of [
      ...[await records.daily.list(today), await records.monthly.list(today), await records.yearly.list(today)],
      ...[await records.allTime.list(today), await records.today.list(today), await records.yesterday.list(today)],
      ...[await records.thisMonth.list(today), await records.lastMonth.list(today)],
    ]) {
      assert.equal(found.length, 1)
    }
    await fails(records.daily.list({ limit: 1001, pageSize: 1001 }), 400, 20007)
  })

  test('usage triggers: create, list, fetch, update, delete', async () => {
    const { triggers } = world().client.usage
    const { sid } = await triggers.create({
      ...{ callbackUrl: 'https://app.example/usage', triggerValue: '+100', usageCategory: 'sms' },
      ...{ recurring: 'daily', triggerBy: 'count', friendlyName: 'many' },
    })
    assert.equal((await triggers.list({ recurring: 'daily', triggerBy: 'count', usageCategory: 'sms' })).length, 1)
    assert.equal((await triggers(sid).fetch()).friendlyName, 'many')
    assert.equal((await triggers(sid).update({ friendlyName: 'too many' })).friendlyName, 'too many')
    const callbacks = `/2010-04-01/Accounts/${world().gateway.account.sid}/Usage/Triggers/${sid}/Callbacks.json`
    assert.deepEqual((await ask(world(), 'get', callbacks)).json.callbacks, [])
    assert.equal(await triggers(sid).remove(), true)

    await fails(triggers(sid).fetch(), 404, 20404)
  })
}
