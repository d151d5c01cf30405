import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newAccountSid, newAuthToken } from '#core/ids.ts'
import { saveAccount } from '#store/accounts.ts'
import { createVault } from '#store/secrets.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { newChannelSender, newService } from '../services.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const PATH = '/messaging/v1/Services'
const OF_TWILIO = '/v1/Services'
const NO_SERVICE = `${PATH}/MG${'0'.repeat(32)}`

let gateway: MetaGateway

before(async () => {
  gateway = await startMetaGateway()
})
after(() => gateway?.stop())

const post = (path: string, parameters: Record<string, string>) =>
  gateway.call('POST', path, new URLSearchParams(parameters))

test('a service of which only the name is said has the defaults of Twilio, with our own URLs', async () => {
  const created = await post(PATH, { FriendlyName: 'Bäckerei 🥐' })

  assert.equal(created.status, 201)
  assertDescribed('twilio_messaging_v1', `POST ${OF_TWILIO}`, created)
  const { sid, url, links, date_created, date_updated, ...rest } = created.json()
  assert.match(sid as string, /^MG[0-9a-f]{32}$/)
  assert.equal(url, `${gateway.url.replace('127.0.0.1', 'localhost')}${PATH}/${sid}`)
  for (const link of Object.values(links as Record<string, string>)) assert.ok(link.startsWith(`${url}/`), link)
  assert.equal(date_created, date_updated)
  assert.deepEqual(rest, {
    account_sid: gateway.account.sid,
    friendly_name: 'Bäckerei 🥐',
    inbound_request_url: null,
    inbound_method: 'POST',
    fallback_url: null,
    fallback_method: 'POST',
    status_callback: null,
    sticky_sender: true,
    smart_encoding: true,
    mms_converter: true,
    fallback_to_long_code: true,
    scan_message_content: 'inherit',
    area_code_geomatch: true,
    validity_period: 36_000,
    synchronous_validation: false,
    usecase: 'undeclared',
    us_app_to_person_registered: false,
    use_inbound_webhook_on_number: false,
  })
})

test('the official client sets every field, changes some, and what is not said stays', async () => {
  const { services } = gateway.client.messaging.v1
  const given = {
    inboundRequestUrl: 'https://example.com/in',
    inboundMethod: 'GET',
    fallbackUrl: 'https://example.com/fallback',
    fallbackMethod: 'GET',
    statusCallback: 'https://example.com/status?order=17',
    stickySender: false,
    mmsConverter: false,
    smartEncoding: false,
    fallbackToLongCode: false,
    areaCodeGeomatch: false,
    synchronousValidation: true,
    scanMessageContent: 'disable',
    usecase: 'marketing',
    validityPeriod: 600,
    useInboundWebhookOnNumber: true,
  } as const
  const { sid } = await services.create({ friendlyName: 'all of it', ...given })
  const fetched = await services(sid).fetch()
  for (const [name, value] of Object.entries(given)) {
    assert.deepEqual(fetched[name as keyof typeof given], value, name)
  }

  const updated = await services(sid).update({ friendlyName: 'renamed', inboundRequestUrl: '', validityPeriod: 60 })

  assert.deepEqual(
    [updated.friendlyName, updated.inboundRequestUrl, updated.validityPeriod, updated.fallbackUrl, updated.usecase],
    ['renamed', null, 60, given.fallbackUrl, 'marketing'],
  )
  const path = `${PATH}/${sid}`
  assertDescribed('twilio_messaging_v1', `POST ${OF_TWILIO}/{Sid}`, await post(path, {}))
  assertDescribed('twilio_messaging_v1', `GET ${OF_TWILIO}/{Sid}`, await gateway.call('GET', path))
  assert.equal(await services(sid).remove(), true)
  assertTwilioError(await gateway.call('GET', path), 404, 20404)
  assertTwilioError(await gateway.call('DELETE', path), 404, 20404)
})

