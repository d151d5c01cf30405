import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ThreadDetail, ThreadMessage } from '../../src/sandbox/contract.ts'
import { newestUnreadMid, withLastMessage, withMessage, withReadUpTo, withTakenBack } from './thread-cache.ts'

const message = (mid: string, more: Partial<ThreadMessage> = {}): ThreadMessage => ({
  mid,
  from: 'page',
  text: mid,
  attachments: [],
  quickReplies: [],
  sentAt: '2025-11-22T10:00:00.000Z',
  deliveredAt: null,
  readAt: null,
  webhook: null,
  takenBack: false,
  ...more,
})

const thread = (...messages: ThreadMessage[]): ThreadDetail => ({
  page: { id: '1', name: 'Page' },
  person: { id: 'p', name: 'Ada', pictureUrl: null },
  psid: '9',
  lastMessage: messages.at(-1) ?? null,
  unread: 0,
  messages,
  typing: true,
  getStarted: true,
  blocked: false,
  greeting: null,
  iceBreakers: [],
  menu: [],
})

const mids = (detail: ThreadDetail) => detail.messages.map(({ mid }) => mid)

test('a message that arrives late takes its place by time', () => {
  const before = thread(message('a'), message('c', { sentAt: '2025-11-22T10:00:02.000Z' }))
  assert.deepEqual(mids(withMessage(before, message('b', { sentAt: '2025-11-22T10:00:01.000Z' }))), ['a', 'b', 'c'])
})

test('messages of one instant stay in the order of arrival', () => {
  assert.deepEqual(mids(withMessage(withMessage(thread(), message('a')), message('b'))), ['a', 'b'])
})

test('a known message is replaced by its newer state and keeps its place', () => {
  const after = withMessage(thread(message('a'), message('b')), message('a', { readAt: '2025-11-22T11:00:00.000Z' }))
  assert.deepEqual(mids(after), ['a', 'b'])
  assert.equal(after.messages[0]?.readAt, '2025-11-22T11:00:00.000Z')
})

test('an answer that may be stale does not undo what the stream told', () => {
  const told = thread(message('a', { from: 'person', webhook: 'accepted' }))
  const after = withMessage(told, message('a', { from: 'person', webhook: 'pending' }), { onlyIfNew: true })
  assert.equal(after.messages[0]?.webhook, 'accepted')
})

test('a message of the Page ends its typing, one of the person does not', () => {
  assert.equal(withMessage(thread(), message('a')).typing, false)
  assert.equal(withMessage(thread(), message('a', { from: 'person' })).typing, true)
})

test('reading marks the messages of the Page up to the one that was seen, and no later one', () => {
  const [earlier, readAt] = ['2025-11-22T11:00:00.000Z', '2025-11-22T12:00:00.000Z']
  const before = thread(message('a', { readAt: earlier }), message('b', { from: 'person' }), message('c'))
  assert.equal(newestUnreadMid(before), 'c')
  const after = withReadUpTo(withMessage(before, message('d')), 'c', readAt)
  assert.deepEqual(
    after.messages.map((one) => one.readAt),
    [earlier, null, readAt, null],
  )
  assert.equal(newestUnreadMid(after), 'd')
})

test('a new message brings its thread to the top of the list, news of an older one change nothing', () => {
  const late = message('late', { sentAt: '2025-11-22T10:00:05.000Z' })
  const list = [thread(message('a')), { ...thread(message('b')), page: { id: '2', name: 'Other' } }]
  const after = withLastMessage(list, '2', late)
  assert.deepEqual(
    after.map(({ page, lastMessage }) => [page.id, lastMessage?.mid]),
    [
      ['2', 'late'],
      ['1', 'a'],
    ],
  )
  assert.equal(withLastMessage(after, '2', message('b')), after)
  assert.equal(withLastMessage(after, '1', message('a', { readAt: late.sentAt }))[1]?.lastMessage?.readAt, late.sentAt)
})

test('taking back touches that message alone', () => {
  const after = withTakenBack(thread(message('a'), message('b')), 'b')
  assert.deepEqual(
    after.messages.map((one) => one.takenBack),
    [false, true],
  )
})
