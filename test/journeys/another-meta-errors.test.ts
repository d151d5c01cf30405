import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, type Received, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type FileServer, startFileServer } from '../file-server.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import type { GraphError, SendAnswer } from '../meta-stand-in.ts'
import { echoOf, entryOf, postEntries } from '../meta-webhooks.ts'

let gateway: MetaGateway
let customer: CustomerServer
let files: FileServer
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  files = await startFileServer()
  page = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/status` } })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
  await files?.stop()
})

const nextStatus = async (sid: string): Promise<Received['params']> =>
  (await customer.next(({ params }) => params.MessageSid === sid)).params

/** A message to a new person who has written, whose sends Meta answers so. */
async function sendAnswered(answers: SendAnswer[], more: [string, string][] = [], by = page) {
  const psid = gateway.newPerson()
  await gateway.says(psid, by.pageId, 'hi')
  gateway.meta.answerNext(psid, ...answers)
  const sid = await create(psid, 'hello', more, by)
  return { psid, sid }
}

async function create(psid: string, body: string, more: [string, string][] = [], by = page): Promise<string> {
  const created = await gateway.create([
    ['From', `messenger:${by.pageId}`],
    ['To', `messenger:${psid}`],
    ['Body', body],
    ...more,
  ])
  assert.equal(created.status, 201, created.text)
  return created.json().sid as string
}

const countSends = (psid: string) => gateway.meta.sendsTo(psid).length
const partOf = async (psid: string) =>
  (await gateway.sql`select state, attempt, code from message_parts where contact_address = ${psid}`)[0]

/** Waits for a state of the message's first part. */
const untilPart = (psid: string, state: string) =>
  eventually(`the part to be ${state}`, async () => (await partOf(psid))?.state === state)

/** The status callback that comes once nobody waits for back-offs any more. */
async function hurriedStatus(sid: string): Promise<Received['params']> {
  const status = nextStatus(sid)
  let told = false
  status.then(
    () => {
      told = true
    },
    () => {},
  )
  await eventually('the status callback', async () => {
    await gateway.hurry()
    return told
  })
  return await status
}

const FINAL: [what: string, answer: GraphError, code: string][] = [
  ['no such person', { code: 100, subcode: 2018001 }, '63003'],
  ['a person who is not available', { code: 551 }, '63014'],
  ['a person who blocked the Page', { code: 200, subcode: 1545041 }, '63014'],
  ['a person who cannot receive', { code: 10, subcode: 2018108 }, '63014'],
  ['a closed window', { code: 10, subcode: 2018278 }, '63016'],
  ['a closed window, in other words', { code: 10, subcode: 2018065 }, '63016'],
  ['a message tag that was retired', { code: 100, subcode: 1893061 }, '63016'],
  ['media that is too large', { code: 100, subcode: 2018109 }, '63034'],
  ['an image that is too large', { code: 36000 }, '63034'],
  ['an upload that failed', { code: 100, subcode: 2018047 }, '63005'],
  ['an invalid parameter', { code: 100 }, '63005'],
  ['a template with too few elements', { code: 194 }, '63005'],
]

for (const [what, answer, code] of FINAL) {
  const name = `${answer.code}${answer.subcode ? `/${answer.subcode}` : ''}`
  test(`${what} (${name}) fails with ${code} at once, and the customer reads Meta's own words`, async () => {
    const { psid, sid } = await sendAnswered([{ ...answer, message: `about ${page.token} and EAAsomeothertoken` }])

    const status = await nextStatus(sid)

    const { MessageStatus, ErrorCode, ErrorMessage, ChannelStatusMessage, ChannelPrefix } = status
    assert.deepEqual([MessageStatus, ErrorCode, ChannelPrefix], ['failed', code, 'messenger'])
    assert.ok(ErrorMessage)
    assert.equal(ChannelStatusMessage, `(#${name}) about [secret] and [token]`)
    const fetched = await gateway.client.messages(sid).fetch()
    assert.deepEqual([fetched.status, String(fetched.errorCode), fetched.errorMessage], ['failed', code, ErrorMessage])
    const alert = (await gateway.client.monitor.v1.alerts.list({ limit: 20 })).find((each) => each.resourceSid === sid)
    assert.equal(alert?.errorCode, code)
    await gateway.hurry()
    assert.equal(countSends(psid), 1)
  })
}

