import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from './ids.ts'

test('ids follow the order in which they were made, also within a millisecond, and tell the time', () => {
  const ids = Array.from({ length: 20_000 }, newId)

  assert.deepEqual([...ids].sort(), ids)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const madeAtMs = Number.parseInt((ids.at(-1) ?? '').replaceAll('-', '').slice(0, 12), 16)
  assert.ok(Math.abs(Date.now() - madeAtMs) < 1000)
})
