import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AccountSid, type Id, newId } from '#core/ids.ts'
import { noOffer } from '#jobs/offer.ts'
import { type CommitDoors, createCommit } from '#messaging/commit.ts'
import { releaseDue } from '#messaging/release-scheduled.ts'
import type { NewMessage } from '#store/messages.ts'
import { hasScheduled } from '#store/scheduled.ts'
import { createDatabase, type TestDatabase } from '../database.ts'

const SERVICE = newId()
const SENDER = newId()
const accountSid = `AC${'0'.repeat(32)}` as AccountSid
const PEOPLE = 20

let database: TestDatabase
let nodes: CommitDoors[]

before(async () => {
  database = await createDatabase()
  const { sql } = database
  nodes = [1, 2, 3].map(() => createCommit({ sql, offer: () => noOffer() }))
  await sql`insert into accounts (sid, friendly_name, auth_token) values (${accountSid}, 'test', '')`
  await sql`
    insert into messaging_services (account_sid, id, friendly_name, inbound_method, fallback_method,
      sender_decides_inbound, validity_seconds, switches)
    values (${accountSid}, ${SERVICE}, 'test', 'POST', 'POST', false, 36000, '{}')`
})
after(() => database?.drop())

const scheduled = (nth: number, sendAt: Date): NewMessage => ({
  accountSid,
  id: newId(),
  direction: 'outbound-api',
  channel: 'messenger',
  senderId: SENDER,
  senderAddress: '1',
  contactAddress: `person ${nth % PEOPLE}`,
  body: `${nth}`,
  media: [],
  status: 'scheduled',
  statusCallbackUrl: null,
  actionUrl: null,
  actionMethod: null,
  validitySeconds: 36_000,
  tags: null,
  contentRetention: 'retain',
  addressRetention: 'retain',
  eventId: null,
  channelMessageId: null,
  inbound: null,
  serviceId: SERVICE,
  sendAt,
})

async function create(messages: NewMessage[]): Promise<void> {
  await nodes[0]?.accept(messages.map((message) => ({ messages: [message] })))
}

/** As every node does it, until nothing is left. */
async function releaseAll(node: CommitDoors): Promise<void> {
  for (;;) {
    await node.commit({ due: { limit: 25, places: new Map() } })
    const left = await database.sql`select 1 from scheduled where due_at <= clock_now() limit 1`
    if (left.length === 0) return
  }
}

const jobs = () => database.sql<{ lane: string; messageId: Id; body: string }[]>`
  select j.lane, m.id as message_id, m.body from jobs j
  join messages m on m.id = (j.data->>'messageId')::uuid order by j.id`

test('nodes that release together put every message into its lane once, in the order of the schedule', async () => {
  const past = Date.now() - 3_600_000
  // The later a message was made, the earlier it is due.
  const messages = Array.from({ length: 500 }, (_, nth) => scheduled(nth, new Date(past - nth * 1000)))
  await create([...messages, scheduled(0, new Date(Date.now() + 3_600_000))])

  await Promise.all(nodes.map(releaseAll))

  const found = await jobs()
  assert.equal(found.length, messages.length)
  const lanes = new Map<string, number[]>()
  for (const { lane, body } of found) lanes.set(lane, [...(lanes.get(lane) ?? []), Number(body)])
  assert.equal(lanes.size, PEOPLE)
  for (const bodies of lanes.values()) {
    assert.deepEqual(
      bodies,
      bodies.toSorted((a, b) => b - a),
    )
  }
  assert.deepEqual(
    [await hasScheduled(database.sql, accountSid, 1), await hasScheduled(database.sql, accountSid, 2)],
    [true, false],
  )
  const statuses = await database.sql`select status, count(*)::integer from messages group by status order by status`
  assert.deepEqual(
    statuses.map(({ status, count }) => [status, count]),
    [
      ['queued', 500],
      ['scheduled', 1],
    ],
  )
})

test('a message that is canceled as it becomes due is either canceled or sent, never both', async () => {
  await database.sql`delete from jobs`
  const messages = Array.from({ length: 200 }, (_, nth) => scheduled(nth, new Date(Date.now() - 60_000)))
  await create(messages)

  const cancels = messages.map(async ({ id: messageId }, nth) => {
    const result = await nodes[1 + (nth % 2)]?.commit({
      unscheduled: { accountSid, messageId },
      statuses: [{ accountSid, messageId, to: 'canceled' }],
    })
    return result?.outcome === 'kept' ? [messageId] : []
  })
  const [canceled] = await Promise.all([
    Promise.all(cancels).then((all) => all.flat()),
    ...nodes.map((node) => releaseAll(node)),
  ])

  const released = (await jobs()).map(({ messageId }) => messageId)
  assert.deepEqual([...released, ...(canceled as Id[])].toSorted(), messages.map(({ id }) => id as string).toSorted())
  const wrong = await database.sql`
    select 1 from messages where id = any(${canceled as Id[]}::uuid[]) and status <> 'canceled'
      or id = any(${released}::uuid[]) and status <> 'queued'`
  assert.equal(wrong.length, 0)
})

test('of what is due for a sender whose queue has few places the first get them, also when the set is tried again', async () => {
  await database.sql`delete from jobs`
  const other = newId()
  const past = Date.now() - 3_600_000
  const messages = Array.from({ length: 5 }, (_, nth) => scheduled(nth, new Date(past + nth * 1000)))
  const unlimited = { ...scheduled(9, new Date(past + 9000)), senderId: other }
  await create([...messages, unlimited])
  const due = { limit: 25, places: new Map([[SENDER, 3]]) }
  const lost = new Error('the connection is lost')
  await assert.rejects(
    database.sql.begin(async (tx) => {
      await releaseDue(tx, due)
      throw lost
    }),
    lost,
  )

  await nodes[0]?.commit({ due })

  const found = await database.sql<{ id: Id; status: string; errorCode: number | null }[]>`
    select id, status, error_code from messages where id = any(${[...messages, unlimited].map(({ id }) => id)}::uuid[])
    order by id`
  assert.deepEqual(
    found.map(({ status, errorCode }) => [status, errorCode]),
    [...Array(3).fill(['queued', null]), ...Array(2).fill(['failed', 30001]), ['queued', null]],
  )
  assert.deepEqual(
    (await jobs()).map(({ messageId }) => messageId),
    [...messages.slice(0, 3), unlimited].map(({ id }) => id),
  )
  const alerts = await database.sql`select from alerts where code = 30001`
  assert.equal(alerts.length, 2)
})