test('every parameter that has a rule is checked, with its own code, and nothing is kept', async () => {
  const { path } = await newService(gateway)
  const before = (await gateway.call('GET', path)).json()
  const refusals: [given: Record<string, string>, code: number][] = [
    [{ FriendlyName: '' }, 20002],
    [{ FriendlyName: ' ' }, 20002],
    [{ FriendlyName: 'x'.repeat(65) }, 20002],
    [{ FriendlyName: 'nul\0' }, 20002],
    [{ InboundRequestUrl: 'hook' }, 21402],
    [{ InboundRequestUrl: 'http://my_host/hook' }, 21402],
    [{ FallbackUrl: 'ftp://example.com' }, 21402],
    [{ StatusCallback: '//example.com' }, 21402],
    [{ InboundMethod: 'PUT' }, 21403],
    [{ FallbackMethod: 'x' }, 21403],
    [{ ValidityPeriod: '0' }, 21624],
    [{ ValidityPeriod: '36001' }, 21624],
    [{ ValidityPeriod: '1.5' }, 21624],
    [{ StickySender: 'yes' }, 20422],
    [{ UseInboundWebhookOnNumber: '1' }, 20422],
    [{ ScanMessageContent: 'always' }, 20422],
    [{ Usecase: 'spam' }, 21713],
  ]
  for (const [given, code] of refusals) {
    assertTwilioError(await post(PATH, { FriendlyName: 'refused', ...given }), 400, code)
    assertTwilioError(await post(path, given), 400, code)
  }
  assertTwilioError(await post(PATH, {}), 400, 20002)
  assert.deepEqual((await gateway.call('GET', path)).json(), before)
  const { services } = (await gateway.call('GET', `${PATH}?PageSize=1000`)).json()
  assert.ok(!JSON.stringify(services).includes('refused'))
})

test('services are listed newest first, page by page', async () => {
  const names = ['one', 'two', 'three']
  for (const name of names) await newService(gateway, { FriendlyName: name })
  const first = await gateway.call('GET', `${PATH}?PageSize=2`)
  assertDescribed('twilio_messaging_v1', `GET ${OF_TWILIO}`, first)
  const { services, meta } = first.json() as {
    services: { friendly_name: string }[]
    meta: { key: string; next_page_url: string }
  }
  assert.deepEqual([services.map((each) => each.friendly_name), meta.key], [['three', 'two'], 'services'])
  const all = await gateway.client.messaging.v1.services.list({ pageSize: 2 })
  assert.deepEqual(
    all.slice(0, 3).map(({ friendlyName }) => friendlyName),
    ['three', 'two', 'one'],
  )
  assert.equal(new Set(all.map(({ sid }) => sid)).size, all.length)
})

test('a Page joins one service at most, is found there, and can leave for another', async () => {
  const [page, service, other] = [await gateway.connectPage(), await newService(gateway), await newService(gateway)]
  const pool = `${service.path}/ChannelSenders`
  const described = `${OF_TWILIO}/{MessagingServiceSid}/ChannelSenders`

  const joined = await post(pool, { Sid: page.sid })

  assert.equal(joined.status, 201, joined.text)
  assertDescribed('twilio_messaging_v1', `POST ${described}`, joined)
  const { url, date_created, date_updated, ...rest } = joined.json()
  assert.equal(date_created, date_updated)
  assert.equal(url, `${gateway.url.replace('127.0.0.1', 'localhost')}${pool}/${page.sid}`)
  assert.deepEqual(rest, {
    account_sid: gateway.account.sid,
    messaging_service_sid: service.sid,
    sid: page.sid,
    sender: `messenger:${page.pageId}`,
    sender_type: 'Messenger',
    country_code: null,
  })
  assertTwilioError(await post(pool, { Sid: page.sid }), 409, 21710)
  assertTwilioError(await post(`${other.path}/ChannelSenders`, { Sid: page.sid }), 409, 21712)
  assertDescribed('twilio_messaging_v1', `GET ${described}/{Sid}`, await gateway.call('GET', `${pool}/${page.sid}`))
  assertTwilioError(await gateway.call('GET', `${other.path}/ChannelSenders/${page.sid}`), 404, 20404)
  assertTwilioError(await gateway.call('DELETE', `${other.path}/ChannelSenders/${page.sid}`), 404, 20404)

  const { channelSenders } = gateway.client.messaging.v1.services(service.sid)
  assert.deepEqual(
    (await channelSenders.list()).map(({ sender }) => sender),
    [`messenger:${page.pageId}`],
  )
  assertDescribed('twilio_messaging_v1', `GET ${described}`, await gateway.call('GET', pool))
  assert.equal(await channelSenders(page.sid).remove(), true)
  assertTwilioError(await gateway.call('GET', `${pool}/${page.sid}`), 404, 20404)
  const moved = await gateway.client.messaging.v1.services(other.sid).channelSenders.create({ sid: page.sid })
  assert.equal(moved.messagingServiceSid, other.sid)
})

