import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { SendRequest } from '#core/channel.ts'
import { createChannels } from '../index.ts'
import { type Asked, answerJson, startStandIn } from '../meta/graph-stand-in.ts'
import { APP, PAGE, PERSON, signed } from './signed-webhook.ts'

const TOKEN = 'EAAtoken0123456789'
const REQUEST: SendRequest = {
  senderAddress: PAGE,
  contactAddress: PERSON,
  accessToken: TOKEN,
  part: { kind: 'text', text: 'hello' },
  mode: 'response',
  metadata: 'SM1/0',
}

const cleanups: (() => Promise<void>)[] = []
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

async function messengerWith(answer: Parameters<typeof startStandIn>[0]) {
  const server = await startStandIn(answer)
  cleanups.push(server.close)
  const channels = createChannels({ graphUrl: server.url, graphVersion: 'v25.0', timeoutMs: 500 })
  cleanups.push(channels.close)
  return { messenger: channels.messenger, asked: server.asked }
}

const sent = (asked: Asked | undefined) => {
  const { appsecret_proof: proof, ...fields } = JSON.parse(asked?.body ?? '{}')
  assert.match(proof, /^[0-9a-f]{64}$/)
  return fields
}

test('a text is sent as an answer, with metadata inside the message', async () => {
  const { messenger, asked } = await messengerWith((_asked, response) =>
    answerJson(response, 200, { recipient_id: PERSON, message_id: 'm_1' }),
  )
  assert.deepEqual(await messenger.send(REQUEST, APP), { ok: true, channelMessageId: 'm_1' })
  assert.equal(asked[0]?.url.pathname, `/v25.0/${PAGE}/messages`)
  assert.deepEqual(sent(asked[0]), {
    recipient: { id: PERSON },
    messaging_type: 'RESPONSE',
    message: { text: 'hello', metadata: 'SM1/0' },
  })
})

test('an action names the person and nothing else, and needs no message id to succeed', async () => {
  const { messenger, asked } = await messengerWith((one, response) =>
    one.body.includes('mark_seen')
      ? answerJson(response, 400, { error: { message: 'This person is not available', code: 551 } })
      : answerJson(response, 200, { recipient_id: PERSON }),
  )
  const request = { senderAddress: PAGE, contactAddress: PERSON, accessToken: TOKEN }
  assert.deepEqual(await messenger.act({ ...request, action: 'typing_on' }, APP), { ok: true })
  assert.equal(asked[0]?.url.pathname, `/v25.0/${PAGE}/messages`)
  assert.deepEqual(sent(asked[0]), { recipient: { id: PERSON }, sender_action: 'typing_on' })
  const refused = await messenger.act({ ...request, action: 'mark_seen' }, APP)
  assert.ok(!refused.ok)
  assert.deepEqual([refused.code, refused.detail.code], [63014, 551])
})

test('each mode has its messaging type and tag', async () => {
  const { messenger, asked } = await messengerWith((_asked, response) =>
    answerJson(response, 200, { message_id: 'm_1' }),
  )
  for (const [mode, tag] of [
    ['account_update', 'ACCOUNT_UPDATE'],
    ['human_agent', 'HUMAN_AGENT'],
  ] as const) {
    await messenger.send({ ...REQUEST, mode }, APP)
    const fields = sent(asked.at(-1))
    assert.deepEqual([fields.messaging_type, fields.tag], ['MESSAGE_TAG', tag])
  }
})

test('media goes as the kind that its type or its ending tells', async () => {
  const { messenger, asked } = await messengerWith((_asked, response) =>
    answerJson(response, 200, { message_id: 'm_1' }),
  )
  for (const [url, contentType, kind] of [
    ['https://x.io/a.png', null, 'image'],
    ['https://x.io/a', 'image/JPEG; q=1', 'image'],
    ['https://x.io/a.svg', 'image/svg+xml', 'file'],
    ['https://x.io/a.mp4?x=1', null, 'video'],
    ['https://x.io/a.mp4', 'audio/mp4', 'audio'],
    ['https://x.io/a.pdf', null, 'file'],
    ['https://x.io/constructor', null, 'file'],
  ] as const) {
    await messenger.send({ ...REQUEST, part: { kind: 'media', url, contentType } }, APP)
    assert.deepEqual(sent(asked.at(-1)).message, {
      attachment: { type: kind, payload: { url } },
      metadata: 'SM1/0',
    })
  }
})

test('a refusal carries what Meta said, without the token', async () => {
  const { messenger } = await messengerWith((_asked, response) =>
    answerJson(response, 400, { error: { message: `Bad ${TOKEN}`, code: 190, error_subcode: 460, fbtrace_id: 'A1' } }),
  )
  const outcome = await messenger.send(REQUEST, APP)
  assert.ok(!outcome.ok)
  assert.equal(outcome.code, 63001)
  assert.equal(outcome.effect, 'sender_offline')
  assert.deepEqual(outcome.detail, { httpStatus: 400, code: 190, subcode: 460, message: 'Bad [secret]', traceId: 'A1' })
})

test('HTML with status 500 is tried again, HTML with status 200 is not', async () => {
  for (const [status, retry] of [
    [500, { afterMs: 2_000 }],
    [200, 'unknown'],
  ] as const) {
    const { messenger } = await messengerWith((_asked, response) => response.writeHead(status).end('<html>'))
    const outcome = await messenger.send(REQUEST, APP)
    assert.ok(!outcome.ok)
    assert.deepEqual([outcome.code, outcome.retry], [63012, retry])
  }
})

