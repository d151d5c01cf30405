import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from './pace.ts'

/** Sleeping moves the clock: a run of ten seconds takes no time. */
function pretend(nodes = 1) {
  let now = 1_000_000
  const waits: (() => void)[] = []
  const due: { at: number; wake: () => void }[] = []
  const pace = createPace({
    nodes: () => nodes,
    nowMs: () => now,
    sleep: (ms) => new Promise((resolve) => due.push({ at: now + ms, wake: resolve })),
  })
  const until = async (ms: number) => {
    const end = now + ms
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      due.sort((a, b) => a.at - b.at)
      const next = due[0]
      if (!next || next.at > end) break
      due.shift()
      now = next.at
      next.wake()
    }
    now = end
  }
  return { pace, until, waits }
}

async function callsWithin(ms: number, rate: { kind: string; perSecond: number }, nodes = 1, percent = 0) {
  const { pace, until } = pretend(nodes)
  pace.learn('page', { percent, regainMs: 0 })
  let calls = 0
  const order: number[] = []
  for (let nth = 0; nth < 5000; nth += 1) {
    pace.turn('page', rate).then(() => {
      calls += 1
      order.push(nth)
    })
  }
  await until(ms)
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  )
  return calls
}

const TEXT = { kind: 'text', perSecond: 300 }

test('a Page with endless work stays just below the limit, in order', async () => {
  const calls = await callsWithin(10_000, TEXT)

  assert.ok(calls <= 3000 && calls > 2800, String(calls))
})

test('nodes share the limit', async () => {
  const calls = await callsWithin(10_000, TEXT, 3)

  assert.ok(calls <= 1000 && calls > 900, String(calls))
})

test('from 80 % of the provider count on the Page slows down', async () => {
  assert.ok((await callsWithin(10_000, TEXT, 1, 79)) > 2800)
  const half = await callsWithin(10_000, TEXT, 1, 90)
  assert.ok(half < 1500 && half > 1300, String(half))
  assert.ok((await callsWithin(10_000, TEXT, 1, 120)) < 160)
})

test('one Page waits for nobody else, and its videos not for its texts', async () => {
  const { pace, until } = pretend()
  for (let nth = 0; nth < 1000; nth += 1) pace.turn('busy', TEXT)
  let done = 0
  for (const [page, kind] of [
    ['calm', 'text'],
    ['busy', 'audio and video'],
  ] as const) {
    pace.turn(page, { kind, perSecond: 10 }).then(() => {
      done += 1
    })
  }

  await until(0)

  assert.equal(done, 2)
})
