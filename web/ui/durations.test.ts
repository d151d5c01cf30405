import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sayDuration } from './durations.ts'

test('a duration is told in the unit that fits, or in two', () => {
  const said = [0, 12.4, 1_440, 59_400, 200_000, 3_600_000, 18_720_000, 90_000_000].map(sayDuration)
  assert.deepEqual(said, ['0 ms', '12 ms', '1.4 sec', '59 sec', '3 min 20 sec', '1 hr', '5 hr 12 min', '1 day 1 hr'])
})
