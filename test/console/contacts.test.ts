import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ContactDetail, ContactPage, ThreadPage } from '../../src/console/contract/contacts.ts'
import type { StreamEvent } from '../../src/console/contract/stream.ts'
import { eventually } from '../eventually.ts'
import { personAtPage } from '../people.ts'
import { newUuid, type Scene, startScene } from './seeing.ts'
import { joinAs } from './visitor.ts'

let scene: Scene

before(async () => {
  scene = await startScene()
})
after(() => scene?.stop())

const contactOf = () => `/contacts/${scene.senderSid}-${scene.ada.psid}`

test('conversations come with the newest first, and people are found by name or id', async () => {
  const { ada, get, gateway, senderSid } = scene
  const other = await personAtPage(gateway.url, 1)
  await ada.say('hello')
  await ada.hears(/^Welcome/)
  await other.say('me too')
  await other.hears(/^Welcome/)
  await eventually('both names', async () => {
    const { items }: ContactPage = await get('/contacts')
    return items.length === 2 && items.every(({ name }) => name !== null)
  })
  const { items }: ContactPage = await get('/contacts')
  assert.deepEqual(
    items.map(({ address }) => address),
    [other.psid, ada.psid],
  )
  const [, row] = items
  assert.ok((row?.windowMs ?? 0) > 23.9 * 3_600_000)
  assert.deepEqual([row?.pageName, row?.last?.direction], ['Owl Coffee', 'outbound-reply'])

  const found = async (query: string) =>
    ((await get(`/contacts?${query}`)) as ContactPage).items.map(({ address }) => address)
  assert.deepEqual(await found('search=LINDQ'), [ada.psid])
  assert.deepEqual(await found(`search=${other.psid}&sender=${senderSid}`), [other.psid])
  assert.deepEqual(await found('search=nobody%25'), [])
})

test('a supporter answers from the thread once per request, which the audit trail tells; a reader may not', async () => {
  const { ada, get, gateway, owner } = scene
  const { sid } = gateway.account
  const support = await joinAs(gateway, owner, sid, 'support')
  const reader = await joinAs(gateway, owner, sid, 'read-only')
  const path = `/accounts/${sid}${contactOf()}/messages`
  const reply = { id: newUuid(), body: 'This is Support' }
  assert.equal((await reader.call('POST', path, reply)).status, 403)
  const sent = await support.call('POST', path, reply)
  const again = await support.call('POST', path, reply)
  assert.equal(again.json.sid, sent.json.sid)
  await ada.hears('This is Support')
  const { items }: ThreadPage = await get(`${contactOf()}/messages`)
  assert.equal(items[0]?.body, 'This is Support')
  const trail = await get(`/audit?resource=${sent.json.sid}`)
  assert.deepEqual([trail.items[0].actor, trail.items[0].eventType], ['support', 'message.created'])
  assert.ok(!JSON.stringify(trail.items).includes('This is Support'))
})

test('who opted out is shown with the message by which they did, and is not written to', async () => {
  const { ada, get, post } = scene
  await ada.say('STOP')
  const contact: ContactDetail = await eventually('the opt-out', async () => {
    const now: ContactDetail = await get(contactOf())
    return now.optedOutBy !== null && now
  })
  assert.equal(contact.optedOutBy?.body, 'STOP')
  const refused = await post(`${contactOf()}/messages`, { id: newUuid(), body: 'still there?' })
  assert.deepEqual([refused.status, refused.json.code], [400, 21610])
  await ada.say('START')
  await eventually('the return', async () => ((await get(contactOf())) as ContactDetail).optedOutAt === null)
})

test('the stream says that messages have changed, to members only', async () => {
  const { gateway, owner, ada } = scene
  const url = `${gateway.url}/console/api/accounts/${gateway.account.sid}/stream`
  assert.equal((await fetch(url)).status, 401)
  const stop = new AbortController()
  const answer = await fetch(url, { headers: { Cookie: owner.cookie() }, signal: stop.signal })
  assert.equal(answer.headers.get('Content-Type'), 'text/event-stream')
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const heard = (async () => {
    while (!text.includes('event: message')) text += (await reader?.read())?.value ?? ''
  })()
  await ada.say('look here')
  await heard
  const [, data = '{}'] = /event: message\ndata: (.*)\n/.exec(text) ?? []
  const event = JSON.parse(data) as StreamEvent
  assert.deepEqual([event.kind, event.accountSid], ['message', gateway.account.sid])
  stop.abort()
})
