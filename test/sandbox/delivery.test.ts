import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { claimLanes, settleRow } from '../../src/sandbox/webhooks/outbox.ts'
import { eventually } from './eventually.ts'
import { startReceiver } from './receiver.ts'
import { createDatabase, startNode, type TestDatabase, type TestWorld } from './world.ts'

let database: TestDatabase
let world: TestWorld
let receiver: Awaited<ReturnType<typeof startReceiver>>

beforeEach(async () => {
  database = await createDatabase()
  receiver = await startReceiver()
  world = await startNode(database, { deliver: false })
  await world.connect(receiver.url)
})
afterEach(async () => {
  await world.close()
  await receiver.close()
  await database.drop()
})

const textsOf = (psid: string) =>
  receiver.taken
    .filter(({ item }) => item.sender.id === psid)
    .map(({ item }) => (item.message as { text: string }).text)

test('a refused webhook is sent again at once with the same bytes, and the later ones of the thread wait for it', async () => {
  const [ada] = world.people
  receiver.mood.answers = [500, 204, 200]
  for (const text of ['one', 'two', 'three']) await world.say(ada!, { text })
  const { psid } = await world.thread(ada!)
  world.sandbox.start()
  await receiver.until(5)
  assert.deepEqual(textsOf(psid), ['one', 'one', 'one', 'two', 'three'])
  const [first, again, third] = receiver.taken
  assert.equal(again!.body, first!.body)
  assert.equal(again!.headers['x-hub-signature-256'], first!.headers['x-hub-signature-256'])
  assert.ok(again!.at - first!.at < 700, 'the first retry waited')
  assert.ok(third!.at - again!.at >= 900, 'the second retry did not wait')
})

test('a thread whose webhook hangs holds up no other thread and no call', async () => {
  const [ada, bruno] = world.people
  receiver.mood.answers = ['hang']
  await world.say(ada!, { text: 'stuck' })
  world.sandbox.start()
  await receiver.until(1)
  const startedAt = Date.now()
  await world.say(bruno!, { text: 'free' })
  await receiver.until(2)
  await world.say(ada!, { text: 'behind' })
  assert.ok(Date.now() - startedAt < 2000)
  assert.deepEqual(textsOf((await world.thread(ada!)).psid), ['stuck'])
  assert.deepEqual(textsOf((await world.thread(bruno!)).psid), ['free'])
})

test('what a killed process was sending is sent again, and everything that waited follows in order', async () => {
  const [ada] = world.people
  receiver.mood.answers = ['hang']
  await world.say(ada!, { text: 'one' })
  await world.say(ada!, { text: 'two' })
  const script = fileURLToPath(new URL('delivering-node.ts', import.meta.url))
  const process_ = spawn(process.execPath, [script, database.url], { stdio: 'ignore' })
  await receiver.until(1)
  process_.kill('SIGKILL')
  await once(process_, 'exit')
  // The dead process held the thread for some seconds more: let them be over.
  await world.sql`update sandbox.lanes set leased_until = now()`
  world.sandbox.start()
  await receiver.until(3)
  assert.deepEqual(textsOf((await world.thread(ada!)).psid), ['one', 'one', 'two'])
  await eventually(async () => (await world.thread(ada!)).messages.every(({ webhook }) => webhook === 'accepted'))
})

test('a restart forgets nothing: chats, tokens, pictures and webhooks that wait', async () => {
  const [ada] = world.people
  const picture = Buffer.from('GIF89a owl')
  const uploaded = await world.call<{ url: string }>('POST', '/api/uploads', picture, { 'content-type': 'image/gif' })
  await world.say(ada!, { text: 'before', attachments: [{ type: 'image', url: uploaded.body.url }] })
  const thread = await world.thread(ada!)
  const { page } = world
  await world.close()
  world = await startNode(database)
  assert.deepEqual(world.page, page)
  await receiver.until(1)
  assert.deepEqual(textsOf(thread.psid), ['before'])
  await eventually(async () => (await world.thread(ada!)).messages[0]!.webhook === 'accepted')
  assert.equal((await world.thread(ada!)).messages[0]!.mid, thread.messages[0]!.mid)
  const served = await fetch(world.baseUrl + new URL(uploaded.body.url).pathname)
  assert.deepEqual(Buffer.from(await served.arrayBuffer()), picture)
})

test('two nodes on one database send every webhook once, each thread in order', async () => {
  const other = await startNode(database)
  try {
    world.sandbox.start()
    const words = Array.from({ length: 20 }, (_, index) => `word ${index}`)
    await Promise.all(
      world.people.map(async (person, who) => {
        for (const text of words) await (who % 2 ? other : world).say(person, { text })
      }),
    )
    await receiver.until(words.length * world.people.length)
    await eventually(async () => {
      const [left] = await world.sql`select count(*)::integer as n from sandbox.outbox`
      return left!.n === 0
    })
    assert.equal(receiver.taken.length, words.length * world.people.length)
    for (const person of world.people) assert.deepEqual(textsOf((await world.thread(person)).psid), words)
  } finally {
    await other.close()
  }
})

test('only what the app and the Page are both subscribed to is sent', async () => {
  const [ada] = world.people
  await world.connect(receiver.url, 'messages,message_reads')
  world.sandbox.start()
  await world.say(ada!, { text: 'hello' })
  const { psid } = await world.thread(ada!)
  assert.equal((await world.send(psid, { text: 'no echo, no delivery' })).status, 200)
  const tapped = await world.call<{ webhook: unknown }>('POST', `/api/threads/${world.page.id}/${ada!.id}/postbacks`, {
    title: 'Menu',
    payload: 'MENU',
  })
  assert.equal(tapped.body.webhook, null)
  await world.call('POST', `/api/threads/${world.page.id}/${ada!.id}/read`)
  const taken = await receiver.until(2)
  assert.deepEqual(
    taken.map(({ item }) => Object.keys(item).at(-1)),
    ['message', 'read'],
  )
})

test('a node that lost a thread to another one strikes nothing off', async () => {
  const [ada] = world.people
  await world.say(ada!, { text: 'one' })
  const [slow] = await claimLanes(world.sql, 1)
  await world.sql`update sandbox.lanes set leased_until = now() - interval '1 second'`
  const [quick] = await claimLanes(world.sql, 1)
  assert.equal(quick!.rows[0]!.id, slow!.rows[0]!.id)
  assert.equal(await settleRow(world.sql, slow!, slow!.rows[0]!.id, true), false)
  assert.equal(await settleRow(world.sql, quick!, quick!.rows[0]!.id, true), true)
  const lanes = await world.sql`select pending, leased_until as "leasedUntil" from sandbox.lanes`
  assert.deepEqual([...lanes], [{ pending: 0, leasedUntil: null }])
})
