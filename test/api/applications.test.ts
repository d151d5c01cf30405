import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createSubaccount } from '../accounts.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const OF_TWILIO = '/2010-04-01/Accounts/{AccountSid}/Applications'

let gateway: MetaGateway
let customer: CustomerServer
let page: ConnectedPage
let list: string

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  page = await gateway.connectPage({ webhook: { status_callback_url: `${customer.url}/of-sender` } })
  list = `/2010-04-01/Accounts/${gateway.account.sid}/Applications.json`
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

const item = (sid: string) => list.replace('.json', `/${sid}.json`)
const form = (fields: Record<string, string>) => new URLSearchParams(fields)

const ALL = {
  FriendlyName: 'Phone me',
  ApiVersion: '2008-08-01',
  VoiceUrl: 'https://example.com/voice',
  VoiceMethod: 'GET',
  VoiceFallbackUrl: 'https://example.com/voice-fallback',
  VoiceFallbackMethod: 'GET',
  VoiceCallerIdLookup: 'true',
  StatusCallback: 'https://example.com/call-status',
  StatusCallbackMethod: 'GET',
  SmsUrl: 'https://example.com/sms',
  SmsMethod: 'GET',
  SmsFallbackUrl: 'https://example.com/sms-fallback',
  SmsFallbackMethod: 'GET',
  SmsStatusCallback: 'https://example.com/sms-status',
  MessageStatusCallback: 'https://example.com/message-status',
  PublicApplicationConnectEnabled: 'true',
}

const snake = (name: string) => name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase()

test('an application keeps all of its fields, also those for calls', async () => {
  const created = await gateway.call('POST', list, form(ALL))
  assert.equal(created.status, 201)
  assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}.json`, created)
  const told = created.json()
  for (const [name, value] of Object.entries(ALL)) assert.equal(String(told[snake(name)]), value, name)
  const { sid = '' } = told as Record<string, string>
  assert.match(sid, /^AP[0-9a-f]{32}$/)

  const fetched = await gateway.call('GET', item(sid))
  assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}/{Sid}.json`, fetched)
  assert.deepEqual(fetched.json(), told)

  const updated = await gateway.call(
    'POST',
    item(sid),
    form({ SmsUrl: '', SmsMethod: 'post', VoiceCallerIdLookup: 'false' }),
  )
  assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}/{Sid}.json`, updated)
  const { date_updated, ...rest } = updated.json()
  assert.ok(date_updated)
  const { date_updated: _, ...before } = told
  assert.deepEqual(rest, { ...before, sms_url: null, sms_method: 'POST', voice_caller_id_lookup: false })

  assert.equal((await gateway.call('DELETE', item(sid))).status, 204)
  for (const method of ['GET', 'POST', 'DELETE']) assertTwilioError(await gateway.call(method, item(sid)), 404, 20404)
})

test('an application of which nothing was said has Twilio’s defaults', async () => {
  const created = await gateway.call('POST', list)
  assertDescribed('twilio_api_v2010', `POST ${OF_TWILIO}.json`, created)
  const { friendly_name, api_version, sms_url, sms_method, voice_method, voice_caller_id_lookup } = created.json()
  assert.deepEqual(
    [friendly_name, api_version, sms_url, sms_method, voice_method, voice_caller_id_lookup],
    [null, '2010-04-01', null, 'POST', 'POST', false],
  )
})

test('what cannot be is refused with its code', async () => {
  const wrong: [Record<string, string>, number][] = [
    [{ FriendlyName: 'x'.repeat(65) }, 20002],
    [{ ApiVersion: '2012-01-01' }, 20422],
    [{ SmsUrl: 'ftp://example.com' }, 21402],
    [{ MessageStatusCallback: 'http://my_host/' }, 21402],
    [{ SmsMethod: 'PUT' }, 21403],
    [{ VoiceCallerIdLookup: 'maybe' }, 20422],
  ]
  for (const [fields, code] of wrong) assertTwilioError(await gateway.call('POST', list, form(fields)), 400, code)
  const fallback = 'https://example.com/fallback'
  const alone = (fields: Record<string, string>) => gateway.call('POST', list, form(fields))
  assertTwilioError(await alone({ VoiceFallbackUrl: fallback }), 400, 21405)
  assertTwilioError(await alone({ SmsFallbackUrl: fallback }), 400, 21406)
})

test('a list is filtered by name and leads forward and back', async () => {
  for (const friendlyName of ['List', 'List', 'Other']) await gateway.client.applications.create({ friendlyName })
  const listed = await gateway.call('GET', `${list}?FriendlyName=List&PageSize=1`)
  assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}.json`, listed)
  const bySdk = await gateway.client.applications.list({ friendlyName: 'List', pageSize: 1 })
  assert.deepEqual(
    bySdk.map((application) => application.friendlyName),
    ['List', 'List'],
  )
  const first = await gateway.client.applications.page({ pageSize: 1 })
  const second = await first.nextPage()
  assert.equal((await second?.previousPage())?.instances[0]?.sid, first.instances[0]?.sid)
})

