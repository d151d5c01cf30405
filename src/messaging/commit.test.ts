import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noOffer } from '#jobs/dispatcher.ts'
import type { Sql } from '#store/connection.ts'
import { createCommit } from './commit.ts'

test('what comes from outside is refused while too much waits for the store, and taken again when it is through', async () => {
  let open = () => {}
  const slow = new Promise<void>((resolve) => {
    open = resolve
  })
  const answered: unknown[] = []
  // A store that takes its time; nothing but `begin` is asked of it, as the units are empty.
  const sql = { begin: async (write: (tx: unknown) => unknown) => slow.then(() => write({})) } as unknown as Sql
  const { accept, commit } = createCommit({ sql, wake: () => {}, offer: noOffer })

  for (let nth = 0; nth < 5000; nth += 1) accept([{}]).then((results) => answered.push(...results))
  await assert.rejects(accept([{}]), { code: 20429, status: 429, retryAfterSeconds: 1 })
  commit({}).then((result) => answered.push(result))
  open()
  while (answered.length < 5001) await new Promise((resolve) => setImmediate(resolve))

  assert.deepEqual(await accept([{}]), [{ outcome: 'kept', started: [], createdAt: undefined }])
})
