import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { startGateway } from '../gateway.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { personAtPage } from '../people.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const V2 = '/messaging/v2/Indicators/Typing.json'
const V3 = '/messaging/v3/Indicators/Typing.json'

let gateway: MetaGateway
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  page = await gateway.connectPage()
})
after(() => gateway?.stop())

/** Somebody who wrote, and the SID of what they wrote. */
async function newWriter(): Promise<{ psid: string; sid: string }> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const [message] = await gateway.client.messages.list({ from: `messenger:${psid}` })
  return { psid, sid: message?.sid ?? '' }
}

type Action = { appsecret_proof: string; recipient: { id: string }; sender_action: string }

const actionsTo = (psid: string) =>
  gateway.meta.sendsTo(psid).map(({ pageId, body }) => {
    const { appsecret_proof: _proof, ...action } = body as unknown as Action
    return { pageId, ...action }
  })

const post = (parameters: Record<string, string>) => gateway.call('POST', V2, new URLSearchParams(parameters))

test('a typing indicator marks what the person wrote as read, and lets the Page type', async () => {
  const { psid, sid } = await newWriter()

  const shown = await gateway.client.messaging.v2.typingIndicator.create({ channel: 'messenger', messageId: sid })

  assert.equal(shown.success, true)
  assert.deepEqual(
    actionsTo(psid),
    ['mark_seen', 'typing_on'].map((action) => {
      return { pageId: page.pageId, recipient: { id: psid }, sender_action: action }
    }),
  )
  assertDescribed(
    'twilio_messaging_v2',
    'POST /v2/Indicators/Typing.json',
    await post({ channel: 'messenger', messageId: sid }),
  )
})

test('version 3 takes the message or both addresses, and can end the typing', async () => {
  const { psid, sid } = await newWriter()
  const request = { channel: 'MESSENGER', messageId: sid, from: '', to: '' }
  assert.equal((await gateway.client.messaging.v3.typingIndicator.create(request)).success, true)
  const addresses = { channel: 'MESSENGER', from: `messenger:${page.pageId}`, to: `messenger:${psid}` }
  const ended = await gateway.call('POST', V3, { ...addresses, event: 'END' })
  assert.deepEqual(ended.json(), { success: true })
  assert.deepEqual(
    actionsTo(psid).map((action) => action.sender_action),
    ['mark_seen', 'typing_on', 'typing_off'],
  )
  assertTwilioError(await gateway.call('POST', V3, { channel: 'MESSENGER' }), 400, 20422)
  assertTwilioError(await gateway.call('POST', V3, { ...addresses, channel: 'RCS' }), 400, 20422)
  assertTwilioError(await gateway.call('POST', V3, { ...addresses, from: 'messenger:99999999' }), 400, 63007)
  assertTwilioError(await gateway.call('POST', V3, { ...addresses, to: 'ada' }), 400, 21211)
  assertTwilioError(await gateway.call('POST', V3, { ...addresses, event: 'PAUSE' }), 400, 20422)
})

test('what is no message of this account, and what Meta refuses, is said in the shape of Twilio', async () => {
  const { psid, sid } = await newWriter()
  const messenger = { channel: 'messenger' }
  assertTwilioError(await post({ messageId: sid }), 400, 20422, /channel/)
  assertTwilioError(await post({ channel: 'whatsapp', messageId: sid }), 400, 20422, /messenger/)
  assertTwilioError(await post(messenger), 400, 20422, /messageId/)
  assertTwilioError(await post({ ...messenger, messageId: 'hello' }), 400, 20422, /messageId/)
  assertTwilioError(await post({ ...messenger, messageId: `SM${'0'.repeat(32)}` }), 404, 20404)
  assertTwilioError(await post({ ...messenger, messageId: sid.replace('SM', 'MM') }), 404, 20404)
  gateway.meta.answerNext(psid, { code: 551 })
  assertTwilioError(await post({ ...messenger, messageId: sid }), 400, 63014)
  assert.equal(gateway.meta.sendsTo(psid).length, 1, 'nothing more after a refusal')
})

/** So many at once; answers how each was answered. */
async function floodOf(own: MetaGateway, sid: string, count: number) {
  const parameters = () => new URLSearchParams({ channel: 'messenger', messageId: sid })
  const asked = Array.from({ length: count }, () => own.call('POST', V2, parameters()))
  return await Promise.all(asked)
}

test('indicators take their turns among the calls of the Page', async () => {
  const { psid, sid } = await newWriter()
  const begun = performance.now()

  const answers = await floodOf(gateway, sid, 100)

  const tookMs = performance.now() - begun
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  assert.equal(actionsTo(psid).length, 200)
  // 200 calls at 270 a second.
  assert.ok(tookMs > 650, `${tookMs} ms`)
})

test('a node that sends no messages shows some, and says when they are too many', async () => {
  const database = await createDatabase()
  const web = await startMetaGateway({ PAGEWIRE_ROLES: 'web' }, database)
  try {
    const { pageId } = await web.connectPage()
    const psid = web.newPerson()
    await web.says(psid, pageId, 'hi')
    const [message] = await web.client.messages.list({ from: `messenger:${psid}` })

    assert.equal((await floodOf(web, message?.sid ?? '', 1))[0]?.status, 200)

    const refused = (await floodOf(web, message?.sid ?? '', 30)).filter(({ status }) => status !== 200)

    const calls = web.meta.sendsTo(psid).length
    assert.ok(calls >= 4 && calls <= 14, `${calls} calls`)
    assert.ok(refused.length >= 24, `${refused.length} of 30`)
    for (const answer of refused) {
      assertTwilioError(answer, 429, 20429, /as much as it may/)
      assert.equal(answer.headers.get('retry-after'), '1')
    }
  } finally {
    await web.stop()
    await database.drop()
  }
})

test('in the built-in Messenger the person sees the Page type', async () => {
  const own = await startGateway()
  try {
    const ada = await personAtPage(own.url)
    await ada.say('hi')
    const sid = await eventually('the message', async () => {
      const [message] = await own.client.messages.list({ from: `messenger:${ada.psid}` })
      return message?.sid
    })
    await ada.hears(/^Welcome!/)
    assert.equal((await ada.thread()).typing, false)
    await own.client.messaging.v2.typingIndicator.create({ channel: 'messenger', messageId: sid })
    assert.equal((await ada.thread()).typing, true)
  } finally {
    await own.stop()
  }
})