for (const [what, answer] of [
  ['a rate limit (613)', { code: 613 }],
  ['the limit of the app (4)', { code: 4 }],
  ["Messenger's own limit (80006)", { code: 80006 }],
  ['HTTP 429', { code: 0, status: 429 }],
] as const) {
  test(`${what} slows the Page down, and the message is sent later`, async () => {
    const { psid, sid } = await sendAnswered([answer, answer])
    await untilPart(psid, 'waiting')
    assert.equal((await partOf(psid))?.code, 63018)
    const [{ slowed } = {}] =
      await gateway.sql`select paused_until > now() as slowed from senders where address = ${page.pageId}`
    assert.equal(slowed, true)
    assert.equal((await hurriedStatus(sid)).MessageStatus, 'sent')
    assert.equal(countSends(psid), 3)
  })
}

for (const [what, answer] of [
  ['an unknown error (1)', { code: 1 }],
  ['a temporary error (2)', { code: 2 }],
  ['a temporary failure to send (1200)', { code: 1200 }],
  ['HTTP 500', { code: 99, status: 500 }],
  ['another app in control (100/2534037)', { code: 100, subcode: 2534037 }],
] as const) {
  test(`after ${what} the message is sent again`, async () => {
    const { psid, sid } = await sendAnswered([answer])
    await untilPart(psid, 'waiting')
    assert.equal((await hurriedStatus(sid)).MessageStatus, 'sent')
    assert.equal(countSends(psid), 2)
  })
}

test('what never gets through fails with the last error when its validity period ends', async () => {
  const { psid, sid } = await sendAnswered([{ code: 613 }, { code: 613 }], [['ValidityPeriod', '100']])
  await untilPart(psid, 'waiting')
  await gateway.sql`update messages set created_at = now() - interval '101 seconds' where contact_address = ${psid} and direction <> 'inbound'`
  const { MessageStatus, ErrorCode } = await hurriedStatus(sid)
  assert.deepEqual([MessageStatus, ErrorCode], ['failed', '63018'])
  assert.equal(countSends(psid), 1)
})

test('media that Meta cannot fetch is tried once more, then failed with 63019', async () => {
  const answer = { code: 100, subcode: 2018008 }
  const { psid, sid } = await sendAnswered([answer, answer], [['MediaUrl', files.serve('/1.png', {})]])
  await untilPart(psid, 'waiting')
  const { MessageStatus, ErrorCode } = await hurriedStatus(sid)
  assert.deepEqual([MessageStatus, ErrorCode], ['failed', '63019'])
  assert.equal(countSends(psid), 2)
})

test('a Page that Meta restricts (368) is paused with all its messages, and goes on later', async () => {
  const other = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/status` } })
  const { psid, sid } = await sendAnswered([{ code: 368 }], [], other)
  await untilPart(psid, 'waiting')
  const alert = (await gateway.client.monitor.v1.alerts.list({ limit: 5 })).find((each) => each.resourceSid === sid)
  assert.equal(alert?.errorCode, '63013')
  const second = await sendAnswered([], [], other)
  await eventually('the second one to wait', async () => {
    const [lane] = await gateway.sql`
      select 1 from lanes where lane like ${`out:%:${second.psid}`} and due_at > now() + interval '10 minutes'`
    return lane !== undefined
  })
  assert.equal(countSends(second.psid), 0)
  for (const each of [sid, second.sid]) assert.equal((await hurriedStatus(each)).MessageStatus, 'sent')
})

test('when the pause of a Page is over, one call tries whether Meta takes it, and the others follow', async () => {
  const other = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/status` } })
  const { psid, sid } = await sendAnswered([{ code: 613 }], [], other)
  await untilPart(psid, 'waiting')
  const { promise: told, resolve: tell } = Promise.withResolvers<void>()
  const rest = []
  for (let nth = 0; nth < 8; nth += 1)
    rest.push(await sendAnswered([{ after: told, refusal: { code: 613 } }], [], other))
  gateway.meta.answerNext(psid, { after: told, refusal: { code: 613 } })
  const all = [{ psid, sid }, ...rest]
  const sends = () => all.reduce((sum, each) => sum + countSends(each.psid), 0)
  assert.equal(sends(), 1)

  await gateway.sql`update senders set paused_until = null`
  await gateway.sql`update lanes set due_at = now() where kind = 'send-message'`
  await eventually('the trial', () => sends() > 1)
  await gateway.hurry()
  assert.equal(sends(), 2)
  tell()

  for (const each of all) assert.equal((await hurriedStatus(each.sid)).MessageStatus, 'sent')
})