test('a reset after the request was read is not tried again', async () => {
  const { messenger } = await messengerWith((_asked, response) => response.socket?.resetAndDestroy())
  const outcome = await messenger.send(REQUEST, APP)
  assert.ok(!outcome.ok && outcome.retry === 'unknown')
})

test('connecting checks the Page and subscribes it', async () => {
  const { messenger, asked } = await messengerWith((one, response) =>
    answerJson(response, 200, one.method === 'GET' ? { id: PAGE, name: 'Café' } : { success: true }),
  )
  assert.deepEqual(await messenger.connect(PAGE, TOKEN, APP), { ok: true, name: 'Café' })
  assert.deepEqual(
    asked.map((one) => `${one.method} ${one.url.pathname}`),
    [`GET /v25.0/${PAGE}`, `POST /v25.0/${PAGE}/subscribed_apps`],
  )
  assert.ok(asked.every((one) => one.headers.authorization === `Bearer ${TOKEN}` && !one.url.href.includes(TOKEN)))
  const fields = sent(asked[1]).subscribed_fields.split(',')
  for (const field of [
    'messages',
    'messaging_postbacks',
    'message_deliveries',
    'message_reads',
    'message_echoes',
    'standby',
  ]) {
    assert.ok(fields.includes(field), field)
  }
})

test("a token that Meta refuses does not connect, and Meta's words say why", async () => {
  const { messenger, asked } = await messengerWith((_asked, response) =>
    answerJson(response, 400, { error: { message: 'Invalid OAuth access token.', code: 190 } }),
  )
  const result = await messenger.connect(PAGE, TOKEN, APP)
  assert.ok(!result.ok)
  assert.equal(result.reason, 'Meta does not show the Page: Invalid OAuth access token.')
  assert.equal(result.detail.code, 190)
  assert.equal(asked.length, 1)
})

test("another Page's token, a refused subscription and a token of line breaks do not connect", async () => {
  const other = await messengerWith((_asked, response) => answerJson(response, 200, { id: '555', name: 'Other' }))
  assert.equal((await other.messenger.connect(PAGE, TOKEN, APP)).ok, false)
  assert.equal(other.asked.length, 1)

  const unsubscribed = await messengerWith((one, response) =>
    answerJson(response, 200, one.method === 'GET' ? { id: PAGE, name: 'P' } : { success: false }),
  )
  assert.equal((await unsubscribed.messenger.connect(PAGE, TOKEN, APP)).ok, false)

  const unasked = await messengerWith((_asked, response) => answerJson(response, 200, { id: PAGE }))
  assert.equal((await unasked.messenger.connect(PAGE, 'a\r\nb', APP)).ok, false)
  assert.equal(unasked.asked.length, 0)
})

test('disconnecting ends the subscription, and a dead token is no error', async () => {
  const { messenger, asked } = await messengerWith((_asked, response) =>
    answerJson(response, 400, { error: { message: 'Invalid OAuth access token.', code: 190 } }),
  )
  await messenger.disconnect(PAGE, TOKEN, APP)
  assert.equal(asked[0]?.method, 'DELETE')
  assert.equal(asked[0]?.url.pathname, `/v25.0/${PAGE}/subscribed_apps`)
})

test('a profile is the name, however it comes, and nothing on any failure', async () => {
  for (const [status, body, expected] of [
    [200, { name: 'Peter Chang', id: PERSON }, { name: 'Peter Chang' }],
    [200, { first_name: 'Peter', last_name: 'Chang' }, { name: 'Peter Chang' }],
    [200, { first_name: 'Peter' }, { name: 'Peter' }],
    [200, { id: PERSON }, undefined],
    [200, [], undefined],
    [400, { error: { code: 100, error_subcode: 2018218 }, name: 'x' }, undefined],
  ] as const) {
    const { messenger, asked } = await messengerWith((_asked, response) => answerJson(response, status, body))
    assert.deepEqual(await messenger.profile(PERSON, TOKEN, APP), expected)
    assert.equal(asked[0]?.url.pathname, `/v25.0/${PERSON}`)
  }
})

test('an address is 1 to 25 digits, and a Page is found at m.me', async () => {
  const { messenger } = await messengerWith(() => {})
  for (const address of ['4', '5678', PAGE, '1'.repeat(25)]) assert.equal(messenger.isAddress(address), true)
  for (const address of ['', '1'.repeat(26), '12345a', '12345\n', '１２３４５', '-12345', 'me']) {
    assert.equal(messenger.isAddress(address), false, address)
  }
  assert.equal(messenger.link(PAGE), `https://m.me/${PAGE}`)
})

test('a webhook is read through the channel, dated by its clock where nothing else dates it', async () => {
  const now = new Date('2026-08-01T00:00:00Z')
  const channels = createChannels({ graphUrl: 'http://127.0.0.1:9', graphVersion: 'v25.0', clock: { now: () => now } })
  cleanups.push(channels.close)
  assert.deepEqual(channels.all, [channels.messenger])
  const body = Buffer.from('{}')
  const result = channels.messenger.readWebhook(body, signed(body), APP)
  assert.ok(result.ok)
  assert.deepEqual(result.events[0]?.happenedAt, now)
})
