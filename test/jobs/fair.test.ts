import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Job } from '../../src/jobs/queue.ts'
import { enqueue, finish } from '../../src/jobs/queue.ts'
import type { Sql } from '../../src/store/connection.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { startWorkerNode } from './worker-node.ts'

let database: TestDatabase
before(async () => {
  database = await createDatabase()
})
after(() => database.drop())

const lane = (group: string, nth: number, urgent = false) => ({
  kind: 'send-message' as const,
  lane: `${group} ${nth}`,
  group,
  urgent,
  data: { accountSid: group, nth },
})

const done = async (job: Job, sql: Sql) => {
  await finish(sql, [job])
  return 'done' as const
}

test('a Page with thousands of lanes keeps another one waiting for no more than its turn', async () => {
  const { sql } = database
  await enqueue(
    sql,
    Array.from({ length: 3000 }, (_, nth) => lane('flood', nth)),
  )
  await enqueue(
    sql,
    Array.from({ length: 5 }, (_, nth) => lane('calm', nth)),
  )
  const order: string[] = []
  const node = await startWorkerNode(
    database,
    async (job, own) => {
      order.push(job.data.accountSid)
      return done(job, own)
    },
    { concurrency: 8, perGroup: 4 },
  )
  await eventually('all to be done', () => order.length === 3005, 30_000)
  await node.stop()

  const lastCalm = order.lastIndexOf('calm')
  assert.ok(lastCalm < 100, `the last lane of the calm Page was number ${lastCalm}`)
})

test('a Page whose work hangs takes its share and no more', async () => {
  const { sql } = database
  await enqueue(
    sql,
    Array.from({ length: 50 }, (_, nth) => lane('hangs', nth)),
  )
  await enqueue(
    sql,
    Array.from({ length: 50 }, (_, nth) => lane('works', nth)),
  )
  let open = () => {}
  const hanging = new Promise<void>((resolve) => {
    open = resolve
  })
  let worked = 0
  let hung = 0
  const node = await startWorkerNode(
    database,
    async (job, own) => {
      if (job.data.accountSid === 'hangs') {
        hung += 1
        await hanging
      } else worked += 1
      return done(job, own)
    },
    { concurrency: 8, perGroup: 4 },
  )
  await eventually('the other Page to be done', () => worked === 50)
  assert.equal(hung, 4)

  open()
  await eventually('the rest to be done', () => hung === 50)
  await node.stop()
})

test('a reply goes before what was sent to many, within one Page', async () => {
  const { sql } = database
  await enqueue(
    sql,
    Array.from({ length: 500 }, (_, nth) => lane('bulk', nth)),
  )
  await enqueue(sql, [lane('bulk', 9999, true)])
  const order: unknown[] = []
  const node = await startWorkerNode(
    database,
    async (job, own) => {
      order.push(job.data.nth)
      return done(job, own)
    },
    { concurrency: 4 },
  )
  await eventually('all to be done', () => order.length === 501)
  await node.stop()

  assert.ok(order.indexOf(9999) < 4, `the reply was number ${order.indexOf(9999)}`)
})
