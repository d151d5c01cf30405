import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ThreadMessage } from '../../src/sandbox/contract.ts'
import { isTooMuchSaid } from './silence.ts'

const said = (from: 'person' | 'page', seconds: number): ThreadMessage => ({
  mid: `${from} ${seconds}`,
  from,
  text: 'hi',
  attachments: [],
  quickReplies: [],
  sentAt: new Date(1_790_000_000_000 + seconds * 1000).toISOString(),
  deliveredAt: null,
  readAt: null,
  webhook: 'accepted',
  takenBack: false,
})

/** So many times: the person writes and the Page answers, every second. */
const talk = (times: number) =>
  Array.from({ length: times }, (_, nth) => [said('person', nth), said('page', nth + 0.5)]).flat()

test('a person who writes on after 15 answers within 30 seconds is told why none comes', () => {
  assert.equal(isTooMuchSaid([...talk(15), said('person', 16)]), true)
})

test('so is one who wrote faster than the Page answered', () => {
  const questions = Array.from({ length: 20 }, (_, nth) => said('person', nth / 10))
  const answers = Array.from({ length: 15 }, (_, nth) => said('page', 2 + nth / 10))
  assert.equal(isTooMuchSaid([...questions, ...answers]), true)
  assert.equal(isTooMuchSaid([...questions.slice(5), ...answers]), false)
})

test('nobody is told so after fewer answers, when they are longer ago, or when an answer came', () => {
  assert.equal(isTooMuchSaid([...talk(14), said('person', 16)]), false)
  assert.equal(isTooMuchSaid([...talk(15), said('person', 45)]), false)
  assert.equal(isTooMuchSaid([...talk(15), said('person', 16), said('page', 17)]), false)
  assert.equal(isTooMuchSaid([]), false)
})
