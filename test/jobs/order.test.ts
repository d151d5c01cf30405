import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { claim, release } from '../../src/jobs/claim.ts'
import { enqueue, finish, type Job, makeDue, makeLaneDue, putBack } from '../../src/jobs/queue.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { job, jobsLeft, lanesLeft, nthOf, startWorkerNode, type WorkerNode } from './worker-node.ts'

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

const start = async (...args: Parameters<typeof startWorkerNode> extends [unknown, ...infer Rest] ? Rest : never) => {
  const node = await startWorkerNode(database, ...args)
  nodes.push(node)
  return node
}

const emptied = () => eventually('the queue to be empty', async () => (await lanesLeft(database.sql)) === 0)

test('jobs of one lane run one at a time in the order of their commits, whoever adds them and wherever they run', async () => {
  const ran: { adder: number; nth: number; id: bigint }[] = []
  let running = 0
  const run: Parameters<typeof start>[0] = async (each, sql) => {
    running += 1
    assert.equal(running, 1, 'two jobs of one lane run at once')
    await wait(Math.random() * 2)
    ran.push({ ...(nthOf(each) as { adder: number; nth: number }), id: BigInt(each.id) })
    running -= 1
    await finish(sql, [each])
    return 'done'
  }
  const [one, two] = [await start(run), await start(run)]

  await Promise.all(
    [0, 1, 2, 3, 4, 5].map(async (adder) => {
      for (let nth = 0; nth < 20; nth += 2) {
        const pair = [nth, nth + 1].map((each) => job('in:ada', { adder, nth: each }))
        await (adder % 2 ? one : two).add(pair)
      }
    }),
  )
  await emptied()

  assert.deepEqual([...one.errors, ...two.errors], [])
  assert.equal(ran.length, 120)
  for (const adder of [0, 1, 2, 3, 4, 5]) {
    const own = ran.filter((each) => each.adder === adder).map(({ nth }) => nth)
    assert.deepEqual(own, [...Array(20).keys()], `the jobs of adder ${adder}`)
  }
  const ids = ran.map(({ id }) => id)
  assert.deepEqual(
    ids,
    ids.toSorted((a, b) => (a < b ? -1 : 1)),
  )
})

test('a job that was put back runs again before its followers, and holds up no other lane', async () => {
  const ran: unknown[] = []
  const node = await start(async (each, sql) => {
    ran.push([each.lane, nthOf(each), each.attempt])
    if (each.lane === 'slow' && nthOf(each) === 1 && each.attempt < 2) {
      await putBack(sql, [{ job: each, afterMs: 150 }])
      return 'put back'
    }
    await finish(sql, [each])
    return 'done'
  })
  await node.add([1, 2, 3].map((nth) => job('slow', nth)))
  await node.add([job('quick', 1)])
  await emptied()

  assert.deepEqual(
    ran.filter((each) => (each as unknown[])[0] === 'slow').map((each) => (each as unknown[]).slice(1)),
    [
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 0],
      [3, 0],
    ],
  )
  const at = (lane: string, nth: number, attempt: number) =>
    ran.findIndex((each) => JSON.stringify(each) === JSON.stringify([lane, nth, attempt]))
  assert.ok(at('quick', 1, 0) < at('slow', 1, 1), 'the other lane did not wait')
})

test('a handler that throws is tried again with a growing wait, and blocks only its own lane', async () => {
  const triedAt: number[] = []
  const others: unknown[] = []
  const node = await start(async (each, sql) => {
    if (each.lane === 'broken' && nthOf(each) === 1) {
      triedAt.push(performance.now())
      if (each.attempt === 0) throw new Error('a bug')
    } else others.push(nthOf(each))
    await finish(sql, [each])
    return 'done'
  })
  await node.add([job('broken', 1), job('broken', 2), job('sound', 3)])
  await eventually('the sound lane', () => others.length === 1)
  assert.deepEqual(others, [3])
  await emptied()

  assert.deepEqual(others, [3, 2])
  const [first = 0, second = 0] = triedAt
  assert.equal(triedAt.length, 2)
  assert.ok(second - first > 700, `tried again after ${second - first} ms`)
  assert.equal((node.errors[0] as Error).message, 'a bug')
})

test('jobs of a transaction that is rolled back are not there', async () => {
  const undone = database.sql.begin(async (tx) => {
    await enqueue(tx, [job('lane', 1), job('other', 2)])
    throw new Error('rolled back')
  })
  await assert.rejects(undone, /rolled back/)

  assert.equal(await lanesLeft(database.sql), 0)
  assert.equal(await jobsLeft(database.sql), 0)
})

test('a delayed first job makes its lane wait, and a follower does not change that', async () => {
  const ran: unknown[] = []
  const node = await start(async (each, sql) => {
    ran.push(nthOf(each))
    await finish(sql, [each])
    return 'done'
  })
  const from = performance.now()
  await node.add([job('later', 1, { delayMs: 400 }), job('later', 2)])
  await node.add([job('later', 3)])
  await emptied()

  assert.deepEqual(ran, [1, 2, 3])
  assert.ok(performance.now() - from >= 390)
})

