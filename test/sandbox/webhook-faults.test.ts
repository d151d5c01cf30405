import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Item } from '../../src/sandbox/webhooks/events.ts'
import { eventually } from './eventually.ts'
import { startReceiver } from './receiver.ts'
import { createDatabase, startNode, type TestDatabase, type TestWorld } from './world.ts'

let database: TestDatabase
let world: TestWorld
let receiver: Awaited<ReturnType<typeof startReceiver>>

beforeEach(async () => {
  database = await createDatabase()
  receiver = await startReceiver()
  world = await startNode(database)
  await world.connect(receiver.url)
})
afterEach(async () => {
  await world.close()
  await receiver.close()
  await database.drop()
})

type Body = { entry: { id: string; time: number; messaging: Item[] }[] }
const bodies = () => receiver.taken.map(({ body }) => JSON.parse(body) as Body)
const items = () => bodies().flatMap(({ entry }) => entry.flatMap(({ messaging }) => messaging))
const textOf = (item: Item) => (item.message as { text?: string } | undefined)?.text
const texts = () => items().flatMap((item) => textOf(item) ?? [])
const isEcho = (item: Item) => (item.message as { is_echo?: boolean } | undefined)?.is_echo === true

const nothingIsLeft = () =>
  eventually(async () => {
    const [left] = await database.sql`select (select count(*) from sandbox.outbox) as n`
    return left?.n === '0'
  })

async function open(): Promise<string> {
  await world.say(world.people[0]!, { text: 'hi' })
  return (await world.thread(world.people[0]!)).psid
}

test('a doubled webhook comes so many times more, the same to the byte, and its track is cleared away', async () => {
  await world.setFault('duplicate', { times: 3, count: 1 })
  await open()
  await receiver.until(4)
  await nothingIsLeft()
  assert.equal(new Set(receiver.taken.map(({ body }) => body)).size, 1)
  assert.equal(receiver.taken.length, 4)
  await eventually(async () => {
    const lanes = await database.sql`select track from sandbox.lanes`
    return lanes.length === 1
  })
  assert.equal((await world.thread(world.people[0]!)).messages[0]!.webhook, 'accepted')
})

test('what is late, or overtaken, comes after what was said later, and nothing else waits', async () => {
  const [ada] = world.people
  await world.setFault('late', { ms: 1500, count: 1 })
  await world.say(ada!, { text: 'late' })
  await world.setFault('reorder', { count: 1 })
  await world.say(ada!, { text: 'overtaken' })
  await world.say(ada!, { text: 'first' })
  await receiver.until(3)
  assert.deepEqual(texts(), ['first', 'overtaken', 'late'])
})

test('events of several people come in one webhook, in several entries or several items, each once and in order', async () => {
  await world.setFault('batch', { size: 20 })
  const words = Array.from({ length: 5 }, (_, index) => `word ${index}`)
  await Promise.all(
    world.people.map(async (person) => {
      for (const text of words) await world.say(person, { text })
    }),
  )
  await nothingIsLeft()
  assert.ok(
    bodies().some(({ entry }) => entry.length > 1),
    'no webhook had several entries',
  )
  assert.ok(
    bodies().some(({ entry }) => entry.some(({ messaging }) => messaging.length > 1)),
    'no entry had several items',
  )
  for (const person of world.people) {
    const { psid } = await world.thread(person)
    assert.deepEqual(
      items()
        .filter(({ sender }) => sender.id === psid)
        .map(textOf),
      words,
    )
  }
})

test('a batch that is refused is sent again', async () => {
  receiver.mood.answers = [500]
  await world.setFault('batch', { size: 20 })
  for (const person of world.people) await world.say(person, { text: 'all of us' })
  await nothingIsLeft()
  assert.ok(texts().length > world.people.length)
  const psids = items().map(({ sender }) => sender.id)
  assert.equal(new Set(psids).size, world.people.length)
})

test('an echo comes before the answer of its send, or never', async () => {
  const psid = await open()
  await world.setFault('echo-first', { count: 1 })
  await world.send(psid, { text: 'heard before it was said' })
  assert.ok(items().some(isEcho))
  await world.setFault('no-echo', { count: 1 })
  const { body } = await world.send(psid, { text: 'never heard' })
  await receiver.find(
    (item) => (item.delivery as { mids: string[] } | undefined)?.mids.includes(body.message_id) === true,
  )
  await nothingIsLeft()
  assert.ok(!texts().includes('never heard'))
})

test('deliveries leave out the ids, and times are in seconds', async () => {
  await world.setFault('no-mids')
  await world.setFault('seconds')
  const psid = await open()
  await world.send(psid, { text: 'answer' })
  const { item, body } = await receiver.find((each) => each.delivery !== undefined)
  const delivery = item.delivery as { watermark: number }
  const now = Date.now() / 1000
  assert.deepEqual(Object.keys(delivery), ['watermark'])
  for (const time of [delivery.watermark, item.timestamp, (JSON.parse(body) as Body).entry[0]!.time]) {
    assert.ok(Number.isInteger(time) && Math.abs(time - now) < 60, `${time} is not in seconds`)
  }
})

test('a fault that is set at one node befalls what happens at another', async () => {
  const other = await startNode(database)
  try {
    await world.setFault('no-echo')
    const psid = await open()
    await eventually(async () => {
      const before = items().filter(isEcho).length
      await other.send(psid, { text: 'x' })
      await nothingIsLeft()
      return items().filter(isEcho).length === before
    })
  } finally {
    await other.close()
  }
})
