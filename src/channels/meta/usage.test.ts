import assert from 'node:assert/strict'
import { test } from 'node:test'
import { usageOf } from './usage.ts'

test('the largest share of all usage headers counts', () => {
  const usage = usageOf({
    'x-app-usage': '{"call_count":28,"total_time":25,"total_cputime":25}',
    'x-business-use-case-usage':
      '{"123":[{"type":"messenger","call_count":95,"total_cputime":20,"total_time":20,"estimated_time_to_regain_access":3},{"type":"ads_management","call_count":100}]}',
  })

  assert.deepEqual(usage, { percent: 95, regainMs: 180_000 })
})

test('answers without usage headers, or with nonsense in them, say nothing', () => {
  assert.equal(usageOf({}), undefined)
  for (const header of [
    '',
    'null',
    '[]',
    '{"a":1}',
    '{"a":[null,1,"x",{}]}',
    '{"call_count":"50"}',
    '{'.repeat(5000),
  ]) {
    assert.equal(
      usageOf({ 'x-app-usage': header, 'x-business-use-case-usage': header }),
      undefined,
      header.slice(0, 20),
    )
  }
})
