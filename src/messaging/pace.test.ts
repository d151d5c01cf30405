import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace, type Pace } from './pace.ts'

type Share = { nth: number; of: number }

/** Nodes whose clocks of their own differ, on one pretend time. Sleeping moves it: a run of ten seconds takes no time. */
function pretend(shares: ((now: number) => Share | undefined)[] = equalShares(1), clockErrorMs = 0) {
  const begin = 1_790_000_000_000
  let now = begin
  const due: { at: number; wake: () => void }[] = []
  const sleep = (ms: number) => new Promise<void>((resolve) => due.push({ at: now + ms, wake: resolve }))
  const paces = shares.map((share, nth) => {
    const bootedAt = begin - 1_000_000 * (nth + 1)
    const error = nth % 2 === 0 ? clockErrorMs : -clockErrorMs
    return createPace({
      share: () => share(now - begin),
      nowMs: () => now - bootedAt,
      sharedMs: () => now + error,
      sleep,
    })
  })
  const until = async (ms: number) => {
    const end = begin + ms
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      due.sort((a, b) => a.at - b.at)
      const next = due[0]
      if (!next || next.at > end) break
      due.shift()
      now = Math.max(now, next.at)
      next.wake()
    }
    now = end
  }
  return { paces, pace: paces[0] as Pace, until, sinceBegin: () => now - begin, sleep }
}

const equalShares = (nodes: number) => Array.from({ length: nodes }, (_, nth) => () => ({ nth, of: nodes }))

type Options = {
  shares?: ((now: number) => Share | undefined)[]
  percent?: number
  clockErrorMs?: number
  /** What lies between turn and call. */
  lag?: (now: number) => Promise<unknown>
}

/** Every node has endless work of one Page. Answers when the calls were made, of all nodes. */
async function callsWithin(
  ms: number,
  rate: { kind: string; perSecond: number },
  { shares = equalShares(1), percent = 0, clockErrorMs = 0, lag = () => Promise.resolve() }: Options = {},
) {
  const { paces, until, sinceBegin, sleep } = pretend(shares, clockErrorMs)
  const calls: number[] = []
  for (const pace of paces) {
    pace.learn('page', { percent, regainMs: 0 })
    for (let lane = 0; lane < 64; lane += 1) {
      void (async () => {
        while (sinceBegin() < ms) {
          await pace.turn('page', rate)
          await lag(sinceBegin())
          await pace.spread('page', rate)
          calls.push(sinceBegin())
          await sleep(5)
        }
      })()
    }
  }
  await until(ms)
  return calls
}

/** The most calls within any one second. */
function busiestSecond(calls: number[]): number {
  let most = 0
  let first = 0
  for (const [index, at] of calls.entries()) {
    while ((calls[first] as number) <= at - 1000) first += 1
    most = Math.max(most, index - first + 1)
  }
  return most
}

const TEXT = { kind: 'text', perSecond: 300 }
const SOUND = { kind: 'audio and video', perSecond: 10 }

test('turns of a Page come in order', async () => {
  const { pace, until } = pretend()
  const order: number[] = []
  for (let nth = 0; nth < 500; nth += 1) pace.turn('page', TEXT).then(() => order.push(nth))
  await until(2000)
  assert.deepEqual(order, [...Array(500).keys()])
})

for (const nodes of [1, 2, 3, 7, 20]) {
  test(`a Page with endless work stays just below its limits in every second, on ${nodes} nodes`, async () => {
    const texts = await callsWithin(5000, TEXT, { shares: equalShares(nodes), clockErrorMs: 3 })
    assert.ok(busiestSecond(texts) < 300, `${busiestSecond(texts)} texts in a second`)
    assert.ok(texts.length > 1300, `${texts.length} texts in five seconds`)

    const sounds = await callsWithin(20_000, SOUND, { shares: equalShares(nodes), clockErrorMs: 3 })
    assert.ok(busiestSecond(sounds) <= 10, `${busiestSecond(sounds)} sounds in a second`)
    assert.ok(sounds.length > 170, `${sounds.length} sounds in 20 seconds`)
  })
}

test('calls that a slow store held up after their turns do not go all at once', async () => {
  const { promise: back, resolve: comeBack } = Promise.withResolvers<void>()
  const calls = await callsWithin(4000, TEXT, {
    shares: equalShares(2),
    // Nothing is written down for 400 ms, while turns are still taken.
    lag: async (now) => {
      if (now >= 1400) comeBack()
      if (now > 1000) await back
    },
  })

  assert.ok(calls.filter((at) => at > 1050 && at < 1400).length === 0, 'they were held up')
  assert.ok(busiestSecond(calls) < 300, `${busiestSecond(calls)} texts in a second`)
})

test('a node that comes takes its part at once, whoever has been waiting longer', async () => {
  const shares = [
    (now: number) => ({ nth: 0, of: now < 3000 ? 1 : 2 }),
    (now: number) => (now < 3000 ? undefined : { nth: 1, of: 2 }),
  ]
  for (const [rate, most] of [
    [TEXT, 299],
    [SOUND, 10],
  ] as const) {
    const calls = await callsWithin(6000, rate, { shares })
    assert.ok(busiestSecond(calls) <= most, `${busiestSecond(calls)} calls in a second`)
    assert.ok(calls.length > rate.perSecond * 5.2, `${calls.length} calls`)
  }
})

test('without a share nothing goes, and with one it goes on', async () => {
  let share: Share | undefined
  const { pace, until } = pretend([() => share])
  let done = 0
  for (let nth = 0; nth < 3; nth += 1) pace.turn('page', SOUND).then(() => (done += 1))
  await until(5000)
  assert.equal(done, 0)
  share = { nth: 1, of: 2 }
  await until(6000)
  assert.equal(done, 3)
})

test('from 80 % of the provider count on the Page slows down', async () => {
  assert.ok((await callsWithin(5000, TEXT, { percent: 79 })).length > 1300)
  const half = (await callsWithin(5000, TEXT, { percent: 90 })).length
  assert.ok(half < 700 && half > 600, String(half))
  assert.ok((await callsWithin(5000, TEXT, { percent: 120 })).length < 80)
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

test('whoever waits for a limited time is told that no turn came, and takes none from those behind', async () => {
  let share: Share | undefined
  const { pace, until, sinceBegin } = pretend([() => share])
  const told: string[] = []
  const ask = (name: string, withinMs?: number) =>
    pace
      .turn('page', SOUND, withinMs)
      .then((isOurs) => told.push(`${name} ${isOurs} ${Math.round(sinceBegin() / 100)}`))
  ask('first')
  for (let nth = 0; nth < 20; nth += 1) ask('impatient', 1000)
  ask('last')
  await until(1500)
  assert.deepEqual(told, Array(20).fill('impatient false 10'))
  share = { nth: 0, of: 1 }

  await until(2000)

  // One turn of 111 ms lies between them.
  assert.match(told.slice(20).join(), /^first true 15,last true 1[67]$/)
})

test('a turn that comes in time counts as any other', async () => {
  const { pace, until, sinceBegin } = pretend()
  const at: number[] = []
  for (let nth = 0; nth < 10; nth += 1) pace.turn('page', SOUND, 5000).then(() => at.push(sinceBegin()))
  await until(5000)
  assert.equal(at.length, 10)
  assert.ok((at.at(-1) as number) >= 9 * 110 - 30, String(at))
})