test('work whose wake-up was lost is found by looking', async () => {
  const ran: unknown[] = []
  const from = performance.now()
  const node = await start(
    async (each, sql) => {
      ran.push(nthOf(each))
      await finish(sql, [each])
      return 'done'
    },
    { deaf: true },
  )
  await node.add([job('unheard', 1)])
  await emptied()

  assert.deepEqual(ran, [1])
  assert.ok(performance.now() - from < 2000)
})

test('what waits for its sender is due at once when the sender comes back, also while it is in hand', async () => {
  const { sql } = database
  const dueInMs = async (lane: string) => {
    const [row] = await sql<{ ms: number }[]>`
      select extract(epoch from due_at - now())::float8 * 1000 as ms from lanes where lane = ${lane}`
    return row?.ms ?? Number.NaN
  }
  const claimed = async (lane: string) => {
    const request = { kind: 'send-message', nodeId, limit: 10, perGroup: 10, busy: [], after: '' } as const
    const found = (await claim(sql, request)).lanes.find((each) => each.lane === lane)
    assert.ok(found, `${lane} was not claimed`)
    return found
  }
  const nodeId = '00000000-0000-4000-8000-000000000001'
  await sql`insert into nodes (id) values (${nodeId})`
  await enqueue(sql, [job('waits', 1), job('other page', 1, { group: 'another' })])
  const lane = await claimed('waits')
  await putBack(sql, [{ job: lane.jobs[0] as Job, afterMs: 60_000 }])
  assert.ok((await dueInMs('waits')) > 50_000)

  await makeDue(sql, 'send-message', 'a page')
  await release(sql, nodeId, [{ lane: 'waits', version: lane.version, empty: false, putBack: true }])
  assert.ok((await dueInMs('waits')) <= 0, 'due when it is let go')

  const again = await claimed('waits')
  await putBack(sql, [{ job: again.jobs[0] as Job, afterMs: 60_000 }])
  await release(sql, nodeId, [{ lane: 'waits', version: again.version, empty: false, putBack: true }])
  await makeDue(sql, 'send-message', 'another')
  assert.ok((await dueInMs('waits')) > 50_000, 'another sender is not ours')
  await makeLaneDue(sql, 'waits')
  assert.ok((await dueInMs('waits')) <= 0)
})

test('a job that a handler calls done and does not finish stays, and is reported', async () => {
  let runs = 0
  const node = await start(async () => {
    runs += 1
    return 'done'
  })
  await node.add([job('forgotten', 1)])
  await eventually('the report', () => node.errors.length > 0)

  assert.match(String(node.errors[0]), /a job of forgotten was done but not finished/)
  assert.equal(await jobsLeft(database.sql), 1)
  assert.equal(await lanesLeft(database.sql), 1)
  await wait(600)
  assert.equal(runs, 1, 'it does not run in circles')
})

test('a flood in one lane lets the others pass between its jobs', async () => {
  const ran: string[] = []
  const added = Promise.withResolvers<void>()
  const node = await start(
    async (each, sql) => {
      await added.promise
      ran.push(each.lane)
      await finish(sql, [each])
      return 'done'
    },
    { concurrency: 1 },
  )
  await node.add([job('flood', 0)])
  for (let nth = 1; nth < 60; nth += 1) await node.add([job('flood', nth)])
  await node.add([job('patient', 1)])
  added.resolve()
  await emptied()

  assert.equal(ran.length, 61)
  assert.ok(ran.indexOf('patient') <= 10, `the other lane came after ${ran.indexOf('patient')} jobs of the flood`)
})

test('what is added to a lane in hand follows in memory, in its order, also when others add to it', async () => {
  const ran: [unknown, unknown][] = []
  const held = Promise.withResolvers<void>()
  const node = await start(async (each, sql) => {
    ran.push([nthOf(each), each.known])
    if (nthOf(each) === 0) await held.promise
    await finish(sql, [each])
    return 'done'
  })
  await node.add([job('lane', 0, { known: 'begun' })])
  await eventually('the first to run', () => ran.length === 1)
  await node.add([
    job('lane', 1, { known: 'followed', knownLasts: true }),
    job('lane', 2, { known: 'perhaps not so now' }),
  ])
  // Somebody else: from here on this node does not know the lane any more.
  await enqueue(database.sql, [job('lane', 3)])
  await node.add([job('lane', 4, { known: 'too late', knownLasts: true })])
  held.resolve()
  await emptied()

  assert.deepEqual(ran, [
    [0, 'begun'],
    [1, 'followed'],
    [2, undefined],
    [3, undefined],
    [4, undefined],
  ])
})

test('what follows a job that is put back waits with it', async () => {
  const ran: unknown[] = []
  const held = Promise.withResolvers<void>()
  const node = await start(async (each, sql) => {
    ran.push(nthOf(each))
    if (ran.length > 1) {
      await finish(sql, [each])
      return 'done'
    }
    await held.promise
    await putBack(sql, [{ job: each, afterMs: 50 }])
    return 'put back'
  })
  await node.add([job('lane', 0)])
  await eventually('the first to run', () => ran.length === 1)
  await node.add([job('lane', 1)])
  held.resolve()
  await emptied()

  assert.deepEqual(ran, [0, 0, 1])
})
