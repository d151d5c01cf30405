import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '#core/channel.ts'
import { asId, asInstant, canonicalJson, clean, parseJson } from './json.ts'

test('every digit of a numeric id survives', () => {
  assert.deepEqual(parseJson('{"id":12345678901234567890,"n":[17841400008460056],"small":42}'), {
    id: '12345678901234567890',
    n: ['17841400008460056'],
    small: 42,
  })
})

test('digits inside a text and fractions stay what they are', () => {
  assert.deepEqual(parseJson('{"text":":12345678901234567890","f":[0.12345678901234567890, 1234567890123456.5]}'), {
    text: ':12345678901234567890',
    f: [0.12345678901234568, 1234567890123456.5],
  })
})

test('what is not JSON reads as nothing', () => {
  for (const text of ['', '{', 'undefined', "{'a':1}", '\uFEFF{}', '{"a":12345678901234567890']) {
    assert.equal(parseJson(text), undefined, text)
  }
})

test('NUL, lone surrogates, infinite numbers and __proto__ come back harmless', () => {
  const parsed = parseJson(
    String.raw`{"a\u0000":"\u0000x","b":"\ud83d","c":"\ud83d\ude00","d":1e999,"__proto__":{"e":1}}`,
  )
  assert.equal(JSON.stringify(parsed), '{"a\uFFFD":"\uFFFDx","b":"\uFFFD","c":"😀","d":null,"__proto__":{"e":1}}')
})

test('nesting that would overflow a stack is cut, with and without long numbers', () => {
  for (const core of ['', '1', '12345678901234567890']) {
    const parsed = parseJson('['.repeat(200_000) + core + ']'.repeat(200_000))
    assert.match(JSON.stringify(parsed), /^\[{100}"\[nested too deep\]"\]{100}$/)
  }
})

test('times come in milliseconds, in seconds, as numbers or as text', () => {
  const expected = new Date('2017-03-01T00:00:00Z')
  for (const value of [1488326400000, '1488326400000', 1488326400, '1488326400']) {
    assert.deepEqual(asInstant(value), expected, String(value))
  }
  for (const value of [undefined, null, 0, -5, 1e300, 'soon', '', '99999999999999999', {}, [], true]) {
    assert.equal(asInstant(value), undefined, String(value))
  }
})

test('an id is a text or a number and nothing else', () => {
  assert.equal(asId('m_1'), 'm_1')
  assert.equal(asId(42), '42')
  for (const value of [undefined, null, '', {}, [], true, 'x'.repeat(401)]) assert.equal(asId(value), undefined)
})

test('canonical JSON is the same for any order of keys', () => {
  assert.equal(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true }), '{"a":true,"b":[1,{"c":"x","d":null}]}')
})

test('cleaning keeps every JSON value that is clean already', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: true }), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as Json
      assert.deepEqual(clean(json), json)
    }),
  )
})
