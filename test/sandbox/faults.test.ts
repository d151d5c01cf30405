import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { outcomeOf } from '../../src/channels/meta/errors.ts'
import type { Json } from '../../src/core/channel.ts'
import type { ErrorName, Fault, Ledger, TokenState } from '../../src/sandbox/contract.ts'
import { FAULT_NAMES, isErrorName } from '../../src/sandbox/dial/catalogue.ts'
import { startReceiver } from './receiver.ts'
import { createDatabase, type GraphFailure, startNode, type TestDatabase, type TestWorld } from './world.ts'

let database: TestDatabase
let world: TestWorld
let receiver: Awaited<ReturnType<typeof startReceiver>>
let psid: string

before(async () => {
  database = await createDatabase()
  receiver = await startReceiver()
  world = await startNode(database)
  await world.say(world.people[0]!, { text: 'hi' })
  psid = (await world.thread(world.people[0]!)).psid
  await world.connect(receiver.url)
})
afterEach(() => world.call('DELETE', '/api/faults'))
after(async () => {
  await world.close()
  await receiver.close()
  await database.drop()
})

const statusesOf = async (count: number, text = 'x'): Promise<number[]> => {
  const statuses = []
  for (let index = 0; index < count; index += 1) statuses.push((await world.send(psid, { text })).status)
  return statuses
}
const textsInChat = async () => (await world.thread(world.people[0]!)).messages.map(({ text }) => text)
const ledger = async (query = '') => (await world.call<Ledger>('GET', `/api/ledger?page=${world.page.id}${query}`)).body
const faults = async () => (await world.call<Fault[]>('GET', '/api/faults')).body

/** contract.md, "What Meta's errors become". */
const BECOMES: Record<ErrorName, number> = {
  'error-1': 63012,
  'error-2': 63012,
  'error-1200': 63012,
  'error-4': 63018,
  'error-17': 63018,
  'error-32': 63018,
  'error-341': 63018,
  'error-613': 63018,
  'error-80001': 63018,
  'error-80006': 63018,
  'error-10': 63001,
  'error-102': 63001,
  'error-104': 63001,
  'error-190': 63001,
  'error-200': 63001,
  'error-230': 63001,
  'error-100-2018001': 63003,
  'error-551': 63014,
  'error-200-1545041': 63014,
  'error-10-2018108': 63014,
  'error-10-1893015': 63014,
  'error-10-2018278': 63016,
  'error-10-2534022': 63016,
  'error-10-2018065': 63016,
  'error-100-1893061': 63016,
  'error-368': 63013,
  'error-10-1893063': 63013,
  'error-100-2018008': 63019,
  'error-100-2018294': 63019,
  'error-100-2018109': 63034,
  'error-36000': 63034,
  'error-100-2018047': 63005,
  'error-100-2018074': 63005,
  'error-100-2018320': 63005,
  'error-194': 63005,
  'error-100': 63005,
  'error-100-2534037': 63013,
  'error-100-2018300': 63013,
  'error-100-2018321': 63013,
}

test('every error is refused as its name says, once when asked for once, keeps nothing, and is read as the contract says', async () => {
  const before = (await ledger()).totals?.messages
  for (const name of FAULT_NAMES.filter(isErrorName)) {
    await world.setFault(name, { count: 1 })
    const { status, body } = await world.send<GraphFailure>(psid, { text: name })
    const { code, error_subcode: subcode } = body.error
    assert.equal(['error', code, ...(subcode ? [subcode] : [])].join('-'), name)
    const outcome = outcomeOf({ kind: 'answered', status, json: body as unknown as Json }, [])
    assert.equal(!outcome.ok && outcome.code, BECOMES[name], name)
  }
  assert.equal((await ledger()).totals?.messages, before)
  assert.deepEqual(await faults(), [])
  assert.equal((await world.send(psid, { text: 'after all' })).status, 200)
})

test('the dice fall the same way for the same seed, and another way for another', async () => {
  const pattern = async (seed: number) => {
    await world.setFault('error-613', { probability: 0.4, seed })
    return (await statusesOf(24)).join()
  }
  const first = await pattern(7)
  assert.match(first, /400/)
  assert.match(first, /200/)
  assert.equal(await pattern(7), first)
  assert.notEqual(await pattern(8), first)
})

