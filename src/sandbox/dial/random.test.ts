import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomOf } from './random.ts'

test('the same key gives the same numbers, another key others', () => {
  const take = (next: () => number) => Array.from({ length: 5 }, next)
  assert.deepEqual(take(randomOf(7, 'slow', 1, 3)), take(randomOf(7, 'slow', 1, 3)))
  assert.notDeepEqual(take(randomOf(7, 'slow', 1, 3)), take(randomOf(7, 'slow', 1, 4)))
  assert.notDeepEqual(take(randomOf(1, 23)), take(randomOf(12, 3)))
})

test('the numbers of neighbouring keys are spread evenly over 0 to 1', () => {
  const bins = new Array<number>(10).fill(0)
  for (let counter = 0; counter < 20_000; counter += 1) {
    const number = randomOf(1, 'error-613', 1, counter)()
    assert.ok(number >= 0 && number < 1)
    bins[Math.floor(number * 10)]! += 1
  }
  for (const count of bins) assert.ok(Math.abs(count - 2000) < 200, `uneven: ${bins}`)
})

test('with probability one half neither side comes in long runs', () => {
  let run = 0
  let longest = 0
  let last = false
  for (let counter = 0; counter < 10_000; counter += 1) {
    const hit = randomOf(42, 'slow', 3, counter)() < 0.5
    run = hit === last ? run + 1 : 1
    last = hit
    longest = Math.max(longest, run)
  }
  assert.ok(longest > 5 && longest < 25, `longest run ${longest}`)
})
