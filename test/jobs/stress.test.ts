import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { enqueue, finish, type Job, putBack } from '../../src/jobs/queue.ts'
import { connect, type Sql } from '../../src/store/connection.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { type Change, job, jobsLeft, lanesLeft, startWorkerNode, type WorkerNode } from './worker-node.ts'

const LANES = 80
const JOBS = 3000

let database: TestDatabase

before(async () => {
  database = await createDatabase()
  await database.sql`
    create table ledger (position bigint generated always as identity, lane text, id bigint, primary key (lane, id))`
})
beforeEach(() => database.sql`truncate lanes, jobs, nodes, ledger`)
after(() => database?.drop())

const anyLane = () => `lane ${Math.floor(Math.random() * LANES)}`

/** Finishes, puts back, fails, or adds followers in the same transaction; the ledger is written with the end. */
function erratic(added: { count: number }) {
  const inHand = new Set<string>()
  return async (each: Job, sql: Sql, _: unknown, change: Change): Promise<'done' | 'put back'> => {
    assert.ok(!inHand.has(each.lane), `two jobs of ${each.lane} run at once`)
    inHand.add(each.lane)
    try {
      if (Math.random() < 0.3) await wait(Math.random() * 3)
      const dice = Math.random()
      if (dice < 0.06) {
        await putBack(sql, [{ job: each, afterMs: Math.random() * 20 }])
        return 'put back'
      }
      const followers = dice < 0.3 && added.count < JOBS ? [job(anyLane(), 0), job(anyLane(), 0)] : []
      await change(async (tx, begun) => {
        await tx`insert into ledger (lane, id) values (${each.lane}, ${each.id})`
        await finish(tx, [each])
        await enqueue(tx, followers, begun)
      })
      added.count += followers.length
      return 'done'
    } finally {
      inHand.delete(each.lane)
    }
  }
}

async function addUntilEnough(nodes: WorkerNode[], added: { count: number }): Promise<void> {
  const add = async (node: WorkerNode) => {
    while (added.count < JOBS) {
      const jobs = Array.from({ length: 1 + Math.floor(Math.random() * 8) }, () => job(anyLane(), 0))
      await node.add(jobs)
      added.count += jobs.length
    }
  }
  await Promise.all(nodes.flatMap((node) => [add(node), add(node)]))
}

async function assertAllRanInOrder(expected: number | undefined): Promise<void> {
  const { sql } = database
  assert.equal(await jobsLeft(sql), 0)
  const [count] = await sql<{ ran: number }[]>`select count(*)::int as ran from ledger`
  if (expected !== undefined) assert.equal(count?.ran, expected, 'every job ran once to its end')
  const overtaken = await sql`
    select * from (select lane, id, max(id) over (partition by lane order by position) as furthest from ledger) l
    where id <> furthest`
  assert.deepEqual([...overtaken], [], 'no job ended after a later one of its lane')
}

const emptied = () =>
  eventually(
    'the queue to be empty',
    () =>
      lanesLeft(database.sql).then(
        (left) => left === 0,
        () => false,
      ),
    30_000,
  )

test('thousands of jobs of several nodes, put back and followed at random, each end once and in order, and leave no lane', async () => {
  const added = { count: 0 }
  const run = erratic(added)
  const nodes = await Promise.all([1, 2, 3].map(() => startWorkerNode(database, run)))
  try {
    await addUntilEnough(nodes, added)
    await emptied()
    assert.deepEqual(
      nodes.flatMap(({ errors }) => errors),
      [],
    )
    await assertAllRanInOrder(added.count)
  } finally {
    await Promise.all(nodes.map((node) => node.stop()))
  }
})

test('a store whose connections break in the middle of everything loses, doubles and strands nothing', async () => {
  const added = { count: JOBS - 600 }
  const run = erratic(added)
  const nodes = await Promise.all([1, 2].map(() => startWorkerNode(database, run)))
  const breaking = { on: true, times: 0 }
  const hammer = connect({ url: database.url }, 1)
  const chaos = (async () => {
    while (breaking.on) {
      await wait(60)
      await hammer`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and random() < 0.5`
      breaking.times += 1
    }
  })()
  try {
    const adding = async (node: WorkerNode) => {
      while (added.count < JOBS) {
        await node.add([job(anyLane(), 0), job(anyLane(), 0)]).then(
          () => {
            added.count += 2
          },
          () => wait(10),
        )
        await wait(2)
      }
    }
    await Promise.all(nodes.map(adding))
    breaking.on = false
    await chaos
    assert.ok(breaking.times > 5)
    await emptied()
    // An add whose answer was lost may have been made: what counts is that whatever is there has run.
    await assertAllRanInOrder(undefined)
  } finally {
    breaking.on = false
    await hammer.end()
    await Promise.all(nodes.map((node) => node.stop()))
  }
})