test('what waits for a limited Page and was never tried fails with that limit when its validity period ends', async () => {
  const other = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/status` } })
  const { psid } = await sendAnswered([{ code: 613 }], [], other)
  await untilPart(psid, 'waiting')
  const second = await sendAnswered([], [['ValidityPeriod', '100']], other)
  await gateway.sql`update messages set created_at = now() - interval '101 seconds' where contact_address = ${second.psid} and direction <> 'inbound'`
  const { MessageStatus, ErrorCode } = await hurriedStatus(second.sid)
  assert.deepEqual([MessageStatus, ErrorCode], ['failed', '63018'])
  assert.equal(countSends(second.psid), 0)
})

test('a Page is left alone for as long as Meta says that its allowance is spent', async () => {
  const other = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/status` } })
  const usage = [{ type: 'messenger', call_count: 104, total_time: 9, estimated_time_to_regain_access: 20 }]
  const headers = { 'X-Business-Use-Case-Usage': JSON.stringify({ [other.pageId]: usage }) }
  const { psid } = await sendAnswered([{ code: 80006, headers }], [], other)
  await untilPart(psid, 'waiting')
  const [paused] = await gateway.sql`
    select extract(epoch from paused_until - now()) / 60 as minutes from senders where address = ${other.pageId}`
  assert.ok(paused?.minutes > 19 && paused?.minutes <= 20, `paused for ${paused?.minutes} minutes`)
})

test('a dead token (190) holds everything of the Page back, in order, until it is connected again', async () => {
  const other = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/status` } })
  const psid = gateway.newPerson()
  await gateway.says(psid, other.pageId, 'hi')
  const newToken = gateway.meta.renewToken(other.pageId)
  const sids = [await create(psid, 'one', [], other), await create(psid, 'two', [], other)]
  await untilPart(psid, 'waiting')
  await gateway.hurry()
  const sender = (await gateway.call('GET', other.path)).json()
  assert.equal(sender.status, 'OFFLINE')
  await gateway.says(psid, other.pageId, 'still there?')
  assert.equal((await gateway.client.messages.list({ from: `messenger:${psid}` })).length, 2, 'people are still heard')

  await gateway.call('POST', other.path, { configuration: { page_access_token: newToken } })

  for (const sid of sids) assert.equal((await nextStatus(sid)).MessageStatus, 'sent')
  assert.deepEqual(
    gateway.meta.sendsTo(psid).map((send) => send.body.message.text),
    ['one', 'two'],
  )
})

test('a send that is refused for the old token does not switch off a Page that has a new one by then', async () => {
  const other = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/status` } })
  let refuseNow = () => {}
  const after = new Promise<void>((resolve) => {
    refuseNow = resolve
  })
  const refusal = { code: 190, subcode: 460, message: 'The session has been invalidated' }
  const { psid, sid } = await sendAnswered([{ after, refusal }], [], other)
  await eventually('the send to be on its way', () => countSends(psid) === 1)

  const newToken = gateway.meta.renewToken(other.pageId)
  await gateway.call('POST', other.path, { configuration: { page_access_token: newToken } })
  refuseNow()
  await untilPart(psid, 'waiting')

  assert.equal((await gateway.call('GET', other.path)).json().status, 'ONLINE')
  assert.equal((await hurriedStatus(sid)).MessageStatus, 'sent')
})

