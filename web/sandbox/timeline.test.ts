import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ThreadMessage } from '../../src/sandbox/contract.ts'
import { timelineOf } from './timeline.ts'

const said = (mid: string, from: 'person' | 'page', sentAt: Date): ThreadMessage => ({
  mid,
  from,
  text: mid,
  attachments: [],
  quickReplies: [],
  sentAt: sentAt.toISOString(),
  deliveredAt: null,
  readAt: null,
  webhook: null,
  takenBack: false,
})

/** Local time, as days are those of the viewer's zone. */
const at = (day: number, hour: number, minute: number) => new Date(2025, 10, day, hour, minute)

const outline = (...messages: ThreadMessage[]) =>
  timelineOf(messages).map((row) =>
    row.kind === 'day' ? 'day' : `${row.first ? '[' : ''}${row.message.mid}${row.last ? ']' : ''}`,
  )

test('messages of one side that follow closely make one group', () => {
  assert.deepEqual(
    outline(
      said('a', 'person', at(22, 9, 0)),
      said('b', 'person', at(22, 9, 4)),
      said('c', 'page', at(22, 9, 4)),
      said('d', 'page', at(22, 9, 20)),
    ),
    ['day', '[a', 'b]', '[c]', '[d]'],
  )
})

test('midnight in the viewer’s zone ends a group and begins a day', () => {
  assert.deepEqual(outline(said('a', 'page', at(22, 23, 59)), said('b', 'page', at(23, 0, 1))), [
    'day',
    '[a]',
    'day',
    '[b]',
  ])
})
