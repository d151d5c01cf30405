import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cookieHeader, keepCookies, readJar, writeJar } from './cookies.ts'

const NOW = new Date('2026-09-01T12:00:00Z')
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
const keep = (url: string, ...headers: string[]) => keepCookies([], new URL(url), headers, NOW)
const sent = (jar: ReturnType<typeof keep>, url: string, now = NOW) => cookieHeader(jar, new URL(url), now)

test('a cookie goes back to the host and port that set it, and to no other', () => {
  const jar = keep('http://shop.example:8080/hook', 'sid=1; Path=/; Domain=shop.example; HttpOnly')
  assert.equal(sent(jar, 'http://shop.example:8080/other?x'), 'sid=1')
  assert.equal(sent(jar, 'http://shop.example:9090/'), null)
  assert.equal(sent(jar, 'http://www.shop.example:8080/'), null)
  assert.equal(sent(jar, 'http://evil.example:8080/'), null)
})

test('a cookie for somebody else is refused', () => {
  assert.deepEqual(keep('http://shop.example/', 'a=1; Domain=bank.example', 'b=1; Domain=hop.example'), [])
})

test('the path limits a cookie, and defaults to the directory of the URL', () => {
  const jar = keep('http://a.example/hooks/in', 'one=1', 'two=2; Path=/', 'three=3; Path=/hooks/deep')
  assert.equal(sent(jar, 'http://a.example/hooks/out'), 'one=1; two=2')
  assert.equal(sent(jar, 'http://a.example/hooks/deep/er'), 'three=3; one=1; two=2')
  assert.equal(sent(jar, 'http://a.example/hooksmith'), 'two=2')
})

test('a secure cookie is set by https and sent over https only', () => {
  assert.deepEqual(keep('http://a.example/', 'x=1; Secure'), [])
  const jar = keep('https://a.example/', 'x=1; Secure')
  assert.equal(sent(jar, 'https://a.example/'), 'x=1')
  assert.equal(sent(jar, 'http://a.example/'), null)
})

test('a cookie ends with Max-Age or Expires, and Max-Age wins', () => {
  const jar = keep(
    'http://a.example/',
    'a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    'b=1; Expires=Tue, 01 Sep 2026 12:00:30 GMT',
    'c=1; Expires=whenever',
  )
  assert.equal(sent(jar, 'http://a.example/'), 'a=1; b=1; c=1')
  assert.equal(sent(jar, 'http://a.example/', later(45)), 'a=1; c=1')
  assert.deepEqual(
    readJar(writeJar(jar), later(61)).map(({ name }) => name),
    ['c'],
  )
})

test('a new value replaces the old one, and an expired one deletes it', () => {
  const first = keep('http://a.example/', 'x=1', 'y=1')
  const second = keepCookies(first, new URL('http://a.example/'), ['x=2', 'y=; Max-Age=0'], NOW)
  assert.equal(sent(second, 'http://a.example/'), 'x=2')
})

test('what is no cookie is passed over', () => {
  const headers = ['', '=1', 'novalue', 'a b=1', 'x=ü', 'x=\u0001', 'x=a\r\nEvil: 1', '; Path=/']
  assert.deepEqual(keep('http://a.example/', ...headers), [])
})

test('the jar keeps the newest 20 cookies and at most 4 kB', () => {
  const many = keep('http://a.example/', ...Array.from({ length: 30 }, (_, index) => `c${index}=1`))
  assert.deepEqual([many.length, many[0]?.name], [20, 'c10'])
  const large = keep('http://a.example/', ...Array.from({ length: 6 }, (_, index) => `c${index}=${'x'.repeat(1000)}`))
  const text = writeJar(large) ?? ''
  assert.ok(text.length <= 4096)
  assert.deepEqual(
    readJar(text, NOW).map(({ name }) => name),
    ['c3', 'c4', 'c5'],
  )
  assert.equal(writeJar(keep('http://a.example/', `x=${'x'.repeat(5000)}`)), null)
})

test('a jar survives being written and read, and anything else is an empty jar', () => {
  const jar = keep('https://a.example/', 'a=1; Secure; Max-Age=9', 'b="quoted"')
  assert.deepEqual(readJar(writeJar(jar), NOW), jar)
  assert.equal(writeJar([]), null)
  for (const text of [null, '', 'x', '{}', '[1,null,{"name":"a"}]'])
    assert.deepEqual(readJar(text, NOW), [], String(text))
})

test('no header makes it throw or lets anything but printable ASCII through', () => {
  const pieces = [
    'a',
    '=',
    ';',
    ' ',
    'Path',
    '/',
    'Max-Age',
    'Expires',
    'Domain',
    'Secure',
    '-1',
    '"',
    '\0',
    '\n',
    'ü',
    ',',
  ]
  const header = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(header, { maxLength: 3 }), (headers) => {
      assert.match(sent(keep('https://a.example/p/q', ...headers), 'https://a.example/p/q') ?? '', /^[\x20-\x7e]*$/)
    }),
  )
})
