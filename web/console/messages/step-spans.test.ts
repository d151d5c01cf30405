import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spansOf } from './step-spans.ts'

const at = (ms: number, durationMs: number | null = null) => ({ at: new Date(ms).toISOString(), durationMs })

test('steps stand in the order of time and within the line, however far apart they are', () => {
  const spans = spansOf([at(0), at(5, 40), at(50, 400), at(86_400_000)])
  const lefts = spans.map(({ left }) => left)
  assert.deepEqual(
    lefts,
    lefts.toSorted((a, b) => a - b),
  )
  assert.equal(lefts[0], 0)
  for (const { left, width } of spans) assert.ok(left >= 0 && width > 0 && left + width <= 100.001)
  assert.ok(spans[2]!.width > spans[1]!.width)
})

test('a single instant is a mark at the beginning', () => {
  assert.deepEqual(spansOf([at(0)]), [{ left: 0, width: 0.8 }])
})
