/** Partitions of the large tables on a real PostgreSQL: made before their time, no matter to the flow, dropped after it. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { type AccountSid, firstIdAt, type Id, newId } from '../../src/core/ids.ts'
import { noOffer } from '../../src/jobs/offer.ts'
import { enqueue, type Job } from '../../src/jobs/queue.ts'
import { createCommit, type Unit } from '../../src/messaging/commit.ts'
import { createLoad } from '../../src/messaging/load.ts'
import { connect, type Sql, type Tx } from '../../src/store/connection.ts'
import { forgetEventKeys } from '../../src/store/events.ts'
import { findMessage, insertMessages, moveStatuses, type NewMessage } from '../../src/store/messages.ts'
import { makePartitions, partitionsOf } from '../../src/store/partitions.ts'
import { finishParts, receiptStates, receiveParts, startParts } from '../../src/store/parts.ts'
import { countStrays, dropOutdated } from '../../src/store/retention.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { startGateway } from '../gateway.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createDatabase()
})
afterEach(() => database.drop())

const NOW = new Date('2026-11-22T12:00:00Z')
const clock = { now: () => NOW }
const DAY_MS = 24 * 3_600_000
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS)
/** An id of that day; each a later one. */
let made = 0
const idOf = (at: Date): Id => {
  made += 1
  return (firstIdAt(at).slice(0, -12) + made.toString(16).padStart(12, '0')) as Id
}

const accountSid = `AC${'0'.repeat(32)}` as AccountSid
const senderId = newId()
const contact = { accountSid, senderId, address: '2' }
const message = (id: Id, more: Partial<NewMessage> = {}): NewMessage => ({
  ...{ accountSid, id, direction: 'outbound-api', channel: 'messenger', senderId, senderAddress: '1' },
  ...{ contactAddress: '2', body: 'hello', media: [], status: 'queued', statusCallbackUrl: null, actionUrl: null },
  ...{ actionMethod: null, validitySeconds: 36_000, tags: null, contentRetention: 'retain', serviceId: null },
  ...{ addressRetention: 'retain', eventId: null, channelMessageId: null, inbound: null, sendAt: null },
  ...more,
})
const inbound = (id: Id, dedupeKey: string): Unit => ({
  event: {
    ...{ accountSid, id, channel: 'messenger', senderAddress: '1', contactAddress: '2', dedupeKey, kind: 'message' },
    ...{ note: null, happenedAt: NOW, raw: { said: 'hello' } },
  },
  action: { ...contact, actedAt: NOW },
  messages: [
    message(idOf(new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16))), {
      direction: 'inbound',
      status: 'received',
      eventId: id,
    }),
  ],
})
const doorsOf = ({ sql }: Pick<TestDatabase, 'sql'>) => createCommit({ sql, offer: () => noOffer() })
const TABLES = ['messages', 'message_parts', 'exchanges', 'events', 'alerts']
const countRows = async (table: string) =>
  Number((await database.sql.unsafe(`select count(*) from ${table}`))[0]?.count)

test('there are partitions for the coming four weeks, however many nodes make them at once', async () => {
  const { sql } = database
  const byNode = await Promise.all([1, 2, 3].map(() => makePartitions(sql, 400, { clock })))

  const names = byNode.flat()
  assert.equal(new Set(names).size, names.length, 'each was made once')
  for (const table of TABLES) {
    const partitions = await partitionsOf(sql, table)
    assert.ok((partitions[0]?.fromMs as number) < NOW.getTime() - DAY_MS)
    assert.ok((partitions.at(-1)?.toMs as number) >= NOW.getTime() + 28 * DAY_MS)
    for (const [index, { fromMs }] of partitions.slice(1).entries()) assert.equal(fromMs, partitions[index]?.toMs)
  }
  assert.deepEqual(await makePartitions(sql, 400, { clock }), [])
  const [stored] = await sql`select distinct reloptions from pg_class where relname like 'messages\_2%'`
  assert.deepEqual(stored?.reloptions, ['fillfactor=70'], 'as the default one')
})

test('what comes while there is no partition is kept, told of, and taken along when there is one', async () => {
  const { sql } = database
  const id = idOf(NOW)
  const [result] = await doorsOf(database).accept([inbound(id, 'm_1')])
  assert.equal(result?.outcome, 'kept')
  const expected = [
    { table: 'messages', rows: 1 },
    { table: 'events', rows: 1 },
  ]
  assert.deepEqual(await countStrays(sql, 400), expected)

  await makePartitions(sql, 400, { clock })

  assert.deepEqual(await countStrays(sql, 400), [])
  assert.equal(await countRows('messages'), 1)
  assert.equal(await countRows('events'), 1)
})

