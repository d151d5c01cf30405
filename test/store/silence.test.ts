/** The pool of connections, when the network or the database says nothing any more. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, isStoreAway, PATIENT, type Patience, type Sql } from '../../src/store/connection.ts'
import { type Cable, layCable } from '../cable.ts'
import { createDatabase, type TestDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'

const BRIEF: Patience = { statementMs: 500, silentSeconds: 1 }
/** A second is counted in full seconds, the last of which may just have begun. */
const WITHIN_MS = 2500

let database: TestDatabase
let cable: Cable
let pools: Sql[] = []

before(async () => {
  database = await createDatabase()
})
beforeEach(async () => {
  cable = await layCable(Number(new URL(database.url).port))
})
afterEach(async () => {
  await Promise.all(pools.map((sql) => sql.end({ timeout: 0 })))
  pools = []
  await cable.stop()
})
after(() => database?.drop())

function pool(max: number, patience: Patience = BRIEF): Sql {
  const url = new URL(database.url)
  url.port = String(cable.port)
  const sql = connect({ url: url.href }, max, patience)
  pools.push(sql)
  return sql
}

/** All connections are made and wait for work. */
async function warm(sql: Sql, count: number): Promise<number[]> {
  const all = await Promise.all(
    Array.from({ length: count }, () => sql.begin((tx) => tx<{ pid: number }[]>`select pg_backend_pid() as pid`)),
  )
  return all.map(([row]) => row?.pid as number)
}

const failure = async (asked: PromiseLike<unknown>) => {
  const from = performance.now()
  const error = await asked.then(
    () => assert.fail('it was answered'),
    (reason) => reason as Error & { code: string },
  )
  return { error, code: error.code, ms: performance.now() - from }
}

for (const what of ['everything', 'answers'] as const) {
  test(`when ${what} of the network is lost, what is asked fails within seconds, and so does what waits for its turn`, async () => {
    const sql = pool(2)
    await warm(sql, 2)
    cable.lose(what)

    const failed = await Promise.all([
      failure(sql`select 1`),
      failure(sql.begin((tx) => tx`select 2`)),
      ...Array.from({ length: 20 }, () => failure(sql`select 3`)),
    ])

    for (const { code, ms } of failed) {
      assert.equal(code, 'CONNECTION_SILENT')
      assert.ok(ms < WITHIN_MS, `after ${ms} ms`)
    }
    cable.mend()
    assert.deepEqual([...(await sql`select 5 as n`)], [{ n: 5 }])
  })
}

test('once it is clear that the store cannot be reached, one query tries to and the others fail at once', async () => {
  const sql = pool(2)
  await warm(sql, 2)
  cable.freeze()
  assert.equal((await failure(sql`select 1`)).code, 'CONNECTION_SILENT')
  const tried = await Promise.all(Array.from({ length: 20 }, () => failure(sql`select 2`)))
  assert.ok(tried.every(({ code, ms }) => code === 'CONNECT_TIMEOUT' && ms < 6500))

  const from = performance.now()
  const asked = Array.from({ length: 20 }, () => sql`select 3`.catch((error) => error.code))
  const refused = await Promise.all(asked.slice(1))
  assert.ok(performance.now() - from < 200)
  assert.ok(refused.every((code) => code === 'CONNECT_TIMEOUT'))

  cable.mend()
  assert.equal((await asked[0])?.length, 1)
  assert.equal((await warm(sql, 2)).length, 2)
})

test('when the network is back all connections work at once, also those that had nothing to say while it was gone', async () => {
  const sql = pool(8)
  const old = await warm(sql, 8)
  cable.lose('everything')
  assert.equal((await failure(sql`select 1`)).code, 'CONNECTION_SILENT')

  cable.mend()
  await sql`select 2`
  const from = performance.now()
  const pids = await warm(sql, 8)

  assert.ok(performance.now() - from < 500)
  assert.ok(pids.every((pid) => !old.includes(pid)))
})

test('a transaction whose answer is lost is ended with its connection, and nothing of it goes to another', async () => {
  const sql = pool(1)
  await database.sql`create table kept (n integer)`
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>()
  const { code } = await failure(
    sql.begin(async (tx) => {
      await tx`insert into kept values (1)`
      cable.lose('everything')
      lose()
      await tx`insert into kept values (2)`
    }),
  )
  await lost
  cable.mend()
  await sql`insert into kept values (3)`

  assert.match(code, /^CONNECTION_/)
  assert.deepEqual([...(await database.sql`select n from kept`)], [{ n: 3 }])
})

test('a statement that takes too long is given up by the database, which is as good as away', async () => {
  const sql = pool(1)

  const { error, code } = await failure(sql`select pg_sleep(30)`)

  assert.equal(code, '57014')
  assert.ok(isStoreAway(error))
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from pg_stat_activity where query like '%pg_sleep(30)' and pid <> pg_backend_pid()
      and state = 'active'`
  assert.equal(row?.count, 0)
})

test('what takes long by its nature may take long', async () => {
  const usual = pool(1)
  const patient = pool(1, PATIENT)

  assert.equal((await failure(usual`select pg_sleep(2.5)`)).code, '57014')
  assert.equal((await patient`select pg_sleep(2.5)`).length, 1)
})

test('a database that hangs up before it has said anything is away, and not waited for without end', async () => {
  const sql = pool(2)
  cable.turnAway()

  const { error, ms } = await failure(sql`select 1`)

  assert.ok(isStoreAway(error), error.message)
  assert.ok(ms < WITHIN_MS)
  cable.mend()
  await sql`select 2`
})

test('a connection that cannot be made beside others that work fails alone', async () => {
  const sql = pool(2)
  const { promise: done, resolve: finish } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const working = sql.begin(async (tx) => {
    await tx`select 1`
    begin()
    await done
    return await tx`select 2 as n`
  })
  await begun
  cable.turnAway()

  const refused = failure(sql`select 3`)
  const waiting = [sql`select 4`, sql`select 5`]
  assert.equal((await refused).code, 'CONNECTION_CLOSED')
  cable.mend()

  assert.equal((await Promise.all(waiting)).length, 2)
  finish()
  assert.deepEqual([...(await working)], [{ n: 2 }])
})

test('whoever listens hears again after an outage, on every channel', async () => {
  const sql = pool(2)
  const heard = new Set<string>()
  for (const channel of ['one', 'two', 'three']) await sql.listen(channel, () => void heard.add(channel))
  cable.cut()
  // Until a second try in vain has been made.
  await wait(500)
  cable.mend()

  await eventually('all channels to be heard', async () => {
    for (const channel of ['one', 'two', 'three']) await database.sql.notify(channel, '')
    return heard.size === 3
  })
})
