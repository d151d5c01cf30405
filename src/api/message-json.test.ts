import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rfc2822 } from './message-json.ts'

test('a date is written as RFC 2822 has it, for its own second, whatever was written before it', () => {
  for (const [at, written] of [
    ['2026-11-22T17:00:00.000Z', 'Sun, 22 Nov 2026 17:00:00 +0000'],
    ['2026-11-22T17:00:00.999Z', 'Sun, 22 Nov 2026 17:00:00 +0000'],
    ['2026-11-22T17:00:01.000Z', 'Sun, 22 Nov 2026 17:00:01 +0000'],
    ['2026-11-22T17:00:00.000Z', 'Sun, 22 Nov 2026 17:00:00 +0000'],
    ['1969-12-31T23:59:59.999Z', 'Wed, 31 Dec 1969 23:59:59 +0000'],
    ['1970-01-01T00:00:00.000Z', 'Thu, 01 Jan 1970 00:00:00 +0000'],
  ] as const) {
    assert.equal(rfc2822(new Date(at)), written)
  }
})
