import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noOffer } from '#jobs/offer.ts'
import type { Sql } from '#store/connection.ts'
import { createCommit } from './commit.ts'

/** A store that takes its time; nothing but `begin` is asked of it, as the units are empty. */
function slowStore() {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>()
  const sql = { begin: async (write: (tx: unknown) => unknown) => opened.then(() => write({})) } as unknown as Sql
  return { open, ...createCommit({ sql, offer: () => noOffer() }) }
}

test('what comes from outside is refused while too much waits for the store, and taken again when it is through', async () => {
  const { open, accept, commit } = slowStore()
  const answered: unknown[] = []

  for (let nth = 0; nth < 5000; nth += 1) accept([{}]).then((results) => answered.push(...results))
  await assert.rejects(accept([{}]), { code: 20429, status: 429, retryAfterSeconds: 1 })
  commit({}).then((result) => answered.push(result))
  open()
  while (answered.length < 5001) await new Promise((resolve) => setImmediate(resolve))

  assert.deepEqual(await accept([{}]), [{ outcome: 'kept', started: [], createdAt: undefined }])
})

test('the same holds for what is long, however little there is of it', async () => {
  const { open, accept } = slowStore()
  const MB = 1024 * 1024

  const taken = Array.from({ length: 8 }, () => accept([{}], 4 * MB))
  await assert.rejects(accept([{}], 1), { code: 20429, status: 429 })
  const short = accept([{}])
  open()
  await Promise.all([...taken, short])

  assert.equal((await accept([{}], 4 * MB)).length, 1)
})
