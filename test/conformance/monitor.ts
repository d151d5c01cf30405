/** Monitor v1, and the debugger webhook. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../eventually.ts'
import { ask, fails, type World } from './world.ts'

export function monitorOperations(world: () => World): void {
  test('alerts: list and fetch', async () => {
    const { alerts } = world().client.monitor.v1
    const alert = await eventually('an alert', async () => (await alerts.list({ pageSize: 1 }))[0])
    assert.equal((await alerts(alert.sid).fetch()).errorCode, alert.errorCode)
    const between = { startDate: new Date(0), endDate: new Date() }
    assert.ok((await alerts.list({ logLevel: 'error', ...between })).length > 0)

    await fails(alerts(`NO${'0'.repeat(32)}`).fetch(), 404, 20404)
    await fails(alerts.list({ logLevel: 'loud' }), 400, 20422)
  })

  test('events: list and fetch', async () => {
    const { client } = world()
    const { sid: keySid } = await client.newKeys.create({ friendlyName: 'noticed' })
    await client.keys(keySid).update({ friendlyName: 'noticed again' })
    await client.keys(keySid).remove()
    const { events } = client.monitor.v1
    const about = await events.list({ resourceSid: keySid, pageSize: 1 })
    assert.deepEqual(
      about.map(({ eventType }) => eventType),
      ['key.deleted', 'key.updated', 'key.created'],
    )
    const [event] = about
    assert.equal((await events(event?.sid ?? '').fetch()).resourceSid, keySid)

    await fails(events(`AE${'0'.repeat(32)}`).fetch(), 404, 20404)
  })

  test('debugger webhook: set, read, clear', async () => {
    const path = `/2010-04-01/Accounts/${world().gateway.account.sid}/DebuggerWebhook.json`
    for (const url of ['https://app.example/alerts', '']) {
      const set = await ask(world(), 'post', path, new URLSearchParams({ CallbackUrl: url }))
      assert.equal(set.json.callback_url, url || null)
      assert.deepEqual((await ask(world(), 'get', path)).json, set.json)
    }
    await fails(ask(world(), 'post', path, new URLSearchParams({ CallbackUrl: 'ftp://x' })), 400, 21402)
  })
}
