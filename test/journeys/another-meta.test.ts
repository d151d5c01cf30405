import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, type Received, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type FileServer, PDF, startFileServer } from '../file-server.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import type { Send } from '../meta-stand-in.ts'
import { echoOf, entryOf, fromPerson, type Item, postEntries } from '../meta-webhooks.ts'

let gateway: MetaGateway
let customer: CustomerServer
let files: FileServer
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  files = await startFileServer()
  page = await gateway.connectPage({
    webhook: { callback_url: `${customer.url}/in`, status_callback_url: `${customer.url}/status` },
  })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  await files?.stop()
  assert.deepEqual(gateway.meta.violations, [])
})

const post = async (...items: Item[]) => {
  assert.equal((await postEntries(gateway.url, entryOf(page.pageId, ...items))).status, 200)
}
const person = (psid: string, event: Item, at?: number) => fromPerson(page.pageId, psid, event, at)
const toldOf = (psid: string) =>
  customer.next(({ path, params }) => path === '/in' && params.From === `messenger:${psid}`)
const callsFor = (psid: string) =>
  customer.requests.filter(({ path, params }) => path === '/in' && params.From === `messenger:${psid}`)
const nextStatus = async (sid: string): Promise<Received['params']> =>
  (await customer.next(({ params }) => params.MessageSid === sid && params.MessageStatus !== undefined)).params

/** A message to somebody who has just written, and what the stand-in got of it. */
async function sendTo(psid: string, more: [string, string][] = []): Promise<{ sid: string }> {
  const created = await gateway.create([
    ['From', `messenger:${page.pageId}`],
    ['To', `messenger:${psid}`],
    ['Body', 'hello'],
    ...more,
  ])
  assert.equal(created.status, 201, created.text)
  return { sid: created.json().sid as string }
}
const sends = (psid: string, count: number): Promise<Send[]> =>
  eventually(`${count} sends`, () => {
    const all = gateway.meta.sendsTo(psid)
    return all.length >= count && all
  })

async function newWriter(): Promise<string> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  await toldOf(psid)
  return psid
}

/** The kinds and notes of what is kept of a person, in the order of coming. */
const eventsOf = async (psid: string) =>
  (await gateway.sql`select kind, note from events where contact_address = ${psid} order by received_at, id`).map(
    ({ kind, note }) => [kind, note] as [string, string | null],
  )

test('the first conversation goes the same way with any other Meta', async () => {
  const psid = gateway.newPerson()
  customer.answer('/in', { body: '<Response><Message>You said it</Message></Response>' })
  await gateway.says(psid, page.pageId, 'grüße 👋 / <b>')

  const told = await toldOf(psid)
  assert.ok(told.signatureIsValid(gateway.account.authToken))
  assert.deepEqual([told.params.Body, told.params.To], ['grüße 👋 / <b>', `messenger:${page.pageId}`])
  const [send] = await sends(psid, 1)
  const { metadata, ...message } = send?.body.message ?? {}
  assert.deepEqual(message, { text: 'You said it' })
  assert.match(metadata ?? '', /^pagewire:SM[0-9a-f]{32}:0$/)
  assert.deepEqual([send?.body.messaging_type, send?.body.tag, send?.pageId], ['RESPONSE', undefined, page.pageId])

  const sid = metadata?.split(':')[1] ?? ''
  assert.equal((await nextStatus(sid)).MessageStatus, 'sent')
  await post(person(psid, { delivery: { mids: [send?.mid], watermark: Date.now() } }))
  assert.equal((await nextStatus(sid)).MessageStatus, 'delivered')
  await post(person(psid, { read: { watermark: Date.now() } }))
  const read = await nextStatus(sid)
  assert.deepEqual([read.MessageStatus, read.EventType, read.ChannelInstallSid], ['read', 'READ', page.sid])
  customer.answer('/in', { status: 204 })
})

test('whoever can write is answered, however short the id', async () => {
  customer.answer('/in', { body: '<Response><Message>You too</Message></Response>' })
  await gateway.says('5678', page.pageId, 'hi')
  assert.equal((await sends('5678', 1))[0]?.body.message?.text, 'You too')
  customer.answer('/in', { status: 204 })
})

test('the name of a person is asked for once and told from then on', async () => {
  const psid = await newWriter()
  await eventually(
    'the name',
    async () => (await gateway.sql`select name from contacts where address = ${psid}`)[0]?.name,
  )
  await gateway.says(psid, page.pageId, 'again')
  const told = await customer.next(({ params }) => params.From === `messenger:${psid}` && params.Body === 'again')
  assert.equal(told.params.ProfileName, `Person ${psid.slice(-4)}`)
  assert.equal(gateway.meta.calls.filter((call) => call.startsWith(`GET /v25.0/${psid}?`)).length, 1)
})

