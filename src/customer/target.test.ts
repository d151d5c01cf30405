import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readTarget, withQuery } from './target.ts'

test('path and query keep the bytes that were written', () => {
  const target = readTarget("https://Example.com:443/a/../b//c%7E;d?x='1'&y=%2f|z&&#rc=2")
  assert.deepEqual(target, {
    origin: 'https://example.com',
    host: 'Example.com:443',
    path: "/a/../b//c%7E;d?x='1'&y=%2f|z&&",
    url: "https://Example.com:443/a/../b//c%7E;d?x='1'&y=%2f|z&&",
    authorization: null,
  })
})

test('what HTTP cannot carry is percent-encoded as UTF-8, and the host as punycode', () => {
  assert.equal(readTarget('https://exämple.com/ü?q=😀')?.url, 'https://xn--exmple-cua.com/%C3%BC?q=%F0%9F%98%80')
})

test('user and password become basic authentication', () => {
  const target = readTarget('https://jane:p%40ss:w@example.com?x')
  assert.equal(target?.authorization, `Basic ${Buffer.from('jane:p@ss:w').toString('base64')}`)
  assert.equal(target?.url, 'https://example.com/?x')
})

test('other spellings of an address are named as what they are', () => {
  for (const url of ['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://127.1/']) {
    assert.equal(readTarget(url)?.host, '127.0.0.1', url)
  }
})

test('no text makes it throw, and a result has the host that the URL parser sees', () => {
  const pieces = [
    'http://',
    'https://',
    'a.example',
    '@',
    ':',
    '/',
    '?',
    '#',
    '%',
    '\\',
    ' ',
    'ü',
    '\ud800',
    '[::1]',
    '80',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 10 }), (parts) => {
      const target = readTarget(parts.join(''))
      if (target) assert.equal(new URL(target.url).origin, target.origin)
    }),
    { numRuns: 2000 },
  )
})

test('parameters are appended to a query that stays as it is', () => {
  const params = { Body: 'a b&c', From: 'messenger:1' }
  const query = 'Body=a+b%26c&From=messenger%3A1'
  assert.equal(withQuery('https://example.com/x', params), `https://example.com/x?${query}`)
  assert.equal(withQuery('https://example.com/x?a=%20~', params), `https://example.com/x?a=%20~&${query}`)
  assert.equal(withQuery('https://example.com/x?', params), `https://example.com/x?${query}`)
  assert.equal(withQuery('https://example.com/x?a&#rc=1', params), `https://example.com/x?a&${query}#rc=1`)
  assert.equal(withQuery('https://example.com/x', {}), 'https://example.com/x')
})
