import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import type {
  Page,
  Person,
  SandboxState,
  StreamEvent,
  Thread,
  ThreadDetail,
  ThreadMessage,
} from '../../src/sandbox/contract.ts'
import { startReceiver } from './receiver.ts'
import { APP, createDatabase, startNode, type TestDatabase, type TestWorld } from './world.ts'

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

const newPerson = async (): Promise<Person> =>
  (await world.call<Person>('POST', '/api/people', { name: 'Dana Okafor' })).body

const at = (person: Person, rest: string) => `/api/threads/${world.page.id}/${person.id}${rest}`

test('the first start makes a Page and three people, and a second one nothing more', async () => {
  const state = async () => (await world.call<SandboxState>('GET', '/api/state')).body
  const before = await state()
  assert.deepEqual(
    before.pages.map(({ name, subscribed, chatUrl }) => [name, subscribed, chatUrl]),
    [['Owl Coffee', true, `http://messenger.test/sandbox/?page=${world.page.id}`]],
  )
  assert.match(world.page.id, /^\d{15}$/)
  assert.equal(before.people.length, 3)
  assert.deepEqual([before.appId, before.graphUrl], [APP.appId, 'http://messenger.test/sandbox/graph'])
  const again = await world.sandbox.seed()
  assert.deepEqual(again.pages, [world.page])
  assert.deepEqual(await state(), before)
})

test('a new thread offers Get Started, whose tap tells the payload of the Page and the ref of the link', async () => {
  await world.graph('POST', '/me/messenger_profile', { get_started: { payload: 'BEGIN' } })
  const person = await newPerson()
  const started = await world.call<ThreadDetail>('POST', at(person, '/start'), { ref: 'autumn-flyer' })
  assert.equal(started.body.getStarted, true)
  assert.equal(receiver.taken.length, 0)
  const tapped = await world.call('POST', at(person, '/postbacks'), { title: 'Get Started', payload: '' })
  assert.equal(tapped.status, 200)
  const [webhook] = await receiver.until(1)
  const { mid, ...postback } = webhook!.item.postback as { mid: string }
  assert.match(mid, /^m_/)
  const referral = { ref: 'autumn-flyer', source: 'SHORTLINK', type: 'OPEN_THREAD' }
  assert.deepEqual(postback, { title: 'Get Started', payload: 'BEGIN', referral })
  assert.equal((await world.thread(person)).getStarted, false)

  await world.call('POST', at(person, '/start'), { ref: 'second-visit' })
  const later = (await receiver.until(2))[1]!
  assert.deepEqual(later.item.referral, { ...referral, ref: 'second-visit' })
  await world.graph('DELETE', '/me/messenger_profile', { fields: ['get_started'] })
})

test('quick replies and templates reach the chat; a tap and an answer to a message reach the app', async () => {
  const person = await newPerson()
  await world.say(person, { text: 'hi' })
  const { psid } = await world.thread(person)
  const quickReplies = [{ content_type: 'text', title: 'Yes', payload: 'YES' }]
  const asked = await world.send(psid, { text: 'Coffee?', quick_replies: quickReplies })
  const buttons = [{ type: 'postback', title: 'Order', payload: 'ORDER' }]
  const template = { template_type: 'button', text: 'What now?', buttons }
  await world.send(psid, { attachment: { type: 'template', payload: template } })
  const shown = await world.thread(person)
  assert.deepEqual(shown.messages[1]!.quickReplies, quickReplies)
  assert.deepEqual(shown.messages[2]!.attachments, [{ type: 'template', payload: template }])

  await receiver.until(5)
  const replyTo = asked.body.message_id
  await world.say(person, { text: 'Yes', quickReply: { payload: 'YES' }, replyTo })
  const { mid, ...message } = (await receiver.until(6))[5]!.item.message as { mid: string }
  const expected = { text: 'Yes', quick_reply: { payload: 'YES' }, reply_to: { mid: replyTo, is_self_reply: false } }
  assert.deepEqual(message, expected)

  assert.equal((await world.call('DELETE', at(person, `/messages/${mid}`))).status, 204)
  const deletion = (await receiver.until(7))[6]!
  assert.deepEqual(deletion.item.message, { mid, is_deleted: true })
  const emptied = (await world.thread(person)).messages.at(-1)!
  assert.deepEqual([emptied.takenBack, emptied.text], [true, null])
  assert.equal((await world.call('DELETE', at(person, `/messages/${mid}`))).status, 404)
  assert.equal((await world.call('DELETE', at(person, `/messages/${replyTo}`))).status, 404)
})

test('a message or tap under an id of its own is said once, however often it is asked for', async () => {
  const person = await newPerson()
  const say = () => world.call<ThreadMessage>('POST', at(person, '/messages'), { id: 'a-1', text: 'hi' })
  const tap = (id: string) =>
    world.call<ThreadMessage>('POST', at(person, '/postbacks'), { id, title: 'Order', payload: 'ORDER' })
  const said = await Promise.all([say(), say(), say()])
  const taps = [await tap('b-1'), await tap('b-1'), await tap('b-2')]
  assert.deepEqual(new Set([...said, ...taps].map(({ status }) => status)), new Set([200]))
  const mids = (await world.thread(person)).messages.map(({ mid }) => mid)
  assert.deepEqual(mids, [said[0]!.body.mid, taps[0]!.body.mid, taps[2]!.body.mid])
  assert.equal(new Set([...said, ...taps].map(({ body }) => body.mid)).size, 3)
  await world.say(person, { text: 'the last' })
  assert.equal((await receiver.until(4)).length, 4)
  const elsewhere = await world.say(await newPerson(), { id: 'a-1', text: 'hi' })
  assert.notEqual(elsewhere.body.mid, said[0]!.body.mid)
  assert.equal((await world.call('POST', at(person, '/messages'), { id: 7, text: 'x' })).status, 400)
})