test('a webhook that is repeated makes one message, also on two sides of a border between partitions', async () => {
  await makePartitions(database.sql, 30, { clock })
  const [first] = await partitionsOf(database.sql, 'events')
  const border = first?.toMs as number
  const [before, after] = [-1, 1].map((ms) => new Date(border + ms)) as [Date, Date]
  // Two nodes, each with a connection of its own.
  const other = connect({ url: database.url }, 1)
  try {
    const nodes = [doorsOf(database), doorsOf({ sql: other })]
    for (let nth = 0; nth < 20; nth += 1) {
      const repeats = [before, after].map((at) => inbound(idOf(at), `m_${nth}`))
      const results = await Promise.all(repeats.map((unit, index) => nodes[index]?.commit(unit)))
      assert.deepEqual(results.map((result) => result?.outcome).sort(), ['duplicate', 'kept'])
      assert.equal((await nodes[0]?.commit(inbound(idOf(after), `m_${nth}`)))?.outcome, 'duplicate')
    }
    const [both] = (await nodes[0]?.accept([inbound(idOf(before), 'm_x'), inbound(idOf(after), 'm_x')])) ?? []
    assert.equal(both?.outcome, 'kept')
  } finally {
    await other.end()
  }
  assert.equal(await countRows('messages'), 21)
  assert.equal(await countRows('events'), 21)
  assert.deepEqual(await countStrays(database.sql, 30), [])
})

test('an event is known for longer than anybody repeats it, by a clock that nobody moves', async () => {
  const { sql } = database
  const { accept } = doorsOf(database)
  await accept([inbound(idOf(NOW), 'old'), inbound(idOf(NOW), 'recent')])
  await sql`update event_keys set kept_at = now() - interval '73 hours' where digest = (
    select digest from event_keys order by digest limit 1)`
  await sql`select sandbox.advance_clock(${30 * DAY_MS})`

  await forgetEventKeys(sql)

  assert.equal(await countRows('event_keys'), 1)
})

test('what is older than it is kept goes with its partition, the oldest first, and everything younger stays', async () => {
  const { sql } = database
  await makePartitions(sql, 30, { clock, from: daysAgo(60) })
  const days = [50, 44, 31, 1]
  for (const day of days) {
    const id = idOf(daysAgo(day))
    const key = { accountSid, messageId: id }
    await doorsOf(database).accept([
      { ...inbound(idOf(daysAgo(day)), `day ${day}`) },
      {
        messages: [message(id, { status: 'sent' })],
        startedParts: [{ ...key, part: 0, senderId, contactAddress: '2', startId: newId() }],
        exchanges: [
          {
            ...{ ...key, id: idOf(daysAgo(day)), purpose: 'status', url: 'https://example.com/', method: 'POST' },
            ...{ requestHeaders: {}, requestParams: {}, status: 200, responseHeaders: {}, responseBody: '' },
            ...{ startedAt: NOW, durationMs: 1, errorCode: null, errorText: null },
          },
        ],
        alerts: [
          {
            ...{ accountSid, id: idOf(daysAgo(day)), code: 11200, level: 'error', text: 'x', resourceSid: null },
            ...{ serviceSid: null, request: null, response: null },
          },
        ],
      },
    ])
  }
  await sql`delete from jobs`
  assert.deepEqual(await countStrays(sql, 30), [])

  const dropped: string[] = []
  for (let run = 0; run < 20; run += 1) dropped.push(...(await dropOutdated(sql, 30, clock)).dropped)

  // What is 31 days old stays for some days: its week is not over as long.
  assert.equal(await countRows('messages'), 4)
  for (const table of TABLES.slice(1)) assert.equal(await countRows(table), 2, table)
  for (const table of TABLES) {
    const [oldest] = await partitionsOf(sql, table)
    assert.ok((oldest?.toMs as number) > daysAgo(30).getTime() && (oldest?.fromMs as number) <= daysAgo(31).getTime())
  }
  const ofMessages = dropped.filter((name) => name.startsWith('messages_'))
  assert.deepEqual(ofMessages, [...ofMessages].sort())
  // For ever: only alerts have an end.
  const muchLater = { now: () => new Date(NOW.getTime() + 5000 * DAY_MS) }
  assert.ok((await dropOutdated(sql, 'forever', muchLater)).dropped.every((name) => name.startsWith('alerts_')))
})

