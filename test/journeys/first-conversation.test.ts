import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { type PersonAtPage, personAtPage } from '../people.ts'

let gateway: Gateway
let customer: CustomerServer
let ada: PersonAtPage

before(async () => {
  gateway = await startGateway()
  customer = await startCustomerServer()
  ada = await personAtPage(gateway.url)
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

async function pointPageAt(url: string, more: object = {}): Promise<string> {
  const { senders } = (await gateway.call('GET', '/messaging/v2/Channels/Senders?Channel=messenger')).json() as {
    senders: { sid: string }[]
  }
  const sid = senders[0]?.sid as string
  const changed = await gateway.call('POST', `/messaging/v2/Channels/Senders/${sid}`, {
    webhook: { callback_url: url, ...more },
  })
  assert.equal(changed.status, 202, changed.text)
  return sid
}

test('out of the box the demo Page answers "hi" from the welcome bin', async () => {
  await ada.say('hi')

  await ada.hears(/^Welcome!/)
})

test('a reply in TwiML reaches the person and reports sent, delivered and read', async () => {
  await pointPageAt(`${customer.url}/sms`)
  customer.answer('/sms', {
    body: `<Response><Message statusCallback="${customer.url}/status?order=1"><Body>You said it</Body></Message></Response>`,
  })

  await ada.say('grüße 👋')

  const call = await customer.next((request) => request.path === '/sms')
  assert.equal(call.method, 'POST')
  assert.ok(call.signatureIsValid(gateway.account.authToken))
  const { MessageSid, ChannelMetadata, ...params } = call.params
  assert.match(MessageSid ?? '', /^SM[0-9a-f]{32}$/)
  assert.equal(JSON.parse(ChannelMetadata ?? '').data.message.text, 'grüße 👋')
  assert.deepEqual(params, {
    SmsSid: MessageSid,
    SmsMessageSid: MessageSid,
    AccountSid: gateway.account.sid,
    From: `messenger:${ada.psid}`,
    To: `messenger:${ada.pageId}`,
    Body: 'grüße 👋',
    NumMedia: '0',
    NumSegments: '1',
    SmsStatus: 'received',
    ApiVersion: '2010-04-01',
    ProfileName: 'Ada Lindqvist',
    MessageType: 'text',
  })
  await ada.hears('You said it')

  const statuses = []
  for (const expected of ['sent', 'delivered']) {
    const report = await customer.next((request) => request.path === '/status?order=1')
    assert.ok(report.signatureIsValid(gateway.account.authToken))
    assert.equal(report.params.ChannelPrefix, 'messenger')
    statuses.push([expected, report.params.MessageStatus])
  }
  await ada.look()
  const read = await customer.next((request) => request.path === '/status?order=1')
  statuses.push(['read', read.params.MessageStatus])
  for (const [expected, actual] of statuses) assert.equal(actual, expected)
  assert.equal(read.params.EventType, 'READ')
})

test("the product document's own program sends a message with the unmodified Twilio SDK", async () => {
  const message = await gateway.client.messages.create({
    body: 'Would you like to play a game?',
    from: `messenger:${ada.pageId}`,
    to: `messenger:${ada.psid}`,
    statusCallback: `${customer.url}/status`,
  })

  assert.equal(message.body, 'Would you like to play a game?')
  assert.equal(message.status, 'queued')
  assert.equal(message.direction, 'outbound-api')
  await ada.hears('Would you like to play a game?')
  for (const status of ['sent', 'delivered']) {
    const report = await customer.next((request) => request.path === '/status')
    assert.deepEqual([report.params.MessageSid, report.params.MessageStatus], [message.sid, status])
  }
  await ada.look()
  assert.equal((await customer.next((request) => request.path === '/status')).params.MessageStatus, 'read')
  const fetched = await gateway.client.messages(message.sid).fetch()
  assert.equal(fetched.status, 'read')
  assert.ok(fetched.dateSent)
})

test("the answer to a create has the fields of the product document's sample", async () => {
  const { sid: account } = gateway.account
  const created = await gateway.call(
    'POST',
    `/2010-04-01/Accounts/${account}/Messages.json`,
    new URLSearchParams({
      Body: 'Sale!',
      From: `messenger:${ada.pageId}`,
      To: `messenger:${ada.psid}`,
      Tags: '{"campaign_name":"Spring Sale 2022","message_type":"cart_abandoned"}',
    }),
  )

  assert.equal(created.status, 201)
  const { sid, date_created, date_updated, ...rest } = created.json() as Record<string, string>
  assert.match(date_created ?? '', /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/)
  assert.equal(date_created, date_updated)
  assert.deepEqual(rest, {
    account_sid: account,
    api_version: '2010-04-01',
    body: 'Sale!',
    date_sent: null,
    direction: 'outbound-api',
    error_code: null,
    error_message: null,
    from: `messenger:${ada.pageId}`,
    num_media: '0',
    num_segments: '1',
    price: null,
    price_unit: null,
    messaging_service_sid: null,
    status: 'queued',
    subresource_uris: { media: `/2010-04-01/Accounts/${account}/Messages/${sid}/Media.json` },
    tags: { campaign_name: 'Spring Sale 2022', message_type: 'cart_abandoned' },
    to: `messenger:${ada.psid}`,
    uri: `/2010-04-01/Accounts/${account}/Messages/${sid}.json`,
  })
  assert.match(created.headers.get('twilio-request-id') ?? '', /^RQ[0-9a-f]{32}$/)
})

test('a failing callback URL goes to the fallback with ErrorCode and leaves an alert', async () => {
  await pointPageAt(`${customer.url}/broken`, { fallback_url: `${customer.url}/fallback` })
  customer.answer('/broken', { status: 500, type: 'text/html', body: '<html>oops</html>' })
  customer.answer('/fallback', { type: 'text/plain', body: 'from the fallback' })
  await ada.say('anybody?')

  const call = await customer.next((request) => request.path === '/fallback')
  assert.equal(call.params.ErrorCode, '11200')
  assert.equal(call.params.ErrorUrl, `${customer.url}/broken`)
  assert.ok(call.signatureIsValid(gateway.account.authToken))
  await ada.hears('from the fallback')
  const alert = await eventually('an alert', async () => (await gateway.client.monitor.v1.alerts.list({ limit: 1 }))[0])
  assert.equal(alert.errorCode, '11200')
  assert.equal(alert.requestUrl, `${customer.url}/broken`)
  const whole = await gateway.client.monitor.v1.alerts(alert.sid).fetch()
  assert.equal(whole.responseBody, '<html>oops</html>')
  assert.doesNotMatch(JSON.stringify(whole), new RegExp(gateway.account.authToken))
})

test('STOP is confirmed once and refuses further messages with 21610 until START', async () => {
  await pointPageAt(`${customer.url}/quiet`, { fallback_url: null })
  const send = () =>
    gateway.client.messages.create({ body: 'News', from: `messenger:${ada.pageId}`, to: `messenger:${ada.psid}` })

  await ada.say('stop')
  const call = await customer.next((request) => request.path === '/quiet')
  assert.equal(call.params.OptOutType, 'STOP')
  await ada.hears(/no more messages from Owl Coffee/)
  await assert.rejects(send, { code: 21610, status: 400 })

  await ada.say('STOP')
  await customer.next((request) => request.params.Body === 'STOP')
  await ada.say('Start')
  await ada.hears(/messages from Owl Coffee again/)
  assert.equal((await send()).status, 'queued')
  const { messages } = await ada.thread()
  assert.equal(messages.filter((message) => /no more messages from Owl/.test(message.text ?? '')).length, 1)
})

test('a postback carries its payload, and what a person takes back is forgotten', async () => {
  await pointPageAt(`${customer.url}/quiet`)
  await ada.tap('Order now', 'ORDER_1')
  const tapped = await customer.next((request) => request.params.ButtonPayload === 'ORDER_1')
  assert.deepEqual([tapped.params.ButtonText, tapped.params.Body], ['Order now', 'Order now'])

  const secret = await ada.say('my number is 12345')
  const call = await customer.next((request) => request.params.Body === 'my number is 12345')
  await ada.takeBack(secret.mid)

  const sid = call.params.MessageSid as string
  await eventually('the text to be gone', async () => (await gateway.client.messages(sid).fetch()).body === '')
})
