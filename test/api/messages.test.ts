import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const OF_TWILIO = '/2010-04-01/Accounts/{AccountSid}/Messages'
const NO_SID = `SM${'0'.repeat(32)}`

let gateway: MetaGateway
let page: ConnectedPage
let list: string

before(async () => {
  gateway = await startMetaGateway()
  page = await gateway.connectPage()
  list = `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`
})
after(() => gateway?.stop())

const item = (sid: string) => list.replace('.json', `/${sid}.json`)

/** Somebody who wrote, and so may be written to. */
async function newWriter(): Promise<string> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  return psid
}

const from = (psid: string, body = 'hello') => ({
  From: `messenger:${page.pageId}`,
  To: `messenger:${psid}`,
  Body: body,
})

async function sent(psid: string, body = 'hello'): Promise<string> {
  const created = await gateway.create(from(psid, body))
  assert.equal(created.status, 201, created.text)
  const sid = created.json().sid as string
  await eventually('the message to be sent', async () => (await gateway.client.messages(sid).fetch()).status === 'sent')
  return sid
}

/** A message that cannot be sent yet: its Page's token has died. */
async function waiting(): Promise<string> {
  const other = await gateway.connectPage()
  const psid = gateway.newPerson()
  await gateway.says(psid, other.pageId, 'hi')
  gateway.meta.renewToken(other.pageId)
  const created = await gateway.create({ ...from(psid), From: `messenger:${other.pageId}` })
  return created.json().sid as string
}

test('a create answers 201 with the message as Twilio describes it', async () => {
  const psid = await newWriter()
  const created = await gateway.create(from(psid, 'Would you like to play a game?'))

  assert.equal(created.status, 201)
  assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}.json`, created)
  const { sid, num_segments, num_media, price, date_sent, status } = created.json()
  assert.match(sid as string, /^SM[0-9a-f]{32}$/)
  assert.deepEqual([num_segments, num_media, price, date_sent, status], ['1', '0', null, null, 'queued'])
  assert.match(created.headers.get('content-type') ?? '', /^application\/json/)
  assert.match(created.headers.get('twilio-request-id') ?? '', /^RQ[0-9a-f]{32}$/)
  assert.match(created.headers.get('twilio-request-duration') ?? '', /^\d+\.\d{3}$/)
})

test('a create with media has an MM sid and counts its media as a string', async () => {
  const message = await gateway.client.messages.create({
    from: `messenger:${page.pageId}`,
    to: `messenger:${await newWriter()}`,
    body: 'two pictures',
    mediaUrl: ['https://example.com/1.png', 'https://example.com/2.png'],
  })
  assert.match(message.sid, /^MM[0-9a-f]{32}$/)
  assert.equal(message.numMedia, '2')
  const fetched = await gateway.call('GET', item(message.sid))
  assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}/{Sid}.json`, fetched)
  assertTwilioError(await gateway.call('GET', item(message.sid.replace('MM', 'SM'))), 404, 20404)
})

