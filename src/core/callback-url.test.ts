import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { callbackUrlProblem, isCallbackUrl, isHttpMethod, isHttpUrl, resolveCallbackUrl } from './callback-url.ts'

const GOOD = [
  'http://example.com',
  'https://example.com/hook?x=1',
  'https://user:pass@example.com:8443/hook#ct=2000&rc=2',
  'HTTPS://EXAMPLE.COM/Hook',
  'http://localhost:8080/',
  'http://127.0.0.1/',
  'http://[::1]:3000/a',
  'https://exämple.com/straße',
  'https://example.com./',
  '/bins/welcome',
  '/bins/welcome?x=1#rc=0',
  '/',
]

const BAD = [
  '',
  'hook',
  'bins/welcome',
  '//evil.example/x',
  '/\\evil.example/x',
  'ftp://example.com/',
  'javascript:alert(1)',
  'http:example.com',
  'http:///path',
  'http://?x',
  'http://my_host.example/',
  'http://-a.example/',
  'http://a..example/',
  'http://exa mple.com/',
  'http://example.com/a b',
  'http://example.com\\@evil.example/',
  'http://example.com/\n',
  ' http://example.com/',
  'http://example.com:99999/',
  'http://user@/x',
  `http://${'a'.repeat(64)}.example/`,
  '/\ud800',
  `https://example.com/${'x'.repeat(2048)}`,
]

test('a callback URL is absolute http(s) with a valid host name, or relative with one slash', () => {
  for (const url of GOOD) assert.equal(isCallbackUrl(url), true, url)
  for (const url of BAD) assert.equal(isCallbackUrl(url), false, JSON.stringify(url))
})

test('what is wrong with a URL is said exactly when it is refused', () => {
  for (const url of GOOD) assert.equal(callbackUrlProblem(url), undefined, url)
  for (const url of BAD) assert.match(callbackUrlProblem(url) ?? '', /^[A-Z].{10,}/i, JSON.stringify(url))
  assert.match(callbackUrlProblem('https://my_host.example/sms') ?? '', /my_host\.example holds an underscore/)
  assert.match(callbackUrlProblem('example.com/sms') ?? '', /must begin with https/)
  for (const port of ['99999', 'http', '80a'])
    assert.match(callbackUrlProblem(`https://a.example:${port}/sms`) ?? '', /^The port is not/, port)
  assert.match(callbackUrlProblem('https://:443/') ?? '', /no valid host/)
})

test('a URL in a redirect or a document may be longer than a configured one', () => {
  assert.equal(isHttpUrl(`https://example.com/${'x'.repeat(5000)}`), true)
  assert.equal(isHttpUrl('/relative'), false)
})

test('whatever is accepted can be resolved and parsed', () => {
  const pieces = [
    'http',
    'https',
    ':',
    '/',
    '//',
    '\\',
    '@',
    '#',
    '?',
    '.',
    'a',
    '_',
    '[::1]',
    '%',
    '%zz',
    'ü',
    '\ud800',
    ' ',
    '1',
  ]
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(texts, (text) => {
      if (isCallbackUrl(text))
        assert.match(new URL(resolveCallbackUrl(text, 'https://gw.example/p/')).protocol, /^https?:$/)
    }),
    { numRuns: 2000 },
  )
})

test('a relative URL goes below the public URL, path prefix included', () => {
  assert.equal(resolveCallbackUrl('/bins/x?y=1#rc=2', 'http://localhost:8080'), 'http://localhost:8080/bins/x?y=1#rc=2')
  assert.equal(resolveCallbackUrl('/bins/x', 'https://example.com/gateway/'), 'https://example.com/gateway/bins/x')
  assert.equal(resolveCallbackUrl('https://other.example/a', 'https://example.com'), 'https://other.example/a')
})

test('a method is GET or POST, in capitals', () => {
  assert.deepEqual(['GET', 'POST', 'get', 'PUT', ''].map(isHttpMethod), [true, true, false, false, false])
})
