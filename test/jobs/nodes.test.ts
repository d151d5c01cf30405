import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { claim } from '../../src/jobs/claim.ts'
import { enqueue, finish } from '../../src/jobs/queue.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { job, lanesLeft, nthOf, type Run, startWorkerNode, type WorkerNode } from './worker-node.ts'

let database: TestDatabase
const nodes: WorkerNode[] = []

before(async () => {
  database = await createDatabase()
})
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
  await database.sql`truncate lanes, jobs, nodes`
})
after(() => database?.drop())

const start = async (run: Run) => {
  const node = await startWorkerNode(database, run)
  nodes.push(node)
  return node
}

const emptied = () => eventually('the queue to be empty', async () => (await lanesLeft(database.sql)) === 0)

const holderOf = async (lane: string) =>
  (await database.sql<{ nodeId: string | null }[]>`select node_id from lanes where lane = ${lane}`)[0]?.nodeId

/** A handler that does not come back until it is told to. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

test('what a killed node had in hand and in line is done by the others within 5 s', async () => {
  const doomed = await start(() => new Promise(() => {}))
  await doomed.add([job('in hand', 1), job('in hand', 2), job('elsewhere', 1)])
  await eventually('it to be taken', async () => (await holderOf('in hand')) && (await holderOf('elsewhere')))
  const ran: unknown[] = []
  await start(async (each, sql) => {
    ran.push([each.lane, nthOf(each)])
    await finish(sql, [each])
    return 'done'
  })

  const from = performance.now()
  await doomed.kill()
  await emptied()

  assert.ok(performance.now() - from < 5000, `it took ${performance.now() - from} ms`)
  assert.deepEqual(
    ran.filter((each) => (each as string[])[0] === 'in hand').map((each) => (each as unknown[])[1]),
    [1, 2],
  )
  assert.equal(ran.length, 3)
})

test('a node that was given up takes another name, and what it still has in hand moves no lane', async () => {
  const { opened, open } = gate()
  const ran: string[] = []
  const slow = await start(async (each, sql) => {
    if (ran.push(`slow ${nthOf(each)}`) === 1) await opened
    await finish(sql, [each])
    return 'done'
  })
  const name = slow.node.holder()?.id as string
  await slow.add([job('lane', 1), job('lane', 2)])
  await eventually('it to be taken', async () => (await holderOf('lane')) === name)

  // As others do with a node that is silent, and the lane is another's now.
  const other = '00000000-0000-4000-8000-00000000000a'
  await database.sql.begin(async (tx) => {
    await tx`delete from nodes where id = ${name}`
    await tx`insert into nodes (id, seen_at) values (${other}, now() + interval '1 hour')`
    await tx`update lanes set node_id = ${other}`
  })
  const renamed = await eventually('another name', () => {
    const holder = slow.node.holder()
    return holder && holder.id !== name && holder
  })
  open()
  await eventually('the job in hand to end', async () => (await database.sql`select from jobs`).length === 1)
  await slow.add([job('another lane', 3)])
  await eventually('new work in the new name', () => ran.includes('slow 3'))

  assert.equal(await holderOf('lane'), other, 'the lost lane is where it was')
  assert.deepEqual(ran, ['slow 1', 'slow 3'], 'it did not go on in the lost lane')
  assert.notEqual(renamed.id, name)
})

test('nothing can be claimed in a name that is given up while the claim is under way', async () => {
  const { sql } = database
  const name = '00000000-0000-4000-8000-00000000000b'
  await sql`insert into nodes (id) values (${name})`
  const node = await start(async () => 'done')
  await node.stop()
  await node.add([]).catch(() => {})
  await sql`insert into lanes (lane, kind, group_key) values ('lane', 'send-message', 'a page')`

  const { opened, open } = gate()
  const deleted = gate()
  const givingUp = sql.begin(async (tx) => {
    await tx`delete from nodes where id = ${name}`
    deleted.open()
    await opened
  })
  await deleted.opened
  const claiming = claim(sql, { kind: 'send-message', nodeId: name, limit: 10, perGroup: 10, busy: [], after: '' })
  await eventually('the claim to wait', async () => {
    const waiting =
      await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like '%for key share%'`
    return waiting.length > 0
  })
  open()
  await givingUp

  assert.deepEqual((await claiming).lanes, [])
  assert.equal(await holderOf('lane'), null)
})

test('stop waits for what is in hand, gives back what is in line, and takes nothing more', async () => {
  const { opened, open } = gate()
  const ran: unknown[] = []
  const node = await start(async (each, sql) => {
    ran.push(nthOf(each))
    await opened
    await finish(sql, [each])
    return 'done'
  })
  await node.add([job('lane', 1), job('lane', 2)])
  await eventually('the first to run', () => ran.length === 1)

  const stopped = node.stop()
  await database.sql.begin(async (tx) => {
    await tx`insert into lanes (lane, kind, group_key) values ('late', 'send-message', 'a page')`
  })
  open()
  await stopped

  assert.deepEqual(ran, [1])
  const lanes = await database.sql`select lane, node_id from lanes order by lane`
  assert.deepEqual(
    [...lanes].map((each) => ({ ...each })),
    [
      { lane: 'lane', nodeId: null },
      { lane: 'late', nodeId: null },
    ],
  )
  assert.equal((await database.sql`select from jobs`).length, 1)
  assert.equal((await database.sql`select from nodes`).length, 0)
})

test('stop does not wait longer than it may for a handler that hangs, and its lane is free for others', async () => {
  const hanging = await start(() => new Promise(() => {}))
  await hanging.add([job('hangs', 1)])
  await eventually('it to be taken', () => holderOf('hangs'))

  const from = performance.now()
  await hanging.dispatcher.stop(200)
  await hanging.node.stop()
  assert.ok(performance.now() - from < 1500)
  assert.equal(await holderOf('hangs'), null)
})

test('a node alone on its database takes over at once what a crash has left', async () => {
  const { joinNodes } = await import('../../src/jobs/node.ts')
  const { sql } = database
  await sql`insert into nodes (id) values ('00000000-0000-4000-8000-00000000000c')`
  await sql`
    insert into lanes (lane, kind, group_key, node_id)
    values ('left', 'send-message', 'a page', '00000000-0000-4000-8000-00000000000c')`

  const node = await joinNodes(sql, true, assert.ifError)

  assert.equal(await holderOf('left'), null)
  assert.equal((await sql`select from nodes`).length, 1)
  await node.stop()
})

test('lanes of a commit whose answer was lost, before anybody heard what it began, come free', async () => {
  const ran: unknown[] = []
  const node = await start(async (each, sql) => {
    ran.push(nthOf(each))
    await finish(sql, [each])
    return 'done'
  })
  const offer = node.dispatcher.offer()
  await enqueue(database.sql, [job('begun unheard', 1)], { ...offer, taken: [] })
  offer.drop(true)
  await node.add([job('begun unheard', 2)])
  await eventually('both to be done', () => ran.length === 2, 5000)
  assert.deepEqual(ran, [1, 2])
})