test('an account has at most 1,000 applications: 21301', async () => {
  const account = await createSubaccount(gateway)
  await account.client.applications.create()
  await gateway.sql`
    insert into applications (account_sid, id, api_version, voice_method, voice_fallback_method, voice_caller_id_lookup,
      status_callback_method, sms_method, sms_fallback_method, public_application_connect_enabled)
    select account_sid, gen_random_uuid(), api_version, voice_method, voice_fallback_method, voice_caller_id_lookup,
      status_callback_method, sms_method, sms_fallback_method, public_application_connect_enabled
    from applications, generate_series(1, 999) where account_sid = ${account.sid}`
  assertTwilioError(await account.call('POST', `${account.path}/Applications.json`), 400, 21301)
})

/** Sends with these parameters; answers the path that the first status callback came to, with its query. */
async function reportedTo(parameters: Record<string, string>): Promise<string> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const created = await gateway.create({
    To: `messenger:${psid}`,
    From: `messenger:${page.pageId}`,
    Body: 'x',
    ...parameters,
  })
  assert.equal(created.status, 201, created.text)
  const { sid } = created.json()
  const { path, method } = await customer.next((request) => request.params.MessageSid === sid)
  assert.equal(method, 'POST')
  return path
}

test('a message’s status goes to its own callback, else to its application’s, else to its sender’s', async () => {
  const create = async (fields: object) => (await gateway.client.applications.create(fields)).sid
  const both = await create({
    messageStatusCallback: `${customer.url}/of-application?key=1`,
    smsStatusCallback: `${customer.url}/never`,
  })
  const older = await create({ smsStatusCallback: `${customer.url}/of-application-older` })
  const none = await create({ statusCallback: `${customer.url}/for-calls` })

  assert.equal(await reportedTo({ ApplicationSid: both, StatusCallback: `${customer.url}/own` }), '/own')
  assert.equal(await reportedTo({ ApplicationSid: both }), '/of-application?key=1')
  assert.equal(await reportedTo({ ApplicationSid: older }), '/of-application-older')
  assert.equal(await reportedTo({ ApplicationSid: none }), '/of-sender')
  assert.equal(await reportedTo({}), '/of-sender')
})

test('an ApplicationSid that is none of the account’s is refused: 21218', async () => {
  const account = await createSubaccount(gateway)
  const { sid } = await account.client.applications.create()
  for (const ApplicationSid of [sid, 'x', `AP${'0'.repeat(32)}`, `MG${'0'.repeat(32)}`]) {
    const parameters = {
      To: `messenger:${gateway.newPerson()}`,
      From: `messenger:${page.pageId}`,
      Body: 'x',
      ApplicationSid,
    }
    assertTwilioError(await gateway.create(parameters), 400, 21218)
    assertTwilioError(await gateway.create({ ...parameters, StatusCallback: `${customer.url}/own` }), 400, 21218)
  }
  for (const method of ['GET', 'POST', 'DELETE']) assertTwilioError(await gateway.call(method, item(sid)), 404, 20404)
})
