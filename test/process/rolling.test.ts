import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { type NodesAtMeta, prepareNodes } from './nodes-at-meta.ts'
import { createRollingClient } from './rolling-client.ts'

const PEOPLE = Array.from({ length: 12 }, (_, nth) => String(7_000_000_000_000_001 + nth))

let world: NodesAtMeta
before(async () => {
  world = await prepareNodes()
})
after(() => world?.stop())

test('while each node in turn is restarted, no call fails that is tried a second time, and nothing is lost or doubled', async (t) => {
  const one = await world.startNode()
  const two = await world.startNode()
  await world.connectPage(one, { callback_url: `${world.customer.url}/in` })
  const hellos = PEOPLE.map((psid) => world.says(psid, `m_hello_${psid}`, 'hello'))
  assert.equal((await world.post(one, world.webhook(hellos))).status, 200)

  const client = createRollingClient([one.url, two.url])
  const created = new Map<string, string[]>(PEOPLE.map((psid) => [psid, []]))
  const said = new Map<string, string[]>(PEOPLE.map((psid) => [psid, ['hello']]))
  const failures: string[] = []
  let isOver = false
  const create = async (psid: string, nth: number) => {
    const answer = await client.post(world.createRequest(psid, `create ${nth}`, { key: `${psid}-${nth}` }))
    if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`)
    created.get(psid)?.push(JSON.parse(answer.text).sid)
  }
  const say = async (psid: string, nth: number) => {
    const answer = await client.post(world.webhook([world.says(psid, `m_${psid}_${nth}`, `say ${nth}`)]))
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
    said.get(psid)?.push(`say ${nth}`)
  }
  const keepBusy = async (psid: string, act: (psid: string, nth: number) => Promise<void>) => {
    for (let nth = 0; !isOver; nth += 1) {
      await act(psid, nth).catch((error: Error) => void failures.push(`${act.name} ${psid} ${nth}: ${error.message}`))
      await wait(60 + Math.random() * 80)
    }
  }
  const busy = PEOPLE.flatMap((psid) => [keepBusy(psid, create), keepBusy(psid, say)])

  await wait(500)
  const stopsMs: number[] = []
  for (const node of [one, two]) {
    const { code, afterMs, stderr } = await node.gateway.ended('SIGTERM')
    assert.deepEqual([code, stderr], [0, ''])
    stopsMs.push(Math.round(afterMs))
    await node.start()
  }
  await wait(500)
  isOver = true
  await Promise.all(busy)
  client.stop()

  const sids = [...created.values()].flat()
  const retries = [...client.retries].map(([why, count]) => `${why} ${count}`).join(', ')
  t.diagnostic(`${sids.length} creates; tried again: ${retries}; stops took ${stopsMs.join(' and ')} ms`)
  assert.deepEqual(failures, [])
  const { ECONNREFUSED: refused = 0, ECONNRESET: broken = 0, ...others } = Object.fromEntries(client.retries)
  assert.ok(refused > 0, 'the client met nodes that were not there')
  assert.deepEqual(others, {}, 'whoever was heard was answered')
  // The system breaks a connection that it has made for us in the very moment in which we stop listening.
  assert.ok(broken <= 5, `${broken} connections were broken`)

  assert.equal(new Set(sids).size, sids.length)
  const stored = await world.database.sql<{ direction: string; count: number }[]>`
    select direction, count(*)::int as count from messages group by direction`
  assert.deepEqual(Object.fromEntries(stored.map(({ direction, count }) => [direction, count])), {
    inbound: [...said.values()].flat().length,
    'outbound-api': sids.length,
  })
  for (const psid of PEOPLE) {
    const texts = () => world.meta.sendsTo(psid).map(({ body }) => body.message.text)
    const expected = (created.get(psid) ?? []).map((_, nth) => `create ${nth}`)
    await eventually(`all sends to ${psid}`, () => texts().length >= expected.length)
    assert.deepEqual(texts(), expected, 'each once, in order')
    const heard = said.get(psid) ?? []
    const told = () =>
      world.customer.requests
        .filter(({ params }) => params.From === `messenger:${psid}`)
        .map(({ params }) => params.Body)
    await eventually(`all callbacks of ${psid}`, () => told().length >= heard.length)
    assert.deepEqual(told(), heard, 'each once, in order')
  }
})