test('a batch of several entries with several items loses nothing and keeps the order of each person', async () => {
  const other = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/in` } })
  const [ada, ben] = [gateway.newPerson(), gateway.newPerson()]
  const text = (text: string, from: string) => ({ message: { mid: `m_batch_${from}_${text}`, text } })
  const answer = await postEntries(
    gateway.url,
    entryOf(page.pageId, person(ada, text('1', ada)), person(ben, text('1', ben)), person(ada, text('2', ada))),
    entryOf(other.pageId, fromPerson(other.pageId, ada, text('elsewhere', ada))),
    entryOf(page.pageId, person(ada, text('3', ada)), person(ben, text('2', ben)), person(ada, text('4', ada))),
  )
  assert.equal(answer.status, 200)
  await eventually('all to be told', () => callsFor(ada).length === 5 && callsFor(ben).length === 2)
  const bodies = (psid: string, pageId: string) =>
    callsFor(psid)
      .filter(({ params }) => params.To === `messenger:${pageId}`)
      .map(({ params }) => params.Body)
  assert.deepEqual(bodies(ada, page.pageId), ['1', '2', '3', '4'])
  assert.deepEqual(bodies(ben, page.pageId), ['1', '2'])
  assert.deepEqual(bodies(ada, other.pageId), ['elsewhere'])
})

test('five deliveries of one webhook at once are one message', async () => {
  const psid = gateway.newPerson()
  const items = [person(psid, { message: { mid: 'm_five', text: 'once' } }, 1_790_000_000_000)]
  await Promise.all(Array.from({ length: 5 }, () => post(...items)))
  await post(...items, ...items)
  await gateway.says(psid, page.pageId, 'after')
  await eventually('the second message', () => callsFor(psid).some(({ params }) => params.Body === 'after'))
  assert.deepEqual(
    callsFor(psid).map(({ params }) => params.Body),
    ['once', 'after'],
  )
})

test('an edit, a reaction and the taking back of a message have its id, and none swallows another', async () => {
  const psid = gateway.newPerson()
  const mid = await gateway.says(psid, page.pageId, 'my number is 12345')
  const sid = (await toldOf(psid)).params.MessageSid ?? ''
  await post(person(psid, { message_edit: { mid, text: 'my number is 6789', num_edit: 1 } }))
  await post(person(psid, { message_edit: { mid, text: 'my number is 0', num_edit: 2 } }))
  await post(person(psid, { reaction: { mid, action: 'react', reaction: 'love', emoji: '❤' } }))
  await post(person(psid, { reaction: { mid, action: 'unreact' } }))
  await post(person(psid, { message: { mid, is_deleted: true } }))

  const kinds = (await eventsOf(psid)).map(([kind]) => kind)
  assert.deepEqual(kinds, ['message', 'message_edit', 'message_edit', 'reaction', 'reaction', 'deletion'])
  assert.equal((await gateway.client.messages(sid).fetch()).body, '')
  const kept =
    await gateway.sql`select raw::text as raw from events where contact_address = ${psid} and kind = 'message'`
  assert.doesNotMatch(JSON.stringify(kept), /12345/)
  assert.equal(callsFor(psid).length, 1)
})

test('a message that comes after its own taking back is told once, without what it said', async () => {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hello')
  const said = {
    mid: 'm_late',
    text: 'my number is 12345',
    attachments: [{ type: 'image', payload: { url: customer.url } }],
  }
  const goes = { mid: 'm_late', is_deleted: true }
  await post(person(psid, { message: goes }))
  await post(person(psid, { message: said }))
  const together = { mid: 'm_together', text: 'my other number is 12345' }
  await post(person(psid, { message: together }), person(psid, { message: { mid: 'm_together', is_deleted: true } }))
  await post(person(psid, { message: said }), person(psid, { message: together }))
  await gateway.says(psid, page.pageId, 'bye')

  await eventually('the last to be told', () => callsFor(psid).some(({ params }) => params.Body === 'bye'))
  assert.deepEqual(
    callsFor(psid).map(({ params }) => [params.Body, params.NumMedia]),
    [
      ['hello', '0'],
      ['', '0'],
      ['', '0'],
      ['bye', '0'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(callsFor(psid)), /12345/)
  const kept = await gateway.sql`
    select raw::text, (select json_agg(m) from messages m where m.contact_address = ${psid}) as messages
    from events where contact_address = ${psid}`
  assert.doesNotMatch(JSON.stringify(kept), /12345/)
})

test('what comes in standby is kept and opens the window, and the customer is not asked', async () => {
  const psid = gateway.newPerson()
  const standby = {
    id: page.pageId,
    time: Date.now(),
    standby: [person(psid, { message: { mid: 'm_standby', text: 'hi' } })],
  }
  assert.equal((await postEntries(gateway.url, standby)).status, 200)
  assert.deepEqual(await eventsOf(psid), [['message', 'standby: another app holds the conversation']])
  const { sid } = await sendTo(psid)
  assert.equal((await nextStatus(sid)).MessageStatus, 'sent')
  assert.deepEqual(callsFor(psid), [])
})

test('what an operator or another app writes as the Page is kept, and answered by nobody', async () => {
  const psid = await newWriter()
  await post(echoOf(page.pageId, psid, { mid: 'm_operator', text: 'May I help?', app_id: 263902037430900 }))
  await post(echoOf(page.pageId, psid, { mid: 'm_other_app', text: 'Beep', app_id: 1, metadata: 'not ours' }))
  const echoes = (await eventsOf(psid)).filter(([kind]) => kind === 'echo')
  assert.deepEqual(echoes, [
    ['echo', 'sent to the person by someone else'],
    ['echo', 'sent to the person by someone else'],
  ])
  assert.equal(callsFor(psid).length, 1)
  assert.deepEqual(gateway.meta.sendsTo(psid), [])
})

test('pictures and text are parts of one message: in order, each recorded, delivered when all of them are', async () => {
  const psid = await newWriter()
  const { sid } = await sendTo(psid, [
    ['MediaUrl', files.serve('/1.png', {})],
    ['MediaUrl', files.serve('/2.pdf', { type: 'application/pdf', body: PDF })],
  ])
  const [picture, file, text] = await sends(psid, 3)
  assert.deepEqual(picture?.body.message.attachment, { type: 'image', payload: { url: `${files.url}/1.png` } })
  assert.deepEqual(file?.body.message.attachment, { type: 'file', payload: { url: `${files.url}/2.pdf` } })
  assert.equal(text?.body.message.text, 'hello')
  assert.equal((await nextStatus(sid)).MessageStatus, 'sent')
  const parts = await gateway.sql`
    select part, state, channel_message_id from message_parts where contact_address = ${psid} order by part`
  assert.deepEqual(
    parts.map((each) => [each.part, each.state, each.channelMessageId]),
    [picture, file, text].map((send, index) => [index, 'sent', send?.mid]),
  )

  await post(person(psid, { delivery: { mids: [picture?.mid, text?.mid] } }))
  assert.equal((await gateway.client.messages(sid).fetch()).status, 'sent')
  await post(person(psid, { delivery: { mids: [file?.mid] } }))
  assert.equal((await nextStatus(sid)).MessageStatus, 'delivered')
})

test('a message after the 24-hour window goes as the sender says: with a tag, or not at all', async () => {
  const hoursAgo = (hours: number) => Date.now() - hours * 3_600_000
  const setTo = async (outsideWindow: string) => {
    const changed = await gateway.call('POST', page.path, { configuration: { outside_window: outsideWindow } })
    assert.equal(changed.status, 202, changed.text)
  }
  const writer = async (hours: number) => {
    const psid = gateway.newPerson()
    await gateway.says(psid, page.pageId, 'long ago', hoursAgo(hours))
    return psid
  }
  const sentAs = async (psid: string) => {
    const { sid } = await sendTo(psid)
    const { MessageStatus, ErrorCode, ErrorMessage } = await nextStatus(sid)
    const { messaging_type, tag } = gateway.meta.sendsTo(psid)[0]?.body ?? {}
    return { MessageStatus, ErrorCode, ErrorMessage, messaging_type, tag }
  }
  const tagged = (tag: string) => ({
    MessageStatus: 'sent',
    ErrorCode: undefined,
    ErrorMessage: undefined,
    messaging_type: 'MESSAGE_TAG',
    tag,
  })
  assert.equal((await sentAs(await writer(23.9))).messaging_type, 'RESPONSE')
  assert.deepEqual(await sentAs(await writer(24.1)), tagged('ACCOUNT_UPDATE'))
  await setTo('human_agent')
  assert.deepEqual(await sentAs(await writer(7 * 24 - 0.1)), tagged('HUMAN_AGENT'))
  const refusal = { MessageStatus: 'failed', ErrorCode: '63016', messaging_type: undefined, tag: undefined }
  const { ErrorMessage: weekOld, ...late } = await sentAs(await writer(7 * 24 + 0.1))
  assert.deepEqual(late, refusal)
  assert.match(weekOld ?? '', /more than 7 days ago/)
  await setTo('refuse')
  const { ErrorMessage: dayOld, ...refused } = await sentAs(await writer(24.1))
  assert.deepEqual(refused, refusal)
  assert.match(dayOld ?? '', /outside_window/)
  const { ErrorMessage: stranger, ...never } = await sentAs(gateway.newPerson())
  assert.deepEqual(never, refusal)
  assert.match(stranger ?? '', /never written/)
  await setTo('account_update')
})

test('a cookie that an answer sets is there for what the person wrote while it was under way', async () => {
  const psid = gateway.newPerson()
  customer.answer('/in', ({ params }) => ({
    status: 204,
    headers: { 'Set-Cookie': `last=${params.Body}` },
    delayMs: 100,
  }))
  for (const text of ['one', 'two', 'three']) await gateway.says(psid, page.pageId, text)
  const cookies: (string | undefined)[] = []
  while (cookies.length < 3) cookies.push((await toldOf(psid)).headers.cookie)
  assert.deepEqual(cookies, [undefined, 'last=one', 'last=two'])
  customer.answer('/in', { status: 204 })
})
