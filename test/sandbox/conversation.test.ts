import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import type { ThreadDetail } from '../../src/sandbox/contract.ts'
import { eventually } from './eventually.ts'
import { startReceiver } from './receiver.ts'
import { APP, createDatabase, type GraphFailure, startNode, type TestDatabase, type TestWorld } from './world.ts'

let database: TestDatabase
let world: TestWorld
let receiver: Awaited<ReturnType<typeof startReceiver>>

before(async () => {
  database = await createDatabase()
  receiver = await startReceiver()
  world = await startNode(database)
  await world.connect(receiver.url)
})
after(async () => {
  await world.close()
  await receiver.close()
  await database.drop()
})
beforeEach(() => {
  receiver.taken.length = 0
})

const hour = 60 * 60 * 1000

test('a person writes: the app gets a signed, escaped webhook and the chat shows that it took it', async () => {
  const [ada] = world.people
  const said = await world.say(ada!, { text: 'ä https://x.io 😀 <50% @you>' })
  assert.equal(said.status, 200)
  assert.equal(said.body.webhook, 'pending')
  const [webhook] = await receiver.until(1)
  const { psid } = await world.thread(ada!)
  assert.match(psid, /^\d{16,17}$/)
  assert.deepEqual(webhook!.item, {
    sender: { id: psid },
    recipient: { id: world.page.id },
    timestamp: Date.parse(said.body.sentAt),
    message: { mid: said.body.mid, text: 'ä https://x.io 😀 <50% @you>' },
  })
  assert.ok(webhook!.body.includes(String.raw`\u00e4 https:\/\/x.io \ud83d\ude00 \u003C50\u0025 \u0040you>`))
  const hmac = (algorithm: string) => createHmac(algorithm, APP.appSecret).update(webhook!.body).digest('hex')
  assert.equal(webhook!.headers['x-hub-signature-256'], `sha256=${hmac('sha256')}`)
  assert.equal(webhook!.headers['x-hub-signature'], `sha1=${hmac('sha1')}`)
  await eventually(async () => (await world.thread(ada!)).messages.at(-1)?.webhook === 'accepted')
})

test('a Page answers: echo and delivery follow the answer, read when the person looks', async () => {
  const [ada] = world.people
  await world.say(ada!, { text: 'hello' })
  await receiver.until(1)
  const { psid } = await world.thread(ada!)
  const sent = await world.send(psid, { text: 'good / évening', metadata: 'm-1' })
  const answeredAt = Date.now()
  assert.equal(sent.status, 200)
  assert.deepEqual(Object.keys(sent.body), ['recipient_id', 'message_id'])
  assert.match(sent.body.message_id, /^m_[\w-]{86}$/)

  const taken = await receiver.until(3)
  const [echo, delivery] = [taken[1]!, taken[2]!]
  assert.ok(echo.at >= answeredAt, 'the echo came before the answer')
  const message = { mid: sent.body.message_id, is_echo: true, app_id: Number(APP.appId), metadata: 'm-1' }
  assert.deepEqual(echo.item.sender, { id: world.page.id })
  assert.deepEqual(echo.item.message, { ...message, text: 'good / évening' })
  assert.deepEqual(delivery.item.sender, { id: psid })
  assert.deepEqual(delivery.item.delivery, { mids: [sent.body.message_id], watermark: echo.item.timestamp })

  const before = await world.thread(ada!)
  assert.equal(before.unread, 1)
  assert.notEqual(before.lastMessage?.deliveredAt, null)
  assert.equal(before.lastMessage?.readAt, null)
  assert.equal((await world.call('POST', `/api/threads/${world.page.id}/${ada!.id}/read`)).status, 204)
  const read = (await receiver.until(4))[3]!
  assert.ok((read.item.read as { watermark: number }).watermark >= echo.item.timestamp)
  const after = await world.thread(ada!)
  assert.equal(after.unread, 0)
  assert.notEqual(after.lastMessage?.readAt, null)
})

test('one person has another number at every Page, and no Page may use the other one', async () => {
  const [ada] = world.people
  const made = await world.call<{ id: string; accessToken: string }>('POST', '/api/pages', { name: 'Fox Books' })
  const there = await world.call<ThreadDetail>('GET', `/api/threads/${made.body.id}/${ada!.id}`)
  assert.notEqual(there.body.psid, (await world.thread(ada!)).psid)
  const refused = await world.send<GraphFailure>(there.body.psid, { text: 'hi' })
  assert.equal(refused.status, 400)
  assert.equal(refused.body.error.error_subcode, 2018001)
})

test('the window: 24 hours, seven days for a human agent, never for who has not written', async () => {
  const [, bruno, chiyo] = world.people
  await world.say(bruno!, { text: 'hello' })
  const { psid } = await world.thread(bruno!)
  const tagged = { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' }
  try {
    world.clock.moved = 25 * hour
    const late = await world.send<GraphFailure>(psid, { text: 'late' })
    assert.deepEqual([late.status, late.body.error.code, late.body.error.error_subcode], [400, 10, 2018278])
    assert.equal((await world.send(psid, { text: 'by hand' }, tagged)).status, 200)
    world.clock.moved = 8 * 24 * hour
    const tooLate = await world.send<GraphFailure>(psid, { text: 'by hand' }, tagged)
    assert.equal(tooLate.body.error.error_subcode, 2018278)
  } finally {
    world.clock.moved = 0
  }
  const stranger = await world.thread(chiyo!)
  const never = await world.send<GraphFailure>(stranger.psid, { text: 'hello?' })
  assert.equal(never.body.error.error_subcode, 2018278)
})

test('a person who blocked the Page cannot be reached, and hears again after unblocking', async () => {
  const [ada] = world.people
  const { psid } = await world.thread(ada!)
  const path = `/api/threads/${world.page.id}/${ada!.id}/blocked`
  assert.equal((await world.call('PUT', path, { blocked: true })).status, 204)
  const refused = await world.send<GraphFailure>(psid, { text: 'hi' })
  assert.deepEqual([refused.body.error.code, refused.body.error.error_subcode], [200, 1545041])
  assert.equal((await world.say(ada!, { text: 'hi' })).status, 409)
  await world.call('PUT', path, { blocked: false })
  assert.equal((await world.send(psid, { text: 'hi' })).status, 200)
})