test('in another database the first Page meets the same fate', async () => {
  await world.setFault('error-2', { probability: 0.5, seed: 99 })
  const here = await statusesOf(16)
  const database2 = await createDatabase()
  const world2 = await startNode(database2)
  try {
    await world2.say(world2.people[0]!, { text: 'hi' })
    const { psid: psid2 } = await world2.thread(world2.people[0]!)
    await world2.setFault('error-2', { probability: 0.5, seed: 99 })
    const there = []
    for (let index = 0; index < 16; index += 1) there.push((await world2.send(psid2, { text: 'x' })).status)
    assert.deepEqual(there, here)
  } finally {
    await world2.close()
    await database2.drop()
  }
})

test('"the next five times" is five times over all nodes and Pages', async () => {
  const other = await startNode(database)
  try {
    await world.setFault('error-613', { count: 5 }, 'all')
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => (index % 2 ? other : world).send(psid, { text: 'many' })),
    )
    assert.equal(answers.filter(({ status }) => status === 400).length, 5)
    assert.deepEqual(await faults(), [])
  } finally {
    await other.close()
  }
})

test('a reset before the message is kept leaves nothing, one after it leaves the message and its echo', async () => {
  await world.setFault('reset-before', { count: 1 })
  await assert.rejects(world.send(psid, { text: 'lost' }))
  await world.setFault('reset-after', { count: 1 })
  await assert.rejects(world.send(psid, { text: 'kept' }))
  await receiver.find((item) => (item.message as { text?: string })?.text === 'kept')
  const texts = await textsInChat()
  assert.ok(texts.includes('kept') && !texts.includes('lost'))
})

test('answers that are no answers: HTML keeps nothing; a false error and broken JSON come after the message was kept', async () => {
  await world.setFault('html-500', { count: 1 })
  const html = await world.send(psid, { text: 'html' })
  assert.equal(html.status, 500)
  assert.match(html.headers.get('content-type') ?? '', /^text\/html/)
  await world.setFault('bad-answer', { count: 1 })
  const bad = await world.send<GraphFailure>(psid, { text: 'bad' })
  assert.deepEqual([bad.body.error.code, bad.body.error.error_subcode], [1, 1357046])
  await world.setFault('not-json', { count: 1 })
  await assert.rejects(world.send(psid, { text: 'broken' }), SyntaxError)
  const texts = await textsInChat()
  assert.deepEqual(
    ['html', 'bad', 'broken'].map((text) => texts.includes(text)),
    [false, true, true],
  )
})

test('a slow answer comes after its time, and usage is told in both headers', async () => {
  await world.setFault('slow', { ms: 300 })
  await world.setFault('usage', { percent: 101 })
  const startedAt = performance.now()
  const { headers, status } = await world.send(psid, { text: 'slowly' })
  assert.ok(performance.now() - startedAt >= 295)
  assert.equal(status, 200)
  assert.equal(JSON.parse(headers.get('x-app-usage') ?? '').call_count, 101)
  const [ofPage] = JSON.parse(headers.get('x-business-use-case-usage') ?? '')[world.page.id]
  assert.deepEqual([ofPage.type, ofPage.call_count, ofPage.estimated_time_to_regain_access], ['messenger', 101, 5])
  await world.setFault('error-613', { count: 1 })
  assert.ok((await world.send(psid, { text: 'refused' })).headers.get('x-app-usage'))
})

test('the limits refuse the eleventh sound of a second with 613, not the eleventh text', async () => {
  await world.setFault('limits')
  const uploaded = await world.call<{ url: string }>('POST', '/api/uploads', Buffer.from('ID3 sound'), {
    'content-type': 'audio/mpeg',
  })
  const attachment = { type: 'audio', payload: { url: uploaded.body.url } }
  // They reach the server together: within two seconds, of which each allows ten.
  const sounds = await Promise.all(Array.from({ length: 25 }, () => world.send<GraphFailure>(psid, { attachment })))
  const refused = sounds.filter(({ status }) => status !== 200)
  assert.ok(refused.length > 0)
  for (const { body } of refused) assert.equal(body.error.code, 613)
  assert.deepEqual(await statusesOf(11), new Array(11).fill(200))
})

