import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isKnown, isSame, readRange } from './http-range.ts'

test('one range is read; what is no range of bytes means the whole', () => {
  const cases: [header: string | undefined, expected: unknown][] = [
    ['bytes=0-0', { from: 0, to: 0 }],
    ['bytes=2-', { from: 2, to: 9 }],
    ['bytes=2-100', { from: 2, to: 9 }],
    ['bytes=-3', { from: 7, to: 9 }],
    ['bytes=-100', { from: 0, to: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-12', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=0-1,3-4', 'whole'],
    ['pages=1-2', 'whole'],
    ['bytes=1-2x', 'whole'],
    [`bytes=${'9'.repeat(40)}-`, 'whole'],
    [undefined, 'whole'],
  ]
  for (const [header, expected] of cases) assert.deepEqual(readRange(header, 10), expected, String(header))
  assert.equal(readRange('bytes=0-', 0), 'unsatisfiable')
  assert.equal(readRange('bytes=-1', 0), 'unsatisfiable')
})

test('who has the file already is known by its ETag, else by its date', () => {
  const state = { etag: '"a"', modifiedAt: new Date('2026-01-02T03:04:05.678Z') }
  assert.equal(isKnown({ 'if-none-match': '"b", W/"a"' }, state), true)
  assert.equal(isKnown({ 'if-none-match': '*' }, state), true)
  assert.equal(isKnown({ 'if-none-match': '"b"', 'if-modified-since': 'Fri, 02 Jan 2026 03:04:05 GMT' }, state), false)
  assert.equal(isKnown({ 'if-modified-since': 'Fri, 02 Jan 2026 03:04:05 GMT' }, state), true)
  assert.equal(isKnown({ 'if-modified-since': 'Fri, 02 Jan 2026 03:04:04 GMT' }, state), false)
  assert.equal(isKnown({ 'if-modified-since': 'soon' }, state), false)
  assert.equal(isKnown({}, state), false)
  assert.equal(isSame({ 'if-range': '"a"' }, state), true)
  assert.equal(isSame({ 'if-range': 'Fri, 02 Jan 2026 03:04:05 GMT' }, state), true)
  assert.equal(isSame({ 'if-range': '"b"' }, state), false)
  assert.equal(isSame({}, state), true)
})
