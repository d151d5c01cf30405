import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { appSecretProof, secretsEqual, verifySignature } from './signature.ts'

const ESCAPED = String.raw`{"object":"page","entry":[{"id":"1234567890","time":1700000000123,"messaging":[{"sender":{"id":"5678"},"recipient":{"id":"1234567890"},"timestamp":1700000000000,"message":{"mid":"m_abc","text":"\u00e4 https:\/\/x.io \ud83d\ude00"}}]}]}`
const ESCAPED_SIGNATURE = 'f4a5f99db2f0da22bc72e4150489132f563d5c015898985c0f926fa72d7ca0dc'
const HELLO_SIGNATURE = 'f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17'

const verify = (body: string, header: unknown, secret = 'sesame') => verifySignature(Buffer.from(body), header, secret)

test('the known vectors verify', () => {
  assert.equal(verify('hello world', `sha256=${HELLO_SIGNATURE}`), true)
  assert.equal(verify('hello world2', 'sha256=60905fdf409d0b4f721e99f6f25b31567a68a6b45e933d814e17a246be4c5a53'), true)
  assert.equal(verify(ESCAPED, `sha256=${ESCAPED_SIGNATURE}`), true)
  assert.equal(verify('hello world', `sha256=${HELLO_SIGNATURE.toUpperCase()}`), true)
})

test('a decoded and re-encoded body does not verify', () => {
  assert.equal(verify(JSON.stringify(JSON.parse(ESCAPED)), `sha256=${ESCAPED_SIGNATURE}`), false)
})

test('anything but one well-formed header is refused', () => {
  for (const header of [
    undefined,
    '',
    'sha256=',
    HELLO_SIGNATURE,
    `sha1=${HELLO_SIGNATURE}`,
    `SHA256=${HELLO_SIGNATURE}`,
    ` sha256=${HELLO_SIGNATURE}`,
    `sha256=${HELLO_SIGNATURE}\n`,
    `sha256=${HELLO_SIGNATURE}00`,
    `sha256=${HELLO_SIGNATURE.slice(1)}`,
    `sha256=${HELLO_SIGNATURE}, sha256=${HELLO_SIGNATURE}`,
    [`sha256=${HELLO_SIGNATURE}`],
  ]) {
    assert.equal(verify('hello world', header), false, String(header))
  }
})

test('another secret, and above all an empty one, does not verify', () => {
  assert.equal(verify('hello world', `sha256=${HELLO_SIGNATURE}`, 'sesamE'), false)
  // Whoever forgot to set the secret must not be open to everybody.
  const emptyKeyed = createHmac('sha256', '').update('hello world').digest('hex')
  assert.equal(verify('hello world', `sha256=${emptyKeyed}`, ''), false)
})

test('the app secret proof follows the known vector', () => {
  assert.equal(appSecretProof('a123', 'sesame'), 'afd9a04cbf171723d25ae2df382458e5f8ffd034f78e7e92a88a2fcf681ffb6c')
})

test('secrets of any length compare', () => {
  assert.equal(secretsEqual('abc', 'abc'), true)
  assert.equal(secretsEqual('abc', 'abcd'), false)
  assert.equal(secretsEqual('', 'x'), false)
})
