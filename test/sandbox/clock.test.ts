import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Clock } from '../../src/sandbox/contract.ts'
import { eventually } from './eventually.ts'
import { startReceiver } from './receiver.ts'
import { createDatabase, type GraphFailure, startNode, type TestDatabase, type TestWorld } from './world.ts'

const HOUR_MS = 3_600_000

let database: TestDatabase
let world: TestWorld
let receiver: Awaited<ReturnType<typeof startReceiver>>

before(async () => {
  database = await createDatabase()
  receiver = await startReceiver()
  world = await startNode(database)
})
after(async () => {
  await world.close()
  await receiver.close()
  await database.drop()
})

const readClock = async () => (await world.call<Clock>('GET', '/api/clock')).body
const aheadInDatabase = async (): Promise<number> => {
  const [row] = await database.sql`select extract(epoch from clock_now() - now())::float8 * 1000 as ms`
  return row?.ms
}

test('the clock begins at the real time and moves forward, by a time or to an instant', async () => {
  const begin = await readClock()
  assert.equal(begin.offsetMs, 0)
  assert.ok(Math.abs(Date.parse(begin.now) - Date.now()) < 2000)

  const moved = await world.advance(HOUR_MS)
  assert.equal(moved.offsetMs, HOUR_MS)
  assert.equal(await aheadInDatabase(), HOUR_MS)

  const to = new Date(Date.parse(moved.now) + HOUR_MS).toISOString()
  const there = await world.call<Clock>('POST', '/api/clock', { to })
  assert.ok(Math.abs(Date.parse(there.body.now) - Date.parse(to)) < 1000)
  assert.equal(await aheadInDatabase(), there.body.offsetMs)
})

test('it never moves back, nor by what is no time', async () => {
  const { offsetMs } = await readClock()
  const refused = [
    { advanceMs: -1 },
    { advanceMs: 1.5 },
    { advanceMs: '1000' },
    { advanceMs: 1e15 },
    { to: new Date().toISOString() },
    { to: 'tomorrow' },
    { to: '2999-01-01T00:00:00Z' },
    { advanceMs: 1, to: '2030-01-01T00:00:00Z' },
    {},
    [],
  ]
  for (const body of refused) {
    const { status } = await world.call('POST', '/api/clock', body)
    assert.equal(status, 400, JSON.stringify(body))
  }
  assert.equal((await readClock()).offsetMs, offsetMs)
  await assert.rejects(async () => await database.sql`select sandbox.advance_clock(-1)`, /forward only/)
})

test('a moved clock is a constant in every plan, also of statements that were prepared before', async () => {
  const connection = await database.sql.reserve()
  try {
    await connection`set plan_cache_mode = force_generic_plan`
    await connection.unsafe('prepare ahead(int) as select clock_now() - now() as ahead where $1 > 0')
    const before = await connection.unsafe('execute ahead(1)')
    await world.advance(24 * HOUR_MS)
    const after = await connection.unsafe('execute ahead(1)')
    assert.notEqual(after[0]?.ahead, before[0]?.ahead)
    for (const statement of [
      "insert into jobs (lane, data) values ('lane', '{}')",
      "select lane from lanes where kind = 'send-message' and node_id is null and due_at <= clock_now()",
    ]) {
      const plan = JSON.stringify(await connection.unsafe(`explain (verbose) ${statement}`))
      assert.match(plan, /now\(\) \+ '/)
      assert.doesNotMatch(plan, /clock_now/)
    }
  } finally {
    connection.release()
  }
})

test('the window of a conversation closes by the moved clock: after a day, for human agents after seven', async () => {
  const [ada] = world.people
  await world.say(ada!, { text: 'hi' })
  const { psid } = await world.thread(ada!)
  const asAgent = { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }
  await world.advance(23 * HOUR_MS)
  assert.equal((await world.send(psid, { text: 'in time' })).status, 200)
  await world.advance(HOUR_MS)
  const late = await world.send<GraphFailure>(psid, { text: 'too late' })
  assert.deepEqual([late.body.error.code, late.body.error.error_subcode], [10, 2018278])
  assert.equal((await world.send(psid, { text: 'by hand' }, asAgent)).status, 200)
  await world.advance(6 * 24 * HOUR_MS)
  assert.equal((await world.send(psid, { text: 'by hand' }, asAgent)).status, 400)
})

test('what happens carries the moved time', async () => {
  const [, bruno] = world.people
  await world.connect(receiver.url)
  const { now } = await readClock()
  const said = await world.say(bruno!, { text: 'when?' })
  const { item } = await receiver.find((each) => (each.message as { text?: string })?.text === 'when?')
  assert.ok(Math.abs(Date.parse(said.body.sentAt) - Date.parse(now)) < 2000)
  assert.ok(Math.abs(item.timestamp - Date.parse(now)) < 2000)
})

test('another node follows, and what waits there for its time is sent', async () => {
  const other = await startNode(database)
  try {
    const [ada] = world.people
    await world.setFault('late', { ms: HOUR_MS, count: 1 })
    await world.say(ada!, { text: 'in an hour' })
    const { offsetMs } = (await other.call<Clock>('POST', '/api/clock', { advanceMs: 2 * HOUR_MS })).body
    await receiver.find((each) => (each.message as { text?: string })?.text === 'in an hour')
    await eventually(async () => {
      const said = await world.say(ada!, { text: 'now' })
      return Date.parse(said.body.sentAt) - Date.now() > offsetMs - 1000
    })
  } finally {
    await other.close()
  }
})