test('what was said late of a message that is gone goes too', async () => {
  const { sql } = database
  await makePartitions(sql, 30, { clock })
  await doorsOf(database).commit({ messages: [message(idOf(daysAgo(40)), { status: 'sent' }), message(idOf(NOW))] })
  await sql`delete from jobs`

  await dropOutdated(sql, 30, clock)

  assert.deepEqual(await countStrays(sql, 30), [])
  assert.equal(await countRows('messages'), 1)
})

for (const [what, status] of [
  ['that is not sent yet', 'scheduled'],
  ['that the customer has not been told of', 'received'],
] as const) {
  test(`a message ${what} keeps its partition, and those after it`, async () => {
    const { sql } = database
    await makePartitions(sql, 30, { clock, from: daysAgo(80) })
    const direction = status === 'received' ? ('inbound' as const) : ('outbound-api' as const)
    const old = message(idOf(daysAgo(60)), { status, direction, sendAt: status === 'scheduled' ? NOW : null })
    await doorsOf(database).commit({ messages: [old] })

    for (let run = 0; run < 10; run += 1) await dropOutdated(sql, 30, clock)
    assert.equal((await dropOutdated(sql, 30, clock)).atWork, old.id)
    const [oldest] = await partitionsOf(sql, 'messages')
    assert.ok((oldest?.fromMs as number) <= daysAgo(60).getTime())

    await sql`delete from jobs`
    await sql`update messages set status = 'canceled' where status = 'scheduled'`
    for (let run = 0; run < 10; run += 1) await dropOutdated(sql, 30, clock)
    assert.equal(await countRows('messages'), 0)
  })
}

test('while somebody reads a table for long, its partitions stay, and nobody waits for us', async () => {
  const { sql } = database
  await makePartitions(sql, 30, { clock, from: daysAgo(60) })
  const reader = connect({ url: database.url }, 1)
  const { commit } = doorsOf(database)
  try {
    await reader.begin(async (tx) => {
      await tx`set local idle_in_transaction_session_timeout = 0`
      await tx`select count(*) from messages`
      let running = true
      const cleared = dropOutdated(sql, 30, clock).finally(() => {
        running = false
      })
      let slowestMs = 0
      while (running) {
        const startedAt = performance.now()
        await commit({ messages: [message(idOf(NOW))] })
        slowestMs = Math.max(slowestMs, performance.now() - startedAt)
      }
      const { dropped, locked } = await cleared
      assert.equal(locked.length, 1, 'the table that is read')
      assert.equal(dropped.length, 4)
      assert.ok(slowestMs < 2000, `a create took ${slowestMs} ms`)
    })
    assert.match((await dropOutdated(sql, 30, clock)).dropped.join(), /messages_/)
  } finally {
    await reader.end()
  }
})

test('a clock that was moved forward drops nothing, and what is made then has its partition', async () => {
  const { sql } = database
  await makePartitions(sql, 30)
  await doorsOf(database).commit({ messages: [message(newId(), { status: 'sent' })] })
  await sql`select sandbox.advance_clock(${500 * DAY_MS})`

  await makePartitions(sql, 30)
  assert.deepEqual((await dropOutdated(sql, 30)).dropped, [])
  await doorsOf(database).commit({ messages: [message(newId())] })

  assert.deepEqual(await countStrays(sql, 30), [])
  assert.equal(await countRows('messages'), 2)
})

