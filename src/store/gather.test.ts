import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { gather } from './gather.ts'

/** A `run` that shows its sets and answers when it is told to. */
function heldBack() {
  const sets: number[][] = []
  const waiting: (() => void)[] = []
  let running = 0
  let most = 0
  const run = async (items: number[]) => {
    sets.push(items)
    running += 1
    most = Math.max(most, running)
    await new Promise<void>((resolve) => waiting.push(resolve))
    running -= 1
    return items.map((item) => item * 10)
  }
  return { run, sets, next: () => waiting.shift()?.(), most: () => most }
}

test('calls of one turn become one set, and each gets its own result', async () => {
  const { run, sets, next } = heldBack()
  const call = gather(run, { maxItems: 10, maxRunning: 1 })
  const results = Promise.all([1, 2, 3].map(call))
  await turn()
  next()

  assert.deepEqual(await results, [10, 20, 30])
  assert.deepEqual(sets, [[1, 2, 3]])
})

test('what comes while a set runs becomes the next, no larger than allowed', async () => {
  const { run, sets, next } = heldBack()
  const call = gather(run, { maxItems: 2, maxRunning: 1 })
  const all = [call(1)]
  await turn()
  all.push(...[2, 3, 4].map(call))
  for (let each = 0; each < 3; each += 1) {
    await turn()
    next()
    await turn()
  }

  assert.deepEqual(await Promise.all(all), [10, 20, 30, 40])
  assert.deepEqual(sets, [[1], [2, 3], [4]])
})

test('a set that fails tells all of its callers, and the next one runs', async () => {
  let times = 0
  const call = gather(
    async (items: number[]) => {
      times += 1
      if (times === 1) throw new Error('no luck')
      return items
    },
    { maxItems: 2, maxRunning: 1 },
  )
  const settled = await Promise.allSettled([1, 2, 3].map(call))

  assert.deepEqual(
    settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.message)),
    ['no luck', 'no luck', 3],
  )
})

test('whatever comes when, every call is in exactly one set, in order, and limits hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 5 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      async (bursts, maxItems, maxRunning) => {
        const { run, sets, next, most } = heldBack()
        const call = gather(run, { maxItems, maxRunning })
        const all: Promise<number>[] = []
        for (const burst of bursts) {
          for (let each = 0; each < burst; each += 1) all.push(call(all.length))
          await turn()
          next()
        }
        let done = false
        const finished = Promise.all(all).then((results) => {
          done = true
          return results
        })
        while (!done) {
          next()
          await turn()
        }
        const expected = all.map((_, index) => index)
        assert.deepEqual(
          await finished,
          expected.map((index) => index * 10),
        )
        assert.deepEqual(sets.flat(), expected)
        assert.ok(sets.every((set) => set.length <= maxItems) && most() <= maxRunning)
      },
    ),
    { numRuns: 50 },
  )
})

for (const code of ['CONNECTION_SILENT', 'CONNECT_TIMEOUT']) {
  test(`who waited while the store said nothing (${code}) is told so with the set that asked it, and no other is`, async () => {
    const sets: number[][] = []
    let fail: (reason: Error) => void = () => {}
    const call = gather(
      (items: number[]) => {
        sets.push(items)
        if (sets.length > 1) return Promise.resolve(items)
        return new Promise<number[]>((_, reject) => {
          fail = reject
        })
      },
      { maxItems: 2, maxRunning: 1 },
    )
    const asked = Promise.allSettled([1, 2, 3, 4, 5].map(call))
    await turn()
    fail(Object.assign(new Error('silence'), { code }))

    assert.deepEqual(
      (await asked).map((each) => each.status === 'rejected' && each.reason.code),
      Array(5).fill(code),
    )
    assert.equal(await call(6), 6)
    assert.deepEqual(sets, [[1, 2], [6]])
  })
}
