import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { SignatureAnswer } from '../../src/console/contract/signature.ts'
import type { Received } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { newestMessage, type Scene, startScene } from './seeing.ts'

let scene: Scene
let call: Received
let url: string
let params: string
let signature: string

before(async () => {
  scene = await startScene()
  const { customer, ada } = scene
  customer.answer('/hook', { body: '<Response/>' })
  url = `${customer.url}/hook?shop=1`
  await scene.pointPageAt({ callback_url: url })
  await ada.say('Köln & Umgebung')
  call = await customer.next()
  params = new URLSearchParams(call.params).toString()
  signature = String(call.headers['x-twilio-signature'])
  const { sid } = await newestMessage(scene, 'text=Umgebung')
  await eventually('the call to be kept', async () => (await scene.get(`/messages/${sid}`)).steps.length === 3)
})
after(() => scene?.stop())

const check = async (given: object): Promise<SignatureAnswer> => {
  const { status, json } = await scene.post('/signature-check', { url, params, signature, ...given })
  assert.equal(status, 200, JSON.stringify(json))
  return json
}
const kinds = ({ findings }: SignatureAnswer) => findings.map(({ kind }) => kind)

test('what arrived as it was sent is valid, and the token is in no answer', async () => {
  const answer = await check({})
  assert.deepEqual([answer.valid, answer.expected, answer.findings], [true, signature, []])
  assert.ok(answer.signedString.startsWith(`${url}AccountSid`))
  assert.ok(!JSON.stringify(answer).includes(scene.gateway.account.authToken))
})

test('what a proxy changed about the URL is named, from our own call', async () => {
  const changed: [string, string[]][] = [
    [url.replace('http:', 'https:'), ['scheme']],
    [url.replace(/:\d+/, ''), ['port']],
    [url.replace('/hook', '/hook/'), ['slash']],
    [url.replace('?shop=1', ''), ['query']],
    [url.replace('127.0.0.1', 'app.internal').replace('/hook', '/api/hook'), ['host', 'path']],
  ]
  for (const [had, expected] of changed) {
    const answer = await check({ url: had })
    assert.deepEqual(kinds(answer), expected, had)
    assert.equal(answer.call?.url, url)
  }
})

test('parameters that are missing, new or changed are named', async () => {
  const without = new URLSearchParams(call.params)
  without.delete('ApiVersion')
  without.set('Body', 'Koeln')
  without.set('debug', '1')
  const answer = await check({ params: without.toString() })
  assert.deepEqual(answer.findings, [
    { kind: 'missing', detail: 'ApiVersion' },
    { kind: 'extra', detail: 'debug' },
    { kind: 'changed', detail: 'Body' },
  ])
})

test('without a call of ours the usual suspects are tried', async () => {
  const { gateway } = scene
  const { sid } = await newestMessage(scene, 'text=Umgebung')
  await gateway.call('DELETE', `/2010-04-01/Accounts/${gateway.account.sid}/Messages/${sid}.json`)
  assert.deepEqual(kinds(await check({ url: url.replace('http:', 'https:') })), ['scheme'])
  assert.deepEqual(kinds(await check({ signature: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' })), ['unknown'])
  assert.deepEqual(kinds(await check({ signature: 'not a signature' })), ['format'])
  const refused = await scene.post('/signature-check', { url: 'hook', params: '', signature })
  assert.deepEqual([refused.status, refused.json.field], [400, 'url'])
})

test('after the token was changed it is said that the old one signed', async () => {
  const { gateway } = scene
  await gateway.call('POST', '/accounts/v1/AuthTokens/Secondary')
  const promoted = await gateway.call('POST', '/accounts/v1/AuthTokens/Promote')
  assert.equal(promoted.status, 200, promoted.text)
  assert.deepEqual(kinds(await check({})), ['unknown'])
})
