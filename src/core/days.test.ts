import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDays, isDay, periodsOf, startOf } from './days.ts'

test('only days of the calendar are days', () => {
  for (const day of ['2026-11-22', '2024-02-29', '0001-01-01', '9998-12-31']) assert.equal(isDay(day), true, day)
  for (const text of ['', '2026-1-1', '2026-13-01', '2026-02-29', '2026-11-22T00:00', '0000-01-01', '9999-01-01', 'x'])
    assert.equal(isDay(text), false, text)
})

test('months and years begin where they should, also in leap years', () => {
  assert.equal(addDays('2024-02-28', 1), '2024-02-29')
  assert.equal(addDays('2026-01-01', -1), '2025-12-31')
  assert.deepEqual(
    (['day', 'month', 'year'] as const).map((step) => startOf(step, '2024-02-29')),
    ['2024-02-29', '2024-02-01', '2024-01-01'],
  )
})

test('periods follow each other newest first without a gap, cut off at both ends', () => {
  assert.deepEqual(periodsOf('month', '2025-11-15', '2026-02-10'), [
    { start: '2026-02-01', end: '2026-02-10' },
    { start: '2026-01-01', end: '2026-01-31' },
    { start: '2025-12-01', end: '2025-12-31' },
    { start: '2025-11-15', end: '2025-11-30' },
  ])
  assert.deepEqual(periodsOf('year', '2025-11-15', '2025-11-15'), [{ start: '2025-11-15', end: '2025-11-15' }])
  assert.equal(periodsOf('day', '2024-01-01', '2024-12-31').length, 366)
  assert.deepEqual(periodsOf('day', '2026-11-23', '2026-11-22'), [])
})