test('every parameter of a create that has a rule is checked, with its own code', async () => {
  const good: Record<string, string> = from(await newWriter())
  const refusals: [given: Record<string, string> | [string, string][], status: number, code: number][] = [
    [{ ...good, To: '' }, 400, 21604],
    [{ ...good, From: '' }, 400, 21603],
    [{ ...good, Body: '' }, 400, 21602],
    [{ ...good, Body: ' \n\t' }, 400, 21602],
    [{ ...good, Body: '\0\0' }, 400, 21602],
    [{ ...good, Body: 'x'.repeat(1601) }, 400, 21617],
    [{ ...good, To: '+15551234567' }, 400, 21211],
    [{ ...good, To: 'messenger:ada' }, 400, 21211],
    [{ ...good, To: 'whatsapp:+15551234567' }, 400, 21211],
    [{ ...good, From: '+15551234567' }, 400, 21212],
    [{ ...good, From: page.pageId }, 400, 21212],
    [{ ...good, From: 'messenger:99999999999' }, 400, 63007],
    [{ ...good, To: good.From ?? '' }, 400, 63031],
    [{ ...good, MediaUrl: 'ftp://example.com/a.png' }, 400, 21620],
    [{ ...good, MediaUrl: '/a.png' }, 400, 21620],
    [{ ...good, MediaUrl: 'http://my_host/a.png' }, 400, 21620],
    [
      [
        ...Object.entries(good),
        ...Array.from({ length: 11 }, (): [string, string] => ['MediaUrl', 'https://example.com/a.png']),
      ],
      400,
      21623,
    ],
    [{ ...good, StatusCallback: 'hook' }, 400, 21609],
    [{ ...good, StatusCallback: 'http://my_host/hook' }, 400, 21609],
    [{ ...good, StatusCallback: `https://example.com/${'x'.repeat(2048)}` }, 400, 21609],
    [{ ...good, ValidityPeriod: '0' }, 400, 21624],
    [{ ...good, ValidityPeriod: '36001' }, 400, 21624],
    [{ ...good, ValidityPeriod: '1e3' }, 400, 21624],
    [{ ...good, ContentRetention: 'forget' }, 400, 30029],
    [{ ...good, AddressRetention: 'forget' }, 400, 30030],
    [{ ...good, ApplicationSid: `AP${'0'.repeat(32)}` }, 400, 21218],
    [{ ...good, MessagingServiceSid: `MG${'0'.repeat(32)}` }, 404, 21701],
    [{ ...good, From: `MG${'0'.repeat(32)}` }, 404, 21701],
    [{ ...good, ContentSid: `HX${'0'.repeat(32)}` }, 400, 21655],
    [{ ...good, ContentVariables: '{}' }, 400, 21654],
    [{ ...good, ScheduleType: 'fixed', SendAt: '2030-01-02T03:04:05Z' }, 400, 35118],
    [{ ...good, SendAt: '2030-01-02T03:04:05Z' }, 400, 35118],
    [{ ...good, Tags: 'spring' }, 400, 20422],
    [{ ...good, Tags: '["spring"]' }, 400, 20422],
    [{ ...good, Tags: '{"year":2026}' }, 400, 20422],
    [{ ...good, Tags: JSON.stringify({ ['k'.repeat(129)]: 'v' }) }, 400, 20422],
    [{ ...good, Tags: JSON.stringify({ k: 'v'.repeat(129) }) }, 400, 20422],
    [{ ...good, Tags: JSON.stringify(Object.fromEntries(Array.from('abcdefghijk', (k) => [k, k]))) }, 400, 20422],
  ]
  for (const [given, status, code] of refusals) {
    const answer = await gateway.create(given)
    assert.equal(answer.json().code, code, `${new URLSearchParams(given)} → ${answer.text}`)
    assertTwilioError(answer, status, code)
  }
  const { messages } = (await gateway.call('GET', `${list}?To=${good.To}`)).json() as { messages: unknown[] }
  assert.equal(messages.length, 0, 'a refused create leaves nothing')
})

test('what has no meaning here is taken and ignored, and limits are reached without complaint', async () => {
  const psid = await newWriter()
  const created = await gateway.create({
    ...from(psid, '🦉'.repeat(1600)),
    ProvideFeedback: 'true',
    Attempt: '2',
    ForceDelivery: 'true',
    SmartEncoded: 'true',
    PersistentAction: 'geo:1,2|here',
    ShortenUrls: 'false',
    SendAsMms: 'false',
    MaxPrice: '0.1',
    RiskCheck: 'disable',
    MessageIntent: 'notifications',
    Unheard: 'of',
    ValidityPeriod: '36000',
    StatusCallback: '/bins/welcome',
    Tags: JSON.stringify({ ['k'.repeat(128)]: 'v'.repeat(128) }),
  })
  assert.equal(created.status, 201, created.text)
  const first = new URLSearchParams([
    ['To', `messenger:${psid}`],
    ['To', 'messenger:1'],
    ['From', `messenger:${page.pageId}`],
    ['Body', 'the first of a name counts'],
  ])
  const { to, tags } = (await gateway.call('POST', list, first)).json()
  assert.equal(to, `messenger:${psid}`)
  assert.equal(tags, undefined)
})

