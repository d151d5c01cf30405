import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../eventually.ts'
import { type MetaFront, startMetaFront } from './meta-front.ts'
import { type NodeProcess, type NodesAtMeta, prepareNodes } from './nodes-at-meta.ts'

const PEOPLE = Array.from({ length: 20 }, (_, nth) => String(7_000_000_000_000_001 + nth))

let world: NodesAtMeta
let front: MetaFront
let nodes: NodeProcess[]

before(async () => {
  world = await prepareNodes()
  front = await startMetaFront(world.meta.url)
  const environment = { META_GRAPH_URL: front.url }
  nodes = [await world.startNode({ environment }), await world.startNode({ environment })]
  await world.connectPage(nodes[0] as NodeProcess)
  const hellos = PEOPLE.map((psid) => world.says(psid, `m_${psid}`, 'hello'))
  assert.equal((await world.post(nodes[0] as NodeProcess, world.webhook(hellos))).status, 200)
})
after(async () => {
  await world?.stop()
  await front?.stop()
})

async function createForAll(text: string): Promise<void> {
  await Promise.all(
    PEOPLE.map(async (psid, nth) => {
      const created = await world.post(nodes[nth % 2] as NodeProcess, world.createRequest(psid, text))
      assert.equal(created.status, 201, created.text)
    }),
  )
}

const partsOf = async (text: string, state: string) => {
  const [found] = await world.database.sql<{ count: number }[]>`
    select count(*)::int as count from message_parts p join messages m on m.id = p.message_id
    where m.body = ${text} and p.state = ${state}`
  return found?.count
}
const arrived = (text: string) => front.arrivals.filter((arrival) => arrival.text === text)

async function assertEachOnce(text: string): Promise<void> {
  await eventually(`all of ${text} to be sent`, async () => (await partsOf(text, 'sent')) === PEOPLE.length, 20_000)
  assert.deepEqual(
    arrived(text)
      .map(({ psid }) => psid)
      .sort(),
    PEOPLE,
    'each once',
  )
}

test('while Meta refuses connections, messages wait, and go once when it is back', async () => {
  front.door.shut()
  await createForAll('refused')
  await eventually('all to be refused', async () => (await partsOf('refused', 'waiting')) === PEOPLE.length)
  assert.equal(arrived('refused').length, 0)

  await front.door.open()
  await assertEachOnce('refused')
})

test('while nothing is heard from Meta, messages wait, also over the stop of a node, and go once when it is back', async () => {
  await front.door.swallow()
  await createForAll('swallowed')
  await eventually('all to knock', async () => (await partsOf('swallowed', 'started')) === PEOPLE.length)
  const [one] = nodes as [NodeProcess]
  assert.equal((await one.gateway.ended('SIGTERM')).code, 0)
  await one.start()
  assert.equal(arrived('swallowed').length, 0)

  await front.door.open()
  await assertEachOnce('swallowed')
  const ends = await world.database.sql`select distinct status from messages where direction = 'outbound-api'`
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['sent'],
  )
})
