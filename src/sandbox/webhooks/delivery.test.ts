import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryAfterMs } from './delivery.ts'

test('a failed webhook is sent again at once, then after growing waits of at most 30 s', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 100, 10_000].map(retryAfterMs)
  assert.deepEqual(waits, [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000])
})
