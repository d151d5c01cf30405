import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { enqueue, finish } from '../../src/jobs/queue.ts'
import { type Cable, layCable } from '../cable.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { job, lanesLeft, startWorkerNode, type WorkerNode } from './worker-node.ts'

let database: TestDatabase
let cable: Cable
const nodes: WorkerNode[] = []

before(async () => {
  database = await createDatabase()
  cable = await layCable(Number(new URL(database.url).port))
})
after(async () => {
  cable?.mend(true)
  await Promise.all(nodes.map((node) => node.stop()))
  await cable?.stop()
  await database?.drop()
})

test('a node that vanishes in the midst of a transaction holds up the others for seconds, not until the network tells', async () => {
  const far = new URL(database.url)
  far.port = String(cable.port)
  const { promise: locked, resolve: lock } = Promise.withResolvers<void>()
  const vanishing = await startWorkerNode({ ...database, url: far.href }, async (each, sql) => {
    await sql.begin(async (tx) => {
      await enqueue(tx, [job(each.lane, 2)])
      lock()
      await new Promise(() => {})
    })
    return 'done'
  })
  nodes.push(vanishing)
  await vanishing.add([job('lane', 1)])
  await locked
  cable.freeze()

  const ran: string[] = []
  const other = await startWorkerNode(database, async (each, sql) => {
    await finish(sql, [each])
    ran.push(each.lane)
    return 'done'
  })
  nodes.push(other)
  await eventually(
    "the vanished node's lane to be done by the other",
    async () => (await lanesLeft(database.sql)) === 0,
  )
  await other.add([job('another lane', 1)])
  await eventually('new work to be done', () => ran.includes('another lane'), 1000)

  assert.deepEqual(ran, ['lane', 'another lane'], 'what the transaction would have added was undone with it')
})
