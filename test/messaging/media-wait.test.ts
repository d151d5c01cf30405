import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type AccountSid, type Id, newId } from '../../src/core/ids.ts'
import { noOffer } from '../../src/jobs/offer.ts'
import { enqueue, type Job, makeHeadsDue } from '../../src/jobs/queue.ts'
import { type CommitDoors, createCommit } from '../../src/messaging/commit.ts'
import { findMediaOf, insertMedia, settleMedia } from '../../src/store/media.ts'
import type { NewMessage } from '../../src/store/messages.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'

const accountSid = `AC${'0'.repeat(32)}` as AccountSid

let database: TestDatabase
let doors: CommitDoors
before(async () => {
  database = await createDatabase()
  doors = createCommit({ sql: database.sql, offer: () => noOffer() })
})
after(() => database?.drop())

/** Messages with one picture each, whose places wait in a lane of their own. */
async function waitingIn(lane: string, count: number) {
  const { sql } = database
  const ids = Array.from({ length: count }, newId)
  const media = [{ url: 'http://cdn.test/owl.png', contentType: 'image/png' }]
  await insertMedia(
    sql,
    ids.map((id) => ({ accountSid, id, media, contentRetention: 'retain' }) as NewMessage),
  )
  const data = (messageId: Id) => ({ accountSid, messageId })
  const job = (id: Id) => ({ kind: 'call-customer' as const, lane, group: 'a page', data: data(id), delayMs: 60_000 })
  await sql.begin((tx) => enqueue(tx, ids.map(job)))
  const rows = await sql<{ id: string }[]>`select id from jobs where lane = ${lane} order by id`
  const jobs = rows.map(({ id }, nth): Job => {
    const messageId = ids[nth] as Id
    return { kind: 'call-customer', lane, id, data: data(messageId), attempt: 0, createdAt: new Date() }
  })
  return { ids, jobs }
}

async function arrives(messageId: Id) {
  const [media] = await findMediaOf(database.sql, accountSid, messageId)
  const nothing = { fileId: null, contentType: null, fileName: null }
  return { media: [{ accountSid, id: media?.id as Id, state: 'failed' as const, ...nothing }] }
}

async function isDue(lane: string): Promise<boolean> {
  const [row] = await database.sql<
    { due: boolean }[]
  >`select due_at <= clock_now() as due from lanes where lane = ${lane}`
  return row?.due === true
}

test('a picture that came sets free its own message, not another one before it', async () => {
  const { ids } = await waitingIn('in:order', 2)
  const [first, second] = ids as [Id, Id]
  assert.equal(await isDue('in:order'), false)
  await doors.commit({ ...(await arrives(second)), complete: { lane: 'in:order', messageId: second } })
  assert.equal(await isDue('in:order'), false)
  await doors.commit({ ...(await arrives(first)), complete: { lane: 'in:order', messageId: first } })
  assert.equal(await isDue('in:order'), true)
})

test('a message that is put back as its picture comes does not wait, whichever is first', async () => {
  for (const order of ['together', 'picture first', 'message first'] as const) {
    const lane = `in:${order}`
    const { ids, jobs } = await waitingIn(lane, 1)
    const [messageId, job] = [ids[0] as Id, jobs[0] as Job]
    const putBack = { putBack: { job, afterMs: 60_000 }, awaits: { accountSid, messageId } }
    const picture = { ...(await arrives(messageId)), complete: { lane, messageId } }
    if (order === 'together') await Promise.all([doors.commit(putBack), doors.commit(picture)])
    else
      for (const unit of order === 'picture first' ? [picture, putBack] : [putBack, picture]) await doors.commit(unit)
    assert.equal(await isDue(lane), true, order)
  }
})

test('a message that is put back before the commit of its picture sees it', async () => {
  const { sql } = database
  const lane = 'in:same moment'
  const { ids, jobs } = await waitingIn(lane, 1)
  const [messageId, job] = [ids[0] as Id, jobs[0] as Job]
  const { media } = await arrives(messageId)
  // Its time has come, and it is looked at just now.
  await sql`update lanes set due_at = clock_now() where lane = ${lane}`
  let puttingBack: Promise<unknown> | undefined
  await sql.begin(async (tx) => {
    await settleMedia(tx, media)
    await makeHeadsDue(tx, [{ lane, messageId }])
    let isBack = false
    puttingBack = doors.commit({ putBack: { job, afterMs: 60_000 }, awaits: { accountSid, messageId } }).then(() => {
      isBack = true
    })
    await eventually('the other transaction to wait for us, or to be over', async () => {
      const [{ waiting } = { waiting: 0 }] = await sql<{ waiting: number }[]>`
        select count(*)::integer as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      return isBack || waiting > 0
    })
  })
  await puttingBack
  assert.equal(await isDue(lane), true)
})
