import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { countJobs } from '../../src/jobs/count-jobs.ts'
import { createDatabase, type TestDatabase } from '../database.ts'

let database: TestDatabase
before(async () => {
  database = await createDatabase()
})
after(() => database?.drop())

const add = (beginning: string, lanes: number, count: number) => database.sql`
  insert into jobs (lane, data) select ${beginning} || g % ${lanes}::integer, '{}' from generate_series(1, ${count}::integer) g`

test('jobs of all lanes with a beginning are counted, those of their neighbours are not', async () => {
  await add('out:b:', 7, 100)
  for (const other of ['out:a:', 'out:b', 'out:bb:', 'out:c:', 'in:b:', 'out:B:', 'out:b-']) await add(other, 3, 10)

  assert.equal(await countJobs(database.sql, 'out:b:', 1000), 100)
  assert.equal(await countJobs(database.sql, 'out:b:', 100), 100)
  assert.equal(await countJobs(database.sql, 'out:b:', 99), 99)
  assert.equal(await countJobs(database.sql, 'out:none:', 99), 0)
})

test('many are counted in several statements, of one lane as of many, and not more than asked for', async () => {
  await add('out:large:', 1, 70_000)
  await add('out:wide:', 50_000, 70_000)

  for (const beginning of ['out:large:', 'out:wide:']) {
    assert.equal(await countJobs(database.sql, beginning, 1_000_000), 70_000)
    assert.equal(await countJobs(database.sql, beginning, 60_000), 60_000)
  }
})
