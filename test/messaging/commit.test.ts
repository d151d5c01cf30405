import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AccountSid, newId } from '../../src/core/ids.ts'
import { noOffer } from '../../src/jobs/offer.ts'
import { enqueue, type Job } from '../../src/jobs/queue.ts'
import { createCommit } from '../../src/messaging/commit.ts'
import type { NewMessage } from '../../src/store/messages.ts'
import { createDatabase, type TestDatabase } from '../database.ts'

let database: TestDatabase
before(async () => {
  database = await createDatabase()
})
after(() => database?.drop())

const accountSid = `AC${'0'.repeat(32)}` as AccountSid

const reply = (body: string): NewMessage => ({
  accountSid,
  id: newId(),
  direction: 'outbound-reply',
  channel: 'messenger',
  senderId: newId(),
  senderAddress: '1',
  contactAddress: '2',
  body,
  media: [],
  status: 'queued',
  statusCallbackUrl: null,
  actionUrl: null,
  actionMethod: null,
  validitySeconds: 36_000,
  tags: null,
  contentRetention: 'retain',
  serviceId: null,
  sendAt: null,
  addressRetention: 'retain',
  eventId: null,
  channelMessageId: null,
  inbound: null,
})

test('a job that a node did twice has one result, also when both arrive in one set', async () => {
  const { sql } = database
  const doors = createCommit({ sql, offer: () => noOffer() })
  const data = { accountSid, messageId: newId() }
  await sql.begin((tx) => enqueue(tx, [{ kind: 'call-customer', lane: 'in:1:2', group: 'a page', data }]))
  const [row] = await sql<{ id: string }[]>`select id from jobs`
  const job: Job = {
    kind: 'call-customer',
    lane: 'in:1:2',
    id: row?.id as string,
    data,
    attempt: 0,
    createdAt: new Date(),
  }

  const results = await doors.accept([
    { messages: [reply('the first answer')], finished: job },
    { messages: [reply('the second answer')], finished: job },
  ])

  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['kept', 'superseded'],
  )
  const bodies = await sql<{ body: string }[]>`select body from messages`
  assert.deepEqual(
    bodies.map(({ body }) => body),
    ['the first answer'],
  )
})
