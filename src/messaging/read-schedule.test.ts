import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSchedule } from './read-schedule.ts'

const of = (sendAt: string) => readSchedule({ scheduleType: 'fixed', messagingServiceSid: 'MG1', sendAt })

test('a time is read with its zone', () => {
  for (const text of ['2026-11-30T12:00:00Z', '2026-11-30T13:00+01:00', '2026-11-30t12:00:00.000z']) {
    assert.equal(of(text)?.toISOString(), '2026-11-30T12:00:00.000Z', text)
  }
})

test('a day that the calendar does not have is not taken for the next one that it has', () => {
  for (const text of ['2026-11-31T12:00:00Z', '2026-02-29T12:00:00Z', '2026-13-01T12:00:00Z', '2026-11-30T25:00:00Z']) {
    assert.throws(() => of(text), { code: 35114 }, text)
  }
})