test('the address prefix may be written in capitals, and a receiver who opted out is refused with 21610', async () => {
  const psid = await newWriter()
  assert.equal((await gateway.create({ ...from(psid), To: `Messenger:${psid}` })).status, 201)
  await gateway.says(psid, page.pageId, 'STOP')
  assertTwilioError(await gateway.create(from(psid)), 400, 21610)
})

test('AddressRetention=obfuscate hides the receiver and ContentRetention=discard the text, once it is sent', async () => {
  const psid = await newWriter()
  const created = await gateway.create({ ...from(psid), AddressRetention: 'obfuscate', ContentRetention: 'discard' })
  const { sid, to, body } = created.json()
  assert.deepEqual([to, body], [`messenger:${psid}`, 'hello'])
  const { json } = await eventually('the message to be sent', async () => {
    const fetched = await gateway.call('GET', item(sid as string))
    return fetched.json().status === 'sent' && fetched
  })
  assert.deepEqual([json().to, json().body], [`messenger:${'X'.repeat(psid.length - 4)}${psid.slice(-4)}`, ''])
})

test('a redacted message keeps everything but its text; other changes are refused', async () => {
  const sid = await sent(await newWriter(), 'my secret')
  assertTwilioError(await gateway.call('POST', item(sid), new URLSearchParams({ Body: 'better' })), 400, 20422)
  assertTwilioError(await gateway.call('POST', item(sid), new URLSearchParams({ Status: 'sent' })), 400, 20422)
  assertTwilioError(await gateway.call('POST', item(sid), new URLSearchParams({ Status: 'canceled' })), 409, 30409)

  const redacted = await gateway.call('POST', item(sid), new URLSearchParams({ Body: '' }))

  assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}/{Sid}.json`, redacted)
  assert.deepEqual([redacted.json().body, redacted.json().status], ['', 'sent'])
  assert.equal((await gateway.client.messages(sid).update({ body: '' })).body, '')
  assert.equal((await gateway.client.messages(sid).fetch()).body, '')
  assertTwilioError(await gateway.call('POST', item(NO_SID), new URLSearchParams({ Body: '' })), 404, 20404)
})

test('a deleted message is gone: 204, and 404 with the path from then on', async () => {
  const sid = await sent(await newWriter())
  const deleted = await gateway.call('DELETE', item(sid))
  assert.deepEqual([deleted.status, deleted.text], [204, ''])
  const path = item(sid)
  for (const method of ['GET', 'POST', 'DELETE']) {
    const answer = await gateway.call(method, path)
    assertTwilioError(answer, 404, 20404)
    assert.equal(answer.json().message, `The requested resource ${path} was not found`)
  }
  assert.equal(await gateway.client.messages(await sent(await newWriter())).remove(), true)
})

test('a DELETE may name a content type for the body that it does not have', async () => {
  const sid = await sent(await newWriter())
  const { authToken, sid: user } = gateway.account
  const response = await fetch(gateway.url + item(sid), {
    method: 'DELETE',
    headers: {
      Authorization: `Basic ${Buffer.from(`${user}:${authToken}`).toString('base64')}`,
      'Content-Type': 'application/json',
    },
  })
  assert.equal(response.status, 204)
})

test('a message that is still under way can be neither redacted nor deleted: 20009', async () => {
  const sid = await waiting()
  assertTwilioError(await gateway.call('DELETE', item(sid)), 409, 20009)
  assertTwilioError(await gateway.call('POST', item(sid), new URLSearchParams({ Body: '' })), 409, 20009)
  assert.equal((await gateway.client.messages(sid).fetch()).body, 'hello')
})
