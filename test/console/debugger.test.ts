import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AlertGroups } from '../../src/console/contract/alerts.ts'
import type { Overview } from '../../src/console/contract/overview.ts'
import { countActivity } from '../../src/count-activity.ts'
import { percentile } from '../../src/store/activity.ts'
import { eventually } from '../eventually.ts'
import { newestMessage, type Scene, startScene } from './seeing.ts'

let scene: Scene

before(async () => {
  scene = await startScene()
})
after(() => scene?.stop())

/** As if so many minutes had gone by, and the seconds in which a minute settles: what is due by then is counted. */
const countLater = async (minutes: number) => {
  const at = new Date(Date.now() + minutes * 60_000 + 2_000)
  return await eventually('a turn to count', () => countActivity(scene.gateway.sql, { now: () => at }))
}

test('a fresh account is told so; afterwards its messages are counted, now as well as once their minute is over', async () => {
  const { customer, ada, get, senderSid } = scene
  const fresh: Overview = await get('/overview?range=hour')
  assert.equal(fresh.isFresh, true)
  assert.ok(fresh.series.length >= 60)

  customer.answer('/count', { body: '<Response><Message>Counted</Message></Response>' })
  await scene.pointPageAt({ callback_url: `${customer.url}/count` })
  await ada.say('count me')
  await ada.hears('Counted')
  await newestMessage(scene, 'status=delivered')
  const expected = { inbound: 1, outbound: 1, delivered: 1, read: 0, failed: 0 }
  const live: Overview = await get('/overview?range=hour')
  assert.deepEqual([live.isFresh, live.totals, live.callbacks.calls], [false, expected, 1])
  assert.ok((live.callbacks.p95 ?? 0) >= (live.callbacks.p50 ?? 0))
  assert.deepEqual(live.pages[0], { sid: senderSid, name: 'Owl Coffee', status: 'ONLINE', ...expected })

  await countLater(1)
  await ada.look()
  await newestMessage(scene, 'status=read')
  for (const range of ['hour', 'day', 'month']) {
    const counted: Overview = await get(`/overview?range=${range}&zone=Australia/Adelaide`)
    assert.deepEqual(counted.totals, expected, range)
    const sum = counted.series.reduce((total, { inbound }) => total + inbound, 0)
    assert.equal(sum, 1, `the series of the last ${range} holds every message`)
  }
  // The minute is counted anew five minutes later, and then knows of the reading.
  await countLater(7)
  assert.equal((await get('/overview?range=day')).totals.read, 1)
})

test('alerts are grouped by code with their first and last time, explained, and listed with request and answer', async () => {
  const { customer, ada, get, gateway } = scene
  await gateway.sql`update counted_until set at = date_trunc('minute', now())`
  customer.answer('/down', { status: 502, type: 'text/plain', body: 'bad gateway' })
  await scene.pointPageAt({ callback_url: `${customer.url}/down` })
  await ada.say('first')
  await newestMessage(scene, 'text=first&code=11200')
  await ada.say('second')
  await newestMessage(scene, 'text=second&code=11200')

  for (const counted of [false, true]) {
    if (counted) await countLater(1)
    const { groups, series }: AlertGroups = await get('/alerts/groups?range=day')
    const [group] = groups
    assert.deepEqual([groups.length, group?.code, group?.count, group?.level], [1, 11200, 2, 'error'])
    assert.ok((group?.firstAt ?? '') < (group?.lastAt ?? ''))
    assert.ok(group?.meanings.some(({ when }) => /^Your server answered/.test(when)))
    assert.equal(
      series.reduce((sum, { codes }) => sum + (codes[11200] ?? 0), 0),
      2,
    )
  }
  const page = await get('/alerts?code=11200&range=day')
  assert.equal(page.items.length, 2)
  assert.equal(page.items[0].request.params.Body, 'second')
  assert.equal(page.items[0].response.body, 'bad gateway')
  assert.match(page.items[0].messageSid, /^SM/)
  const { sections } = (await scene.owner.call('GET', '/error-codes')).json
  assert.ok(sections.length >= 3)
})

test('a percentile lies in the bucket that holds it', () => {
  const buckets = [
    { bucket: 4, calls: 90 },
    { bucket: 10, calls: 10 },
  ]
  const [p50, p95] = [percentile(buckets, 100, 0.5) ?? 0, percentile(buckets, 100, 0.95) ?? 0]
  assert.ok(p50 >= 4 && p50 <= 6, String(p50))
  assert.ok(p95 >= 32 && p95 <= 46, String(p95))
  assert.equal(percentile([], 0, 0.5), null)
})
