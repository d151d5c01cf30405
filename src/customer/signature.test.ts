import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import twilio from 'twilio'
import { sign } from './signature.ts'
import { readTarget, withQuery } from './target.ts'

const SID = `SM${'a'.repeat(32)}`

/** The parameters of a Messenger text message (twilio.md 3.1). */
const MESSENGER = {
  SmsMessageSid: SID,
  NumMedia: '0',
  SmsSid: SID,
  SmsStatus: 'received',
  Body: 'Hello',
  To: 'messenger:102542248309018',
  NumSegments: '1',
  MessageSid: SID,
  AccountSid: `AC${'b'.repeat(32)}`,
  From: 'messenger:4465012966906978',
  ApiVersion: '2010-04-01',
}

test("the signature of Twilio's documentation is reproduced", () => {
  const params = {
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675310',
    Digits: '1234',
    From: '+14158675310',
    To: '+18005551212',
  }
  assert.equal(sign('https://example.com/myapp.php?foo=1&bar=2', params, '12345'), 'L/OH5YylLD5NRKLltdqwSvS0BnU=')
})

test('a Messenger message to an explicit port is signed with the port', () => {
  assert.equal(sign('https://app.example.test:8443/hook?x=1', MESSENGER, '12345'), 'mknCjA1Pr/8dlED7XNrfTMUHIXk=')
})

test('a URL with a body hash is signed alone', () => {
  const hash = createHash('sha256').update('{"CallSid":"CA1234567890ABCDE","Caller":"+12349013030"}').digest('hex')
  const url = `http://app.example.test/hook?bodySHA256=${hash}`
  assert.equal(sign(url, {}, '12345'), 'rbAhr7mvmcqX1p5j1NSF3C4m3Es=')
})

test('userinfo and fragment are no part of the signature', () => {
  const plain = sign('https://example.com/a?b=1', MESSENGER, 'key')
  assert.equal(sign('https://user:p@ss@example.com/a?b=1#rc=2', MESSENGER, 'key'), plain)
})

const URLS = [
  'https://example.com/hook',
  'https://example.com:443/hook',
  'http://example.com:80/hook?x=1',
  'https://example.com:8443/hook',
  'https://example.com/gateway/v1/hook/',
  'https://example.com/hook?a=1&a=2&b=%20c+d&e=&f',
  'https://example.com/hook?text=it%27s%7Efine|ok',
  'https://user:secret@example.com:8443/hook?x=1#ct=500',
  'https://example.com',
  'https://example.com?x=1',
  'https://exämple.com/straße?größe=ü',
  'https://example.com/😀?e=🎉',
]

const BODIES = ['', 'Hello', 'Grüße aus Köln', '👩‍👩‍👧 🎉', 'a&b=c+d%20', 'line\nbreak\t', '日本語']

/** What the customer's framework shows as the request's URL: what went over the wire. */
const asReceived = (url: string): string => readTarget(url)!.url

test('the official validator accepts every POST and GET, by the URL as configured and as received', () => {
  for (const url of URLS) {
    for (const Body of BODIES) {
      const params = { ...MESSENGER, Body, Empty: '' }
      const post = sign(asReceived(url), params, 'token')
      const configured = url.replace(/\/\/[^/@]*@/, '//').replace(/#.*/, '')
      assert.equal(twilio.validateRequest('token', post, asReceived(url), params), true, `POST ${url}`)
      assert.equal(twilio.validateRequest('token', post, configured, params), true, `POST as configured ${url}`)
      const full = withQuery(url, params)
      const get = sign(asReceived(full), {}, 'token')
      assert.equal(twilio.validateRequest('token', get, asReceived(full), {}), true, `GET ${url}`)
      assert.equal(twilio.validateRequest('other', get, asReceived(full), {}), false)
    }
  }
})

test('parameters of any text are signed as the official validator sorts and joins them', () => {
  const params = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 5 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
  )
  fc.assert(
    fc.property(params, (given) => {
      const signature = sign('https://example.com/hook', given, 'token')
      return twilio.validateRequest('token', signature, 'https://example.com/hook', given)
    }),
  )
})