test('the statements of the flow are planned once, and open only the partitions that their messages may be in', async () => {
  await makePartitions(database.sql, 30, { clock, from: daysAgo(200) })
  const sql = connect({ url: database.url }, 1)
  const id = idOf(NOW)
  const key = { accountSid, messageId: id, part: 0 }
  const nothing = { channelMessageId: null, happenedAt: NOW, code: null, detail: null, deliveredUntil: null }
  const job = { data: key } as unknown as Job
  // Replies are looked for from a minute ago on, receipts from the first message that may be unread.
  const MOST: Record<string, number> = { load: 6, receiveParts: 11 }
  const statements: Record<string, (tx: Tx) => Promise<unknown>> = {
    load: (tx) => createLoad(tx as Sql)(job),
    findMessage: (tx) => findMessage(tx, accountSid, id),
    finishParts: (tx) => finishParts(tx, [{ ...key, ...nothing, state: 'unknown' }]),
    moveStatuses: (tx) => moveStatuses(tx, [{ ...key, to: 'sent', enteredFrom: ['queued'], final: true }]),
    receiveParts: (tx) =>
      receiveParts(tx, [{ ...contact, ...nothing, ids: ['m'], readUntil: NOW, oldest: idOf(daysAgo(40)) }], 100),
    receiptStates: (tx) => receiptStates(tx, [key]),
  }
  try {
    await insertMessages(sql, [message(id)])
    await startParts(sql, [{ ...key, senderId, contactAddress: '2', startId: newId() }])
    for (const [name, run] of Object.entries(statements)) {
      await sql.begin(run)
      // An index is locked when a scan of it is begun; now that there is a plan, by nothing else. The event that a message
      // came with is found by its id alone, wherever it is.
      const opened = await sql.begin(async (tx) => {
        await run(tx)
        return await tx<{ name: string }[]>`
          select c.relname as name from pg_locks l join pg_class c on c.oid = l.relation
          where l.pid = pg_backend_pid() and c.relkind = 'i' and c.relispartition and c.relname ~ '_2[0-9]{7}_'
            and c.relname !~ '^events_'`
      })
      const weeks = new Set(opened.map((index) => /_(2\d{7})_/.exec(index.name)?.[1]))
      assert.ok(weeks.size >= 1 && weeks.size <= (MOST[name] ?? 1), `${name}: ${[...weeks]}`)
    }
    const [plans] = await sql`select sum(custom_plans)::int as custom from pg_prepared_statements`
    assert.equal(plans?.custom, 0)
  } finally {
    await sql.end()
  }
})

test('a person who reads after a long time has read everything', async () => {
  const { sql } = database
  await makePartitions(sql, 400, { clock, from: daysAgo(300) })
  const { commit, accept } = doorsOf(database)
  await accept([inbound(idOf(daysAgo(290)), 'm_1')])
  await sql`update contacts set created_at = ${daysAgo(290)}`
  const ids = [280, 200, 100, 1].map((days) => idOf(daysAgo(days)))
  for (const messageId of ids) {
    const key = { accountSid, messageId, part: 0 }
    await commit({
      messages: [message(messageId)],
      startedParts: [{ ...key, senderId, contactAddress: '2', startId: newId() }],
    })
    const sent = { ...contact, ...key, state: 'sent' as const, channelMessageId: `m ${messageId}`, code: null }
    const statuses = [{ accountSid, messageId, to: 'sent' as const }]
    await commit({ partResults: [{ ...sent, happenedAt: daysAgo(280), detail: null }], statuses })
  }

  await commit({ receipts: [{ ...contact, kind: 'read', channelMessageIds: [], watermark: daysAgo(0) }] })

  for (const id of ids) assert.equal((await findMessage(sql, accountSid, id))?.status, 'read')
  // One whose answer was lost for as long: it is told of now, and was read then.
  const messageId = idOf(daysAgo(250))
  const key = { accountSid, messageId, part: 0 }
  await commit({
    messages: [message(messageId)],
    startedParts: [{ ...key, senderId, contactAddress: '2', startId: newId() }],
  })
  const found = { ...contact, ...key, state: 'sent' as const, channelMessageId: 'late', code: null, detail: null }
  await commit({
    partResults: [{ ...found, happenedAt: daysAgo(249) }],
    statuses: [{ accountSid, messageId, to: 'sent' }],
  })
  assert.equal((await findMessage(sql, accountSid, messageId))?.status, 'read')
})

test('work that names a message that is gone comes to a calm end', async () => {
  const gateway = await startGateway({}, database)
  try {
    const sid = gateway.account.sid
    await gateway.sql.begin((tx) =>
      enqueue(
        tx,
        (['call-customer', 'send-message', 'report-status', 'fetch-media'] as const).map((kind) => ({
          kind,
          lane: `${kind}:of a message that is gone`,
          group: 'a page',
          data: { accountSid: sid, messageId: newId(), status: 'read', target: 'status' },
        })),
      ),
    )
    await eventually('the jobs are done', async () => (await gateway.sql`select from jobs`).length === 0)
    await eventually('their lanes are gone', async () => (await gateway.sql`select from lanes`).length === 0)
    assert.deepEqual(await countStrays(gateway.sql, 400), [], 'the gateway made its partitions at the start')
  } finally {
    await gateway.stop()
  }
})
