import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOverrides } from './overrides.ts'

const read = (fragment: string) => parseOverrides(`https://example.com/a?b=1${fragment}`)

test("without a fragment Twilio's defaults hold", () => {
  assert.deepEqual(read(''), {
    ok: true,
    url: 'https://example.com/a?b=1',
    connectTimeoutMs: 5000,
    readTimeoutMs: 15000,
    totalTimeoutMs: 15000,
    retryCount: 1,
    retryPolicy: new Set(['ct']),
    given: { rc: false, rp: false },
  })
})

test('every override is read', () => {
  assert.deepEqual(read('#ct=100&rt=2000&tt=3000&rc=0&rp=4xx,rt&sni=n&e=dublin,ashburn'), {
    ok: true,
    url: 'https://example.com/a?b=1',
    connectTimeoutMs: 100,
    readTimeoutMs: 2000,
    totalTimeoutMs: 3000,
    retryCount: 0,
    retryPolicy: new Set(['4xx', 'rt']),
    given: { rc: true, rp: true },
  })
  const all = read('#rp=all')
  assert.deepEqual(all.ok && [...all.retryPolicy].sort(), ['4xx', '5xx', 'ct', 'rt'])
  const encoded = read('#rp=ct%2C5xx')
  assert.deepEqual(encoded.ok && [...encoded.retryPolicy].sort(), ['5xx', 'ct'])
})

test('an ordinary anchor is no override', () => {
  assert.equal(read('#top').ok, true)
  assert.equal(read('#').ok, true)
})

test('a value out of range or no number is refused', () => {
  for (const fragment of [
    'ct=99',
    'ct=10001',
    'rt=15001',
    'tt=0',
    'rc=6',
    'rc=-1',
    'rc=',
    'tt=1e3',
    'ct=0x100',
    'rc= 1',
  ]) {
    const result = read(`#${fragment}`)
    assert.equal(!result.ok && result.code, 11240, fragment)
  }
})

test('an unknown retry policy is refused', () => {
  for (const fragment of ['rp=', 'rp=500', 'rp=ct,', 'rp=CT', 'rp=ct,never']) {
    const result = read(`#${fragment}`)
    assert.equal(!result.ok && result.code, 11243, fragment)
  }
})
