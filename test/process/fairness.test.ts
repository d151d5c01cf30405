import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type MetaFront, startMetaFront } from './meta-front.ts'
import { type NodeProcess, type NodesAtMeta, PAGE, prepareNodes } from './nodes-at-meta.ts'

/** More than all callbacks, and all sends, that a node has under way at once. */
const MANY = 600
/** What somebody waits for whom the trouble of others does not concern, on a busy machine. */
const PROMPT_MS = 2500

let world: NodesAtMeta
let front: MetaFront
/** The customer of the Page that has no trouble. */
let calm: CustomerServer
let node: NodeProcess

before(async () => {
  world = await prepareNodes()
  front = await startMetaFront(world.meta.url)
  calm = await startCustomerServer()
  node = await world.startNode({ environment: { META_GRAPH_URL: front.url } })
  await world.connectPage(node, { callback_url: `${calm.url}/in` })
})
after(async () => {
  await world?.stop()
  await front?.stop()
  await calm?.stop()
})

let counter = 0
const newPeople = (count: number) => Array.from({ length: count }, () => String(7_000_000_000_000_000 + ++counter))

/** A Page with people who have written to it. */
async function newPage(people: string[], webhook?: object): Promise<string> {
  const page = String(200_200_300_400_500 + ++counter)
  await world.connectPage(node, webhook, page)
  await allSay(people, 'hello', page)
  return page
}

async function allSay(people: string[], text: string, page: string): Promise<void> {
  const says = people.map((psid) => world.says(psid, `m_${psid}_${text}`, text, page))
  assert.equal((await world.post(node, world.webhook(says, page))).status, 200)
}

async function createForAll(people: string[], text: string, page: string): Promise<void> {
  await Promise.all(
    people.map(async (psid) => {
      const { status } = await world.post(node, world.createRequest(psid, text, { From: `messenger:${page}` }))
      assert.equal(status, 201)
    }),
  )
}

const told = (psid: string) => calm.requests.filter(({ params }) => params.From === `messenger:${psid}`)
const sentTo = (psid: string) => front.arrivals.filter((arrival) => arrival.psid === psid)

/** Somebody writes to the Page that has no trouble and is answered. */
async function assertCalm(): Promise<void> {
  const [psid] = newPeople(1) as [string]
  calm.answer('/in', { body: '<Response><Message>at once</Message></Response>' })
  const from = performance.now()
  await allSay([psid], 'is somebody there?', PAGE)
  await eventually('the callback and the answer', () => told(psid).length === 1 && sentTo(psid).length === 1, 14_000)
  const tookMs = performance.now() - from
  assert.ok(tookMs < PROMPT_MS, `it took ${tookMs} ms`)
}

test('a callback URL that hangs keeps nobody at other Pages waiting', async () => {
  world.customer.answer('/hangs', { status: 204, delayMs: 15_000 })
  await newPage(newPeople(MANY), { callback_url: `${world.customer.url}/hangs` })
  await eventually('many to hang', () => world.customer.requests.length >= 60)

  await assertCalm()
})

test('many Pages whose callback URLs hang leave places for those that do not', async () => {
  const servers = await Promise.all(Array.from({ length: 8 }, () => startCustomerServer()))
  for (const server of servers) {
    server.answer('/hangs', { status: 204, delayMs: 15_000 })
    for (const people of [newPeople(70), newPeople(70)]) await newPage(people, { callback_url: `${server.url}/hangs` })
  }
  const hanging = () => servers.reduce((sum, { requests }) => sum + requests.length, 0)
  await eventually('many to hang', () => hanging() >= 16 * 20)

  for (let nth = 0; nth < 3; nth += 1) await assertCalm()
  await Promise.all(servers.map((server) => server.stop()))
})

test('a status callback URL that hangs keeps nobody at other Pages waiting', async () => {
  world.customer.answer('/status', { status: 204, delayMs: 15_000 })
  const people = newPeople(MANY)
  const page = await newPage(people, { status_callback_url: `${world.customer.url}/status` })
  await createForAll(people, 'news', page)
  const hanging = () => world.customer.requests.filter(({ path }) => path === '/status').length
  await eventually('many to hang', () => hanging() >= 60)

  const [psid] = newPeople(1) as [string]
  await allSay([psid], 'hello', PAGE)
  const StatusCallback = `${calm.url}/status`
  const from = performance.now()
  assert.equal((await world.post(node, world.createRequest(psid, 'hi', { StatusCallback }))).status, 201)
  await calm.next(({ path, params }) => path === '/status' && params.MessageStatus === 'sent')
  assert.ok(performance.now() - from < PROMPT_MS, `it took ${performance.now() - from} ms`)
})

test('a Page whose token has died asks Meta a few times only, and keeps nobody at other Pages waiting', async () => {
  const people = newPeople(MANY)
  const page = await newPage(people)
  front.refuse((arrival) => (arrival.page === page ? { code: 190, error_subcode: 463 } : undefined))
  await createForAll(people, 'news', page)
  await eventually('the Page to be offline', async () => {
    const [sender] = await world.database.sql`select status from senders where address = ${page}`
    return sender?.status === 'OFFLINE'
  })

  await assertCalm()
  const asked = front.arrivals.filter((arrival) => arrival.page === page).length
  assert.ok(asked <= 128, `Meta was asked ${asked} times`)
})

test('a Page with thousands of messages in its queue keeps nobody at other Pages waiting', async () => {
  const people = newPeople(MANY)
  const page = await newPage(people)
  const { sql } = world.database
  await sql`update senders set paused_until = now() + interval '1 hour' where address = ${page}`
  for (let nth = 0; nth < 4; nth += 1) await createForAll(people, `news ${nth}`, page)
  await sql`update senders set paused_until = null`
  await sql`update lanes set due_at = now() where kind = 'send-message'`
  const sent = () => front.arrivals.filter((arrival) => arrival.page === page).length
  await eventually('some to be sent', () => sent() > 200)

  await assertCalm()
  assert.ok(sent() < MANY * 4, 'there was a queue all the time')
})

test('a person who floods keeps nobody waiting, at the same Page either', async () => {
  calm.answer('/in', { status: 204, delayMs: 100 })
  const [flooder] = newPeople(1) as [string]
  for (let nth = 0; nth < 10; nth += 1) {
    const says = Array.from({ length: 40 }, (_, at) => world.says(flooder, `m_flood_${nth}_${at}`, `${nth} ${at}`))
    assert.equal((await world.post(node, world.webhook(says))).status, 200)
  }
  await eventually('the flood to arrive', () => told(flooder).length > 10)

  await assertCalm()
  assert.ok(told(flooder).length < 400, 'the flood went on')
})
