import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Tx } from '../../src/store/connection.ts'
import { together } from '../../src/store/together.ts'
import { createDatabase, type TestDatabase } from '../database.ts'

let database: TestDatabase
before(async () => {
  database = await createDatabase()
  await database.sql`create table kept (what text)`
})
after(() => database.drop())

test('what is still to be written when another statement fails is not written on its own', async () => {
  const inTwoSteps = async (tx: Tx) => {
    await tx`insert into kept values ('first')`
    for (let turns = 0; turns < 20; turns += 1) await turn()
    await tx`insert into kept values ('second')`
  }
  const failing = async (tx: Tx) => {
    await tx`select 1 / 0`
  }
  await assert.rejects(
    database.sql.begin((tx) => together([inTwoSteps(tx), failing(tx)])),
    /division by zero/,
  )
  for (let turns = 0; turns < 50; turns += 1) await turn()
  await database.sql`select 1`
  assert.deepEqual([...(await database.sql`select what from kept`)], [])
})

test('every statement is done in the order given, and each answers its own', async () => {
  const done = await database.sql.begin((tx) =>
    together([
      tx`insert into kept values ('a')`.then(() => 1),
      tx`select count(*)::integer from kept`.then(([row]) => row?.count),
    ]),
  )
  assert.deepEqual(done, [1, 1])
})
