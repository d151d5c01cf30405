/** `/SMS/Messages`, where messages were once (twilio.md 1.1). */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Gateway, startGateway } from '../gateway.ts'
import { basic, requestRaw } from '../raw-request.ts'
import { assertTwilioError, readTwilioError } from '../twilio-error.ts'

let gateway: Gateway
let old: string

before(async () => {
  gateway = await startGateway()
  old = `/2010-04-01/Accounts/${gateway.account.sid}/SMS/Messages`
})
after(() => gateway?.stop())

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const SID = `SM${'0'.repeat(32)}`

const call = (method: string, path: string, headers: Record<string, string> = {}) =>
  requestRaw(gateway.url, method, path, headers)
const own = () => ({ Authorization: basic(gateway.account.sid, gateway.account.authToken) })

test('the old path is gone for good with every method, in JSON and in XML', async () => {
  for (const method of METHODS) {
    for (const path of [old, `${old}/${SID}`, `${old}/${SID}/Media`, `${old}/${SID}/Media/ME${'0'.repeat(32)}`]) {
      for (const suffix of ['.json', '']) {
        const answer = await call(method, path + suffix, own())
        assertTwilioError(answer, 410, 20410, /use \/Accounts\/\{AccountSid\}\/Messages/)
        const type = suffix === '' ? 'application/xml' : 'application/json'
        assert.ok(answer.headers.get('content-type')?.startsWith(type), `${method} ${path}${suffix}`)
      }
    }
  }
  const head = await call('HEAD', `${old}.json`, own())
  assert.equal(head.status, 410)
})

test('nothing of a body that comes there is looked at', async () => {
  const answer = await requestRaw(
    gateway.url,
    'POST',
    `${old}.json`,
    { ...own(), 'Content-Type': 'text/nonsense' },
    'x'.repeat(2_000_000),
  )
  assert.equal(readTwilioError(answer).code, 20410)
})

test('who has no right to the account is not told', async () => {
  assertTwilioError(await call('GET', `${old}.json`), 401, 20003)
  const foreign = old.replace(gateway.account.sid, `AC${'0'.repeat(32)}`)
  assertTwilioError(await call('GET', `${foreign}.json`, own()), 401, 20003)
})

test('what only looks like the old path is not found', async () => {
  for (const path of [old.replace('/Messages', ''), `${old}Old`, old.replace('Messages', 'ShortCodes')]) {
    assertTwilioError(await call('GET', `${path}.json`, own()), 404, 20404)
  }
})
