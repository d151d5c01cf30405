import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createSubaccount } from '../accounts.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { signIn, type Visitor, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let owner: Visitor
let bins: string

before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  owner = await signIn(gateway)
  bins = `/accounts/${gateway.account.sid}/bins`
})
after(() => gateway?.stop())

const say = (text: string) => `<Response><Message>${text}</Message></Response>`
const served = async (name: string) => {
  const response = await fetch(`${gateway.url}/bins/${name}`, { method: 'POST' })
  return [response.status, await response.text()]
}

test('a bin is made, served, changed, and every version of it can be read again', async () => {
  const made = await owner.call('POST', bins, { name: 'Opening-Hours', twiml: say('9 to 5') })
  assert.equal(made.status, 200, JSON.stringify(made.json))
  assert.equal(made.json.path, '/bins/opening-hours')
  assert.deepEqual(await served('opening-hours'), [200, say('9 to 5')])

  const changed = await owner.call('PUT', `${bins}/opening-hours`, { twiml: say('9 to 6'), version: 1 })
  assert.equal(changed.json.version, 2)
  assert.deepEqual(await served('opening-hours'), [200, say('9 to 6')])
  assert.deepEqual(
    changed.json.versions.map(({ version, savedBy }: { version: number; savedBy: string }) => [version, savedBy]),
    [
      [2, 'admin@localhost'],
      [1, 'admin@localhost'],
    ],
  )
  const first = await owner.call('GET', `${bins}/opening-hours/versions/1`)
  assert.equal(first.json.twiml, say('9 to 5'))
  assert.equal((await owner.call('GET', `${bins}/opening-hours/versions/7`)).status, 404)
})

test('who edits an old version is told, and nothing is overwritten', async () => {
  const late = await owner.call('PUT', `${bins}/opening-hours`, { twiml: say('never'), version: 1 })
  assert.equal(late.status, 409)
  assert.deepEqual(await served('opening-hours'), [200, say('9 to 6')])
})

test('a document that cannot be read is refused with its place, a doubtful one is not', async () => {
  const broken = '<Response>\n  <Message>hi</Response>'
  const refused = await owner.call('PUT', `${bins}/opening-hours`, { twiml: broken, version: 2 })
  assert.deepEqual([refused.status, refused.json.field], [400, 'twiml'])
  assert.match(refused.json.error, /line 2, column 14/)
  const checked = await owner.call('POST', `${bins}/check`, { twiml: '<Response>\n<Play/></Response>' })
  assert.deepEqual(checked.json, {
    mistakes: [
      {
        level: 'warning',
        code: 14110,
        text: '"Play" is no verb for a message reply; it was ignored',
        line: 2,
        column: 1,
      },
    ],
    steps: [],
  })
  assert.equal((await owner.call('POST', bins, { name: 'a b', twiml: say('x') })).json.field, 'name')
  assert.equal((await owner.call('POST', bins, { name: 'welcome', twiml: say('x') })).status, 409)
})

test('it is known what uses a bin, in this account and beyond it', async () => {
  const client = gateway.client
  await client.messaging.v1.services.create({ friendlyName: 'Desk', inboundRequestUrl: '/bins/opening-hours?x=1' })
  await client.messaging.v1.services.create({ friendlyName: 'Other', inboundRequestUrl: '/bins/opening-hours-2' })
  await client.applications.create({
    friendlyName: 'App',
    messageStatusCallback: `http://localhost:${new URL(gateway.url).port}/bins/opening-hours`,
  })
  const { json } = await owner.call('GET', `${bins}/opening-hours`)
  assert.deepEqual(
    json.uses.map(({ kind, name }: { kind: string; name: string }) => [kind, name]),
    [
      ['application', 'App'],
      ['service', 'Desk'],
    ],
  )
  const welcome = await owner.call('GET', `${bins}/welcome`)
  assert.deepEqual(
    welcome.json.uses.map(({ kind }: { kind: string }) => kind),
    ['sender'],
  )
  assert.equal(welcome.json.foreignUses, 0)
  const list = await owner.call('GET', bins)
  assert.deepEqual(
    list.json.bins.map(({ name, uses, gist }: { name: string; uses: number; gist: string }) => [name, uses, gist]),
    [
      ['opening-hours', 2, '9 to 6'],
      ['welcome', 1, 'Welcome! Pagewire got your message and answered with the TwiML document /bins/welcome.'],
    ],
  )
})

test('another account neither sees nor changes a bin, and cannot have its name', async () => {
  const { sid } = await createSubaccount(gateway)
  assert.deepEqual((await owner.call('GET', `/accounts/${sid}/bins`)).json, { bins: [] })
  assert.equal((await owner.call('GET', `/accounts/${sid}/bins/opening-hours`)).status, 404)
  assert.equal((await owner.call('DELETE', `/accounts/${sid}/bins/opening-hours`)).status, 404)
  assert.equal(
    (await owner.call('POST', `/accounts/${sid}/bins`, { name: 'opening-hours', twiml: say('x') })).status,
    409,
  )
})

test('a removed bin is served no more, and the audit trail tells its whole life', async () => {
  assert.equal((await owner.call('DELETE', `${bins}/opening-hours`)).status, 204)
  assert.equal((await served('opening-hours'))[0], 404)
  const trail = await owner.call('GET', `/accounts/${gateway.account.sid}/audit?resource=opening-hours`)
  assert.deepEqual(
    trail.json.items.map(({ eventType }: { eventType: string }) => eventType),
    ['bin.removed', 'bin.updated', 'bin.created'],
  )
})
