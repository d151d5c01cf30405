import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY_MS, lengthMs, missingSpans } from './partitions.ts'

const at = (text: string) => new Date(`${text}T00:00:00Z`).getTime()
const WEEK_MS = 7 * DAY_MS

test('a partition is about a tenth of what is kept, in whole weeks, at most a quarter of a year', () => {
  const weeks = ([7, 30, 90, 104, 105, 400, 36_500, 'forever'] as const).map((days) => lengthMs(days) / WEEK_MS)
  assert.deepEqual(weeks, [1, 1, 1, 1, 2, 6, 13, 13])
})

test('partitions begin on a Monday', () => {
  assert.deepEqual(missingSpans([], at('2026-11-22'), at('2026-12-20'), 2 * WEEK_MS), [
    { fromMs: at('2026-11-16'), toMs: at('2026-11-30') },
    { fromMs: at('2026-11-30'), toMs: at('2026-12-14') },
    { fromMs: at('2026-12-14'), toMs: at('2026-12-28') },
  ])
})

test('new ones go between those of another length', () => {
  const existing = [
    { fromMs: at('2026-11-02'), toMs: at('2026-11-23') },
    { fromMs: at('2026-12-07'), toMs: at('2026-12-14') },
  ]
  assert.deepEqual(missingSpans(existing, at('2026-11-22'), at('2026-12-20'), 6 * WEEK_MS), [
    { fromMs: at('2026-11-23'), toMs: at('2026-12-07') },
    { fromMs: at('2026-12-14'), toMs: at('2027-01-25') },
  ])
})

test('whenever and with whatever retention they are made, no time has two of them and none is left out', () => {
  const run = fc.record({
    dayOfYear: fc.nat(3000),
    aheadDays: fc.integer({ min: 1, max: 60 }),
    kept: fc.integer({ min: 7, max: 1500 }),
  })
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), (runs) => {
      let spans: { fromMs: number; toMs: number }[] = []
      for (const { dayOfYear, aheadDays, kept } of runs) {
        const from = at('2020-01-01') + dayOfYear * DAY_MS
        const until = from + aheadDays * DAY_MS
        spans = [...spans, ...missingSpans(spans, from, until, lengthMs(kept))].sort((a, b) => a.fromMs - b.fromMs)
        for (let day = from; day < until; day += DAY_MS) {
          assert.equal(spans.filter(({ fromMs, toMs }) => fromMs <= day && day < toMs).length, 1)
        }
      }
      for (const [index, span] of spans.entries()) {
        assert.ok(span.fromMs < span.toMs && span.toMs <= (spans[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY))
      }
    }),
  )
})
