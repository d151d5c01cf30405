import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '#core/ids.ts'
import { createTrials } from './trials.ts'

/** Its sleeps end when `to` has moved the time so far. */
function pretend() {
  let now = 0
  const due: { at: number; wake: () => void }[] = []
  const sleep = (ms: number) => new Promise<void>((resolve) => due.push({ at: now + ms, wake: resolve }))
  const to = async (ms: number) => {
    now = ms
    for (const { at, wake } of due) if (at <= now) wake()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { trials: createTrials(() => now, sleep), to, now: () => now }
}

const PAGE = newId()

/** What each of these calls is told, as far as it is known by now. */
function admitted(count: number, admit: () => Promise<boolean>): boolean[] {
  const told: boolean[] = []
  for (let nth = 0; nth < count; nth += 1) admit().then((may) => told.push(may))
  return told
}

test('of many calls after a refusal one is the trial, and all others follow its success', async () => {
  const { trials, to, now } = pretend()
  assert.equal(trials.refused(PAGE, 0, 63018), 0)
  await to(10_000)

  const told = admitted(100, () => trials.admit(PAGE))
  await to(10_100)
  assert.deepEqual(told, [true])
  trials.accepted(PAGE, now())
  await to(10_101)

  assert.deepEqual(told, Array(100).fill(true))
  assert.equal(await trials.admit(PAGE), true)
})

test('a refused trial sends the others away, and is counted; calls that the refusal overtook are not', async () => {
  const { trials, to } = pretend()
  await to(100)
  assert.equal(trials.refused(PAGE, 50, 63018), 0)
  assert.equal(trials.refused(PAGE, 60, 63018), 0)
  assert.equal(trials.refusedSince(PAGE, 70), true)
  // It was on its way before: that it got through says nothing about now.
  trials.accepted(PAGE, 70)
  for (const nth of [1, 2, 3]) {
    await to(10_000 * nth)
    const told = admitted(3, () => trials.admit(PAGE))
    await to(10_000 * nth + 50)
    assert.equal(trials.refused(PAGE, 10_000 * nth, 63018), nth)
    await to(10_000 * nth + 51)
    assert.deepEqual(told, [true, false, false])
  }
  assert.equal(trials.refusedSince(PAGE, 30_060), false)
  assert.equal(await trials.admit(newId()), true, 'another sender is not concerned')
})

test('a trial of which nothing is heard is followed by another one after a while', async () => {
  const { trials, to } = pretend()
  trials.refused(PAGE, 0, 63018)
  const early = admitted(1, () => trials.admit(PAGE))
  await to(1000)
  assert.deepEqual(early, [false], 'what was read before the refusal is read again')

  const told = admitted(2, () => trials.admit(PAGE))
  await to(6001)
  assert.deepEqual(told, [true, false])
  assert.equal(await trials.admit(PAGE), true)
})

test('what waits for a refused sender knows why, unless it has come since', async () => {
  const { trials, to, now } = pretend()
  trials.refused(PAGE, 0, 63018)
  await to(5000)
  assert.equal(trials.codeWithin(PAGE, 6000), 63018)
  assert.equal(trials.codeWithin(PAGE, 4000), undefined)
  trials.refused(PAGE, now(), 63013)
  assert.equal(trials.codeWithin(PAGE, 0), 63013)
  trials.accepted(PAGE, now())
  assert.equal(trials.codeWithin(PAGE, 6000), undefined)
})