test('each state of a token refuses every call with its own subcode, until it is restored', async () => {
  const states: [TokenState, number][] = [
    ['expired', 463],
    ['password_changed', 460],
    ['app_removed', 458],
    ['role_lost', 492],
  ]
  for (const [state, subcode] of states) {
    assert.equal((await world.call('PUT', `/api/pages/${world.page.id}/token`, { state })).status, 204)
    for (const answer of [
      await world.send<GraphFailure>(psid, { text: 'no' }),
      await world.graph<GraphFailure>('GET', '/me'),
    ]) {
      assert.deepEqual([answer.body.error.code, answer.body.error.error_subcode], [190, subcode])
    }
  }
  await world.call('PUT', `/api/pages/${world.page.id}/token`, { state: 'valid' })
  assert.equal((await world.send(psid, { text: 'back' })).status, 200)
  await world.call('PUT', `/api/pages/${world.page.id}/token`, { state: 'expired' })
  await world.call('DELETE', '/api/faults')
  assert.equal((await world.send(psid, { text: 'reset' })).status, 200)
})

test('a fault of one Page spares the others; one of all Pages does not', async () => {
  const { body: page2 } = await world.call<{ id: string }>('POST', '/api/pages', { name: 'Second' })
  await world.setFault('error-613', {}, page2.id)
  assert.equal((await world.send(psid, { text: 'x' })).status, 200)
  assert.deepEqual((await world.call<Fault[]>('GET', `/api/faults?page=${world.page.id}`)).body, [])
  await world.setFault('error-613', {}, 'all')
  assert.equal((await world.send(psid, { text: 'x' })).status, 400)
  assert.equal((await world.call('DELETE', '/api/faults/all/error-613')).status, 204)
  assert.equal((await world.send(psid, { text: 'x' })).status, 200)
  const [left] = await faults()
  assert.deepEqual([left?.page, left?.name, left?.hits], [page2.id, 'error-613', 0])
})

test('what the dial does not know is refused with a sentence', async () => {
  const put = (path: string, body: unknown) => world.call('PUT', `/api/faults/${path}`, body)
  const own = world.page.id
  for (const [answer, status] of [
    [put(`${own}/error-999`, {}), 404],
    [put(`${own}/constructor`, {}), 404],
    [put('123/slow', {}), 404],
    [put(`${own}/slow`, { probability: 2 }), 400],
    [put(`${own}/slow`, { probability: '1' }), 400],
    [put(`${own}/slow`, { ms: 0 }), 400],
    [put(`${own}/slow`, { times: 2 }), 400],
    [put(`${own}/duplicate`, { times: 6 }), 400],
    [put(`${own}/slow`, { count: 0 }), 400],
    [put(`${own}/slow`, { seed: -1 }), 400],
    [put(`${own}/slow`, { sedd: 1 }), 400],
    [world.call('PUT', `/api/pages/${own}/token`, { state: 'gone' }), 400],
    [world.call('PUT', '/api/pages/123/token', { state: 'valid' }), 404],
    [world.call('GET', '/api/faults?page=123'), 404],
    [world.call('GET', '/api/ledger?after=x'), 400],
    [world.call('GET', '/api/ledger?limit=0'), 400],
  ] as const) {
    const { status: got, text } = await answer
    assert.equal(got, status, text)
    assert.match(text, /^\{"error":".+"\}$/)
  }
  assert.deepEqual(await faults(), [])
})

test('the ledger has every message once, in the order of its thread, part by part, and counts copies', async () => {
  const start = (await ledger()).messages.length
  for (const [text, metadata] of [
    ['one', 'm-1'],
    ['two', 'm-2'],
    ['two again', 'm-2'],
    ['without', undefined],
  ]) {
    await world.send(psid, { text, ...(metadata && { metadata }) })
  }
  const entries = []
  let next: string | null = ''
  while (next !== null) {
    const part: Ledger = await ledger(`&limit=2${next && `&after=${next}`}`)
    entries.push(...part.messages)
    next = part.next
  }
  assert.deepEqual(
    entries.map(({ order }) => order),
    entries.map((_, index) => index + 1),
  )
  assert.deepEqual(
    entries.slice(start).map(({ text, metadata, copies }) => [text, metadata, copies]),
    [
      ['one', 'm-1', 1],
      ['two', 'm-2', 2],
      ['two again', 'm-2', 2],
      ['without', null, 1],
    ],
  )
  assert.deepEqual((await ledger()).totals, { messages: entries.length, copies: 1 })
})
