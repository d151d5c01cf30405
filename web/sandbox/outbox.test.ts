import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ThreadMessage } from '../../src/sandbox/contract.ts'
import { createOutbox, type Outgoing, type Unsent } from './outbox.ts'

const lane = { pageId: '1', personId: 'p' }
const text = (words: string): Outgoing => ({ kind: 'say', request: { text: words } })

const messageOf = (words: string | null, more: Partial<ThreadMessage> = {}): ThreadMessage => ({
  mid: `m_${words}`,
  from: 'person',
  text: words,
  attachments: [],
  quickReplies: [],
  sentAt: '2025-11-22T10:00:00.000Z',
  deliveredAt: null,
  readAt: null,
  webhook: 'pending',
  takenBack: false,
  ...more,
})

/** An outbox whose server is the test: it decides when, and how, each request ends. */
const underTest = (kept: readonly Unsent[] = []) => {
  const asked: {
    id: string | undefined
    words: string
    answer: (message?: ThreadMessage) => void
    refuse: (why: string) => void
  }[] = []
  const stored: string[] = []
  const uploads: File[] = []
  const outbox = createOutbox({
    say: (_page, _person, request) =>
      new Promise((resolve, reject) => {
        const words = request.text ?? request.attachments?.[0]?.url ?? ''
        asked.push({
          id: request.id,
          words,
          answer: (message = messageOf(words)) => resolve(message),
          refuse: (why) => reject(new Error(why)),
        })
      }),
    tap: async (_page, _person, request) => messageOf(request.title),
    upload: async (file) => {
      uploads.push(file)
      return { url: '/sandbox/cdn/1' }
    },
    stored: (_lane, message) => stored.push(message.text ?? ''),
    isUnreached: (error) => (error as Error).message === 'no connection',
    kept,
  })
  return { outbox, asked, stored, uploads }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('messages of one chat leave one after the other, in order', async () => {
  const { outbox, asked, stored } = underTest()
  outbox.send(lane, text('one'))
  const last = outbox.send(lane, text('two'))
  await settled()
  assert.deepEqual(
    asked.map(({ words }) => words),
    ['one'],
  )
  asked[0]?.answer()
  await settled()
  asked[1]?.answer()
  await last
  assert.deepEqual(stored, ['one', 'two'])
  assert.deepEqual(outbox.items(), [])
})

test('a refused message stays with its reason, lets others pass, and can be tried again', async () => {
  const { outbox, asked, stored } = underTest()
  const first = outbox.send(lane, text('one'))
  const second = outbox.send(lane, text('two'))
  await settled()
  asked[0]?.refuse('no connection')
  await first
  await settled()
  asked[1]?.answer()
  await second
  assert.deepEqual(
    outbox.items().map(({ what, problem }) => [what.kind, problem]),
    [['say', 'no connection']],
  )
  const again = outbox.retry(outbox.items()[0]!.id)
  await settled()
  asked[2]?.answer()
  await again
  assert.deepEqual(stored, ['two', 'one'])
})

test('what did not get out goes by itself when the connection is back, under its old id; a refusal stays', async () => {
  const { outbox, asked, stored } = underTest()
  const all = ['one', 'two', 'three'].map((words) => outbox.send(lane, text(words)))
  for (const [index, why] of ['no connection', 'blocked', 'no connection'].entries()) {
    await settled()
    asked[index]?.refuse(why)
  }
  await Promise.all(all)
  outbox.retryUnreached()
  for (const index of [3, 4]) {
    await settled()
    asked[index]?.answer()
  }
  await settled()
  assert.deepEqual(stored, ['one', 'three'])
  assert.deepEqual([asked[3]?.id, asked[4]?.id], [asked[0]?.id, asked[2]?.id])
  assert.deepEqual(
    outbox.items().map(({ problem }) => problem),
    ['blocked'],
  )
})

test('what was under way when the page was left is sent again under its old id', async () => {
  const left = underTest()
  left.outbox.send(lane, text('one'))
  await settled()
  const { outbox, asked, stored } = underTest(left.outbox.items())
  await settled()
  assert.equal(asked[0]?.id, left.asked[0]?.id)
  asked[0]?.answer()
  await settled()
  assert.deepEqual([stored, outbox.items()], [['one'], []])
})

test('a file whose message failed is not uploaded a second time', async () => {
  const { outbox, asked, uploads } = underTest()
  const first = outbox.send(lane, { kind: 'file', file: new File(['x'], 'x.png', { type: 'image/png' }) })
  await settled()
  asked[0]?.refuse('no connection')
  await first
  const again = outbox.retry(outbox.items()[0]!.id)
  await settled()
  asked[1]?.answer(messageOf(null))
  await again
  assert.equal(uploads.length, 1)
  assert.equal(asked[1]?.words, '/sandbox/cdn/1')
})

test('a message that the stream shows first is not shown twice', async () => {
  const { outbox } = underTest()
  outbox.send(lane, text('same'))
  outbox.send(lane, text('same'))
  outbox.settle({ pageId: '2', personId: 'p' }, messageOf('same'))
  assert.equal(outbox.items().length, 2)
  outbox.settle(lane, messageOf('same'))
  assert.equal(outbox.items().length, 1)
})

test('a discarded message is never asked for', async () => {
  const { outbox, asked } = underTest()
  const sent = outbox.send(lane, text('one'))
  outbox.discard(outbox.items()[0]!.id)
  await sent
  assert.deepEqual(asked, [])
})
