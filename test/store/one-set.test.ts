/** What arrives together is written by one statement: neither the order of a set nor the planner may decide who wins. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Id, newId } from '../../src/core/ids.ts'
import { insertEvents, type NewEvent } from '../../src/store/events.ts'
import { finishParts, type PartResult, startParts } from '../../src/store/parts.ts'
import { createDatabase, type TestDatabase } from '../database.ts'

let database: TestDatabase
before(async () => {
  database = await createDatabase()
})
after(() => database?.drop())

test('of events that come twice in one set the earlier ones are kept, so that neighbours keep their order', async () => {
  const eventOf = (dedupeKey: string, id: string): NewEvent => ({
    accountSid: null,
    id: `00000000-0000-7000-8000-0000000000${id}` as Id,
    channel: 'messenger',
    senderAddress: '1',
    contactAddress: '2',
    dedupeKey,
    kind: 'message',
    note: null,
    happenedAt: new Date(),
    raw: {},
  })
  // Ids that were made in the same millisecond follow no order.
  const first = [eventOf('a', '09'), eventOf('b', '01'), eventOf('c', '05')]
  const again = [eventOf('a', '02'), eventOf('b', '08'), eventOf('c', '03')]

  const kept = await insertEvents(database.sql, [...first, ...again])

  assert.deepEqual([...kept].sort(), first.map(({ id }) => id).sort())
})

for (const order of ['before', 'after']) {
  test(`an echo in one set with the answer that was lost settles the part, also when it stands ${order} it`, async () => {
    const { sql } = database
    const key = { accountSid: 'AC', messageId: newId(), part: 0 }
    await startParts(sql, [{ ...key, senderId: newId(), contactAddress: '2', startId: newId() }])
    const nothing = { channelMessageId: null, happenedAt: null, code: null, detail: null }
    const happenedAt = new Date('2026-08-01T12:00:00Z')
    const echo: PartResult = { ...key, ...nothing, state: 'sent', channelMessageId: 'm_1', happenedAt }
    const lost: PartResult = { ...key, ...nothing, state: 'unknown', code: 63012, detail: { message: 'ECONNRESET' } }

    const settled = await finishParts(sql, order === 'before' ? [echo, lost] : [lost, echo])

    const [part] = await sql`
      select state, channel_message_id, happened_at, code from message_parts where message_id = ${key.messageId}`
    assert.deepEqual({ ...part }, { state: 'sent', channelMessageId: 'm_1', happenedAt, code: null })
    assert.equal(settled.length, 1, 'its message goes on at once')
  })
}
