import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { type NodesAtMeta, prepareNodes } from './nodes-at-meta.ts'

const PEOPLE = Array.from({ length: 6 }, (_, nth) => String(7_000_000_000_000_001 + nth))

let world: NodesAtMeta
before(async () => {
  world = await prepareNodes()
})
after(() => world?.stop())

test('what a node had in hand when it was killed with -9 goes on at another within 5 s, even if it had just said that it lives', async (t) => {
  const { customer, database } = world
  const doomed = await world.startNode()
  await world.connectPage(doomed, { callback_url: `${customer.url}/in` })
  const heard = (psid: string) => customer.requests.filter(({ params }) => params.From === `messenger:${psid}`)
  // Every callback of the doomed node hangs.
  customer.answer('/in', { status: 204, delayMs: 14_000 })
  for (const psid of PEOPLE) {
    const says = ['first', 'second'].map((text) => world.says(psid, `m_${psid}_${text}`, text))
    assert.equal((await world.post(doomed, world.webhook(says))).status, 200)
  }
  await eventually('all to be in hand', () => PEOPLE.every((psid) => heard(psid).length === 1))
  const [name] = await database.sql<{ id: string }[]>`select id from nodes`
  await world.startNode()
  customer.answer('/in', { status: 204 })

  const seenAt = async () =>
    (await database.sql<{ at: string }[]>`select seen_at::text as at from nodes where id = ${name?.id as string}`)[0]
      ?.at
  const before = await seenAt()
  await eventually('the doomed node to say that it lives', async () => (await seenAt()) !== before)
  const killedAt = performance.now()
  doomed.gateway.child.kill('SIGKILL')

  const wentOnMs: number[] = []
  await Promise.all(
    PEOPLE.map(async (psid) => {
      await eventually(`${psid} to be told again`, () => heard(psid).length >= 2)
      wentOnMs.push(Math.round(performance.now() - killedAt))
      await eventually(`${psid} to be told all`, () => heard(psid).length === 3)
    }),
  )
  t.diagnostic(`the lanes went on after ${Math.min(...wentOnMs)} to ${Math.max(...wentOnMs)} ms`)
  assert.ok(Math.max(...wentOnMs) < 5000, `${Math.max(...wentOnMs)} ms`)
  await wait(200)
  for (const psid of PEOPLE) {
    assert.deepEqual(
      heard(psid).map(({ params }) => params.Body),
      ['first', 'first', 'second'],
    )
  }
})