test('a Page that is deleted, or whose service is, is in no pool any more', async () => {
  const [page, gone, service] = [await gateway.connectPage(), await newService(gateway), await newService(gateway)]
  await newChannelSender(gateway, gone, page.sid)
  await gateway.call('DELETE', gone.path)
  await newChannelSender(gateway, service, page.sid)
  await gateway.call('DELETE', page.path)
  const { senders } = (await gateway.call('GET', `${service.path}/ChannelSenders`)).json()
  assert.deepEqual(senders, [])
})

test('a pool takes only Pages of its own account', async () => {
  const { path } = await newService(gateway)
  const pool = `${path}/ChannelSenders`
  assertTwilioError(await post(pool, {}), 400, 20422, /Sid/)
  for (const sid of [`XE${'0'.repeat(32)}`, 'XE1', `PN${'0'.repeat(32)}`]) {
    assertTwilioError(await post(pool, { Sid: sid }), 404, 20404)
  }
  const stranger = { sid: newAccountSid(), authToken: newAuthToken(), friendlyName: 'a stranger' }
  await saveAccount(gateway.sql, createVault('the secret key of all test gateways'), stranger)
  const credentials = `${stranger.sid}:${stranger.authToken}`
  const page = await gateway.connectPage()
  const { path: theirs } = await newService(gateway, {}, credentials)
  assertTwilioError(
    await gateway.call('POST', `${theirs}/ChannelSenders`, new URLSearchParams({ Sid: page.sid }), credentials),
    404,
    20404,
  )
  for (const each of ['', '/ChannelSenders', '/PhoneNumbers']) {
    assertTwilioError(await gateway.call('GET', theirs + each), 404, 20404)
    assertTwilioError(await gateway.call('POST', theirs + each, new URLSearchParams({ Sid: page.sid })), 404, 20404)
  }
})

type Listing = { list: () => Promise<unknown[]> }

test('what only telephone networks have is an empty list, and cannot be added', async () => {
  const { sid, path } = await newService(gateway)
  const service = gateway.client.messaging.v1.services(sid)
  const lists = [service.phoneNumbers, service.shortCodes, service.alphaSenders, service.destinationAlphaSenders]
  for (const list of lists as Listing[]) assert.deepEqual(await list.list(), [])
  assert.deepEqual(await service.usAppToPerson.list(), [])
  for (const name of ['PhoneNumbers', 'ShortCodes', 'AlphaSenders', 'DestinationAlphaSenders']) {
    const answer = await gateway.call('GET', `${path}/${name}`)
    assertDescribed('twilio_messaging_v1', `GET ${OF_TWILIO}/{ServiceSid}/${name}`, answer)
    assertTwilioError(await gateway.call('GET', `${NO_SERVICE}/${name}`), 404, 20404)
    assertTwilioError(await post(`${path}/${name}`, {}), 400, 20422)
  }
  const compliance = await gateway.call('GET', `${path}/Compliance/Usa2p`)
  assertDescribed('twilio_messaging_v1', `GET ${OF_TWILIO}/{MessagingServiceSid}/Compliance/Usa2p`, compliance)
  const number = `PN${'1'.repeat(32)}`
  assertTwilioError(await post(`${path}/PhoneNumbers`, { PhoneNumberSid: number }), 404, 20404)
  assertTwilioError(await post(`${path}/ShortCodes`, { ShortCodeSid: number.replace('PN', 'SC') }), 404, 20404)
  assertTwilioError(await post(`${path}/AlphaSenders`, { AlphaSender: 'Bakery' }), 400, 21709)
  assertTwilioError(await post(`${path}/DestinationAlphaSenders`, { AlphaSender: 'Bakery' }), 400, 21709)
  assertTwilioError(await gateway.call('GET', `${path}/PhoneNumbers/${number}`), 404, 20404)
  assertTwilioError(await gateway.call('DELETE', `${path}/PhoneNumbers/${number}`), 404, 20404)
  assertTwilioError(await post(`${path}/Compliance/Usa2p`, {}), 404, 20404)
})

test('the use cases are listed', async () => {
  const answer = await gateway.call('GET', `${PATH}/Usecases`)
  assertDescribed('twilio_messaging_v1', `GET ${OF_TWILIO}/Usecases`, answer)
  const { usecases } = await gateway.client.messaging.v1.usecases.fetch()
  assert.equal(usecases.length, 6)
})
