import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MAX_TEXT_LENGTH, partsOf, splitText } from './parts.ts'

test('each attachment is a part, then the text', () => {
  assert.deepEqual(partsOf({ body: 'hi', mediaUrls: ['https://x.io/a.png', 'https://x.io/b.pdf'] }), [
    { kind: 'media', url: 'https://x.io/a.png', contentType: null },
    { kind: 'media', url: 'https://x.io/b.pdf', contentType: null },
    { kind: 'text', text: 'hi' },
  ])
  assert.deepEqual(partsOf({ body: '', mediaUrls: ['https://x.io/a.png'] }).length, 1)
})

test('text up to the limit stays whole', () => {
  assert.deepEqual(splitText('x'.repeat(2_000)), ['x'.repeat(2_000)])
  assert.deepEqual(splitText('x'.repeat(2_001)), ['x'.repeat(2_000), 'x'])
})

test('longer text is cut at a line, else at a space, else between characters', () => {
  const lines = `${'a b '.repeat(400)}\n${'c d '.repeat(300)}`
  assert.deepEqual(splitText(lines), [`${'a b '.repeat(400)}\n`, 'c d '.repeat(300)])
  const words = `${'x'.repeat(1_900)} ${'y'.repeat(500)}`
  assert.deepEqual(splitText(words), [`${'x'.repeat(1_900)} `, 'y'.repeat(500)])
  const family = '👨‍👩‍👧‍👦'
  assert.deepEqual(splitText('x'.repeat(1_995) + family), ['x'.repeat(1_995), family])
})

test('a line break early in the text does not make a tiny part', () => {
  const [first] = splitText(`hi\n${'x'.repeat(3_000)}`)
  assert.equal(first?.length, 2_000)
})

test('a part of nothing but white space is left out', () => {
  assert.deepEqual(splitText(`${' '.repeat(4_000)}end`), ['end'])
})

test('a single character longer than a part is cut, but never inside a surrogate pair', () => {
  for (const pieces of [splitText(`x${'\u0301'.repeat(4_500)}`), splitText(`x${'😀\u200D'.repeat(1_000)}`)]) {
    assert.ok(pieces.every((piece) => piece.length <= MAX_TEXT_LENGTH && piece.isWellFormed()))
  }
})

test('parts are never too long, never torn, and join to the text', () => {
  const text = fc.array(fc.constantFrom('a', ' ', '\n', '\r\n', '😀', '👩🏽‍🚀', 'é', '🇩🇪', 'word '), {
    maxLength: 6_000,
    minLength: 500,
    size: 'max',
  })
  fc.assert(
    fc.property(text, (characters) => {
      const body = characters.join('')
      const pieces = splitText(body)
      for (const piece of pieces) assert.ok(piece.length <= MAX_TEXT_LENGTH && piece.isWellFormed())
      assert.equal(pieces.join('').replace(/\s/g, ''), body.replace(/\s/g, ''))
      const graphemes = new Intl.Segmenter('en')
      const count = (of: string) => [...graphemes.segment(of)].length
      assert.ok(pieces.map(count).reduce((sum, one) => sum + one, 0) <= count(body))
    }),
    { numRuns: 30 },
  )
})
