import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

let gateway: MetaGateway
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  page = await gateway.connectPage()
})
after(() => gateway?.stop())

const pathOf = (sid: string) => `/2010-04-01/Accounts/${gateway.account.sid}/Messages/${sid}/Feedback.json`
const give = (sid: string, parameters: Record<string, string> = {}) =>
  gateway.call('POST', pathOf(sid), new URLSearchParams(parameters))

async function newMessage(): Promise<{ psid: string; sid: string }> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const { sid } = await gateway.client.messages.create({
    from: `messenger:${page.pageId}`,
    to: `messenger:${psid}`,
    body: 'your code is 1234',
    provideFeedback: true,
  })
  return { psid, sid }
}

test('the customer says what became of a message, and the last word counts', async () => {
  const { sid } = await newMessage()

  const first = await give(sid)

  assertDescribed(
    'twilio_api_v2010',
    'POST /2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Feedback.json',
    first,
  )
  const { outcome, uri, message_sid: messageSid } = first.json()
  assert.deepEqual([outcome, uri, messageSid], ['confirmed', pathOf(sid), sid])
  const second = await gateway.client.messages(sid).feedback.create({ outcome: 'unconfirmed' })
  assert.equal(second.outcome, 'unconfirmed')
  assert.equal(second.dateCreated.toUTCString(), new Date(String(first.json().date_created)).toUTCString())
  const { subresourceUris } = await gateway.client.messages(sid).fetch()
  assert.equal(subresourceUris.feedback, pathOf(sid))
})

test('feedback is refused for what is no message to a person, and for any other outcome', async () => {
  const { psid, sid } = await newMessage()
  assertTwilioError(await give(sid, { Outcome: 'maybe' }), 400, 20422)
  assertTwilioError(await give(`SM${'0'.repeat(32)}`), 404, 20404)
  assertTwilioError(await give(sid.replace('SM', 'MM')), 404, 20404)
  const [said] = await gateway.client.messages.list({ from: `messenger:${psid}` })
  assertTwilioError(await give(said?.sid ?? ''), 400, 20422)
})