test('mark_seen marks what the person wrote until then, and nothing of the Page', async () => {
  const person = await newPerson()
  await world.say(person, { text: 'one' })
  const { psid } = await world.thread(person)
  await world.send(psid, { text: 'answer' })
  await world.graph('POST', '/me/messages', { recipient: { id: psid }, sender_action: 'mark_seen' })
  await world.say(person, { text: 'two' })
  const { messages } = await world.thread(person)
  assert.deepEqual(
    messages.map(({ text, readAt }) => [text, readAt !== null]),
    [
      ['one', true],
      ['answer', false],
      ['two', false],
    ],
  )
})

test('a stream tells one person what happens in that chat, also on another node', async () => {
  const other = await startNode(database)
  const person = await newPerson()
  const stranger = await newPerson()
  const aborter = new AbortController()
  try {
    const stream = await fetch(`${other.baseUrl}/sandbox/api/stream?person=${person.id}`, { signal: aborter.signal })
    assert.equal(stream.headers.get('content-type'), 'text/event-stream')
    const events = readEvents(stream)
    await world.say(stranger, { text: 'not for these ears' })
    await world.say(person, { text: 'hi' })
    const { psid } = await world.thread(person)
    const first = await events.next((event) => event.type === 'message')
    assert.deepEqual(
      [first.type, first.type === 'message' && first.message.text, first.type === 'message' && first.psid],
      ['message', 'hi', psid],
    )
    await world.graph('POST', '/me/messages', { recipient: { id: psid }, sender_action: 'typing_on' })
    const typing = await events.next((event) => event.type === 'typing')
    assert.deepEqual(typing, { type: 'typing', pageId: world.page.id, psid, on: true })
    assert.equal((await world.thread(person)).typing, true)
    await other.send(psid, { text: 'hello' })
    await events.next((event) => event.type === 'message' && event.message.from === 'page')
    assert.equal((await world.thread(person)).typing, false)
    await world.call('POST', '/api/pages', { name: 'Fox Books' })
    await events.next((event) => event.type === 'state')
    assert.ok(!events.seen.some((event) => event.type === 'message' && event.psid !== psid))
  } finally {
    aborter.abort()
    await other.close()
  }
})

test('the threads of a person come newest first', async () => {
  const person = await newPerson()
  const fox = (await world.call<Page>('POST', '/api/pages', { name: 'Fox Books' })).body
  await world.say(person, { text: 'to the owl' })
  await world.call('POST', `/api/threads/${fox.id}/${person.id}/messages`, { text: 'to the fox' })
  const list = async () =>
    (await world.call<Thread[]>('GET', `/api/people/${person.id}/threads`)).body.map(
      ({ lastMessage }) => lastMessage?.text,
    )
  assert.deepEqual(await list(), ['to the fox', 'to the owl'])
  await world.say(person, { text: 'again' })
  assert.deepEqual(await list(), ['again', 'to the fox'])
})

test('what does not fit is refused with a sentence', async () => {
  const [person] = world.people
  const messages = at(person!, '/messages')
  const bad: [path: string, body: unknown][] = [
    ['/api/people', { name: ' ' }],
    ['/api/people', { name: 'x'.repeat(76) }],
    ['/api/people', ['name']],
    ['/api/pages', { name: 'a\0b' }],
    [messages, {}],
    [messages, { text: 'hi', surprise: 1 }],
    [messages, { text: 7 }],
    [messages, { text: 'x'.repeat(20_001) }],
    [messages, { attachments: [{ type: 'image', url: 'file:///etc/passwd' }] }],
    [messages, { attachments: [{ type: 'template', url: 'http://localhost/x' }] }],
    [at(person!, '/postbacks'), { title: 'Order', payload: '' }],
    [at(person!, '/start'), { ref: 'no spaces' }],
  ]
  for (const [path, body] of bad) {
    const answer = await world.call<{ error: string }>('POST', path, body)
    assert.equal(answer.status, 400, JSON.stringify(body))
    assert.equal(typeof answer.body.error, 'string')
  }
  assert.equal((await world.call('POST', messages, '{"text":', { 'content-type': 'application/json' })).status, 400)
  const plain = await world.call('POST', messages, '{"text":"hi"}', { 'content-type': 'text/plain' })
  assert.equal(plain.status, 415)
  assert.equal((await world.call('GET', `/api/threads/1/${person!.id}`)).status, 404)
  assert.equal((await world.call('GET', '/api/people/%00/threads')).status, 404)
  assert.equal((await world.call('GET', '/api/nowhere')).status, 404)
})

/** Server-sent events as they come; `next` waits for one that fits. */
function readEvents(response: Response) {
  const seen: StreamEvent[] = []
  const iterator = parse(response)
  return {
    seen,
    async next(fits: (event: StreamEvent) => boolean): Promise<StreamEvent> {
      for (;;) {
        const { value, done } = await iterator.next()
        if (done) throw new Error('the stream ended')
        seen.push(value)
        if (fits(value)) return value
      }
    },
  }
}

async function* parse(response: Response): AsyncGenerator<StreamEvent, void> {
  let rest = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    rest += chunk
    const blocks = rest.split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) if (block.startsWith('data: ')) yield JSON.parse(block.slice(6)) as StreamEvent
  }
}
