import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { envelope } from './events.ts'
import { graphJson, webhookJson } from './json.ts'
import { appSecretProof, signatureHeaders } from './sign.ts'

// The vectors of meta.md 1.3 and 2.11.
const ESCAPED = String.raw`{"object":"page","entry":[{"id":"1234567890","time":1700000000123,"messaging":[{"sender":{"id":"5678"},"recipient":{"id":"1234567890"},"timestamp":1700000000000,"message":{"mid":"m_abc","text":"\u00e4 https:\/\/x.io \ud83d\ude00"}}]}]}`

test('a webhook body is escaped and signed as in the known vector', () => {
  const body = webhookJson(
    envelope('1234567890', 1700000000123, [
      {
        sender: { id: '5678' },
        recipient: { id: '1234567890' },
        timestamp: 1700000000000,
        message: { mid: 'm_abc', text: 'ä https://x.io 😀' },
      },
    ]),
  )
  assert.equal(body, ESCAPED)
  assert.deepEqual(signatureHeaders(body, 'sesame'), {
    'X-Hub-Signature': 'sha1=851f557b1a9bb98321167466e063ece89352949c',
    'X-Hub-Signature-256': 'sha256=f4a5f99db2f0da22bc72e4150489132f563d5c015898985c0f926fa72d7ca0dc',
  })
})

test('webhooks escape < % @ in the spelling of Meta, answers do not', () => {
  assert.equal(webhookJson('<a> 5% @b'), String.raw`"\u003Ca> 5\u0025 \u0040b"`)
  assert.equal(graphJson('<a> 5% @b / ö'), String.raw`"<a> 5% @b \/ \u00f6"`)
})

test('whatever is written is ASCII and reads back the same', () => {
  fc.assert(
    fc.property(fc.json(), fc.string({ unit: 'binary' }), (json, text) => {
      const value: unknown = { json: JSON.parse(json), text }
      for (const written of [webhookJson(value), graphJson(value)]) {
        assert.match(written, /^[\x20-\x7e]*$/)
        assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(value)))
      }
    }),
  )
})

test('the proof of an access token is the known one', () => {
  assert.equal(appSecretProof('a123', 'sesame'), 'afd9a04cbf171723d25ae2df382458e5f8ffd034f78e7e92a88a2fcf681ffb6c')
})