for (const [what, answer] of [
  ['an answer that says it is none (1/1357046)', { code: 1, subcode: 1357046 }],
  ['a connection that broke after the request', 'reset'],
] as const) {
  test(`${what} is not sent again: the echo tells that it arrived`, async () => {
    const { psid, sid } = await sendAnswered([answer])
    await untilPart(psid, 'unknown')
    await gateway.hurry()
    const [send] = gateway.meta.sendsTo(psid)
    const { text, metadata } = send?.body.message ?? {}
    const echo = echoOf(page.pageId, psid, { mid: send?.mid, text, metadata, app_id: 424242424242 })
    assert.equal((await postEntries(gateway.url, entryOf(page.pageId, echo))).status, 200)

    assert.equal((await nextStatus(sid)).MessageStatus, 'sent')
    assert.equal(countSends(psid), 1)
  })

  test(`${what} is given up after five minutes without an echo, and what waited behind it goes on`, async () => {
    const { psid, sid } = await sendAnswered([answer])
    const behind = await create(psid, 'behind')
    await untilPart(psid, 'unknown')
    await gateway.hurry()
    assert.equal(countSends(psid), 1)
    await gateway.sql`update message_parts set started_at = now() - interval '5 minutes' where contact_address = ${psid}`
    const { MessageStatus, ErrorCode } = await hurriedStatus(sid)
    assert.deepEqual([MessageStatus, ErrorCode], ['undelivered', '63012'])
    assert.equal((await hurriedStatus(behind)).MessageStatus, 'sent')
    assert.deepEqual(
      gateway.meta.sendsTo(psid).map((send) => send.body.message.text),
      ['hello', 'behind'],
    )
  })
}

test('an echo that comes before its answer is lost settles the send at once', async () => {
  const { promise: echoed, resolve: release } = Promise.withResolvers<void>()
  const { psid, sid } = await sendAnswered([{ after: echoed, reset: true }])
  const send = await eventually('the send', () => gateway.meta.sendsTo(psid)[0])
  const { text, metadata } = send.body.message
  const echo = echoOf(page.pageId, psid, { mid: send.mid, text, metadata, app_id: 424242424242 })
  assert.equal((await postEntries(gateway.url, entryOf(page.pageId, echo))).status, 200)
  release()
  assert.equal((await nextStatus(sid)).MessageStatus, 'sent')
  assert.equal(countSends(psid), 1)
})

test('a retry goes on at the first part that was not sent, and nothing overtakes it', async () => {
  const ok = { after: Promise.resolve() }
  const { psid, sid } = await sendAnswered(
    [ok, { code: 2 }],
    [
      ['MediaUrl', files.serve('/1.png', {})],
      ['MediaUrl', files.serve('/2.png', {})],
    ],
  )
  const later = await create(psid, 'later')
  await eventually('the second part to wait', async () => {
    const parts = await gateway.sql`select state from message_parts where contact_address = ${psid} order by part`
    return parts[1]?.state === 'waiting'
  })
  for (const each of [sid, later]) assert.equal((await hurriedStatus(each)).MessageStatus, 'sent')
  const sent = gateway.meta.sendsTo(psid).map(({ body }) => body.message.text ?? body.message.attachment?.payload.url)
  assert.deepEqual(sent, [`${files.url}/1.png`, `${files.url}/2.png`, `${files.url}/2.png`, 'hello', 'later'])
})

test('while Meta cannot be reached at all a message waits, and fails with 63012 when its validity ends', async () => {
  assert.deepEqual(gateway.meta.violations, [])
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  await gateway.meta.stop()
  const sid = await create(psid, 'anybody?')
  await untilPart(psid, 'waiting')
  await gateway.sql`update messages set created_at = now() - interval '10 hours 1 second' where contact_address = ${psid} and direction <> 'inbound'`
  const { MessageStatus, ErrorCode } = await hurriedStatus(sid)
  assert.deepEqual([MessageStatus, ErrorCode], ['failed', '63012'])
})
