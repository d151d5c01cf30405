import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gather } from './gather.ts'

/** One set at a time; each ends when the test says how. */
function sets() {
  const runs: { items: string[]; end: (error?: Error) => void }[] = []
  const ask = gather<string, string>(
    (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, end: (error) => (error ? reject(error) : resolve(items.map((item) => `re ${item}`))) })
      }),
    { maxItems: 2, maxRunning: 1 },
  )
  return { runs, ask }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))
const failing = (code: string) => Object.assign(new Error(code), { code })

test('calls that arrive together are one set, later ones wait for it and become the next', async () => {
  const { runs, ask } = sets()
  const asked = ['a', 'b', 'c'].map(ask)
  await turn()
  assert.deepEqual(
    runs.map(({ items }) => items),
    [['a', 'b']],
  )
  runs[0]?.end()
  assert.deepEqual(await Promise.all(asked.slice(0, 2)), ['re a', 're b'])
  await turn()
  runs[1]?.end()
  assert.equal(await asked[2], 're c')
})

test('a set that fails takes no other with it', async () => {
  const { runs, ask } = sets()
  const asked = ['a', 'b', 'c'].map(ask)
  const outcome = Promise.allSettled(asked)
  await turn()
  runs[0]?.end(failing('ECONNRESET'))
  await turn()
  runs[1]?.end()
  assert.deepEqual(
    (await outcome).map(({ status }) => status),
    ['rejected', 'rejected', 'fulfilled'],
  )
})

for (const code of ['CONNECTION_SILENT', 'CONNECT_TIMEOUT']) {
  test(`who waited while the store said nothing (${code}) is told so with the set that asked it`, async () => {
    const { runs, ask } = sets()
    const outcome = Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map(ask))
    await turn()
    runs[0]?.end(failing(code))
    assert.deepEqual(
      (await outcome).map(({ status }) => status),
      Array(5).fill('rejected'),
    )
    assert.equal(runs.length, 1)
    const later = ask('f')
    await turn()
    runs[1]?.end()
    assert.equal(await later, 're f')
  })
}
