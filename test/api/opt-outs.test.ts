import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { newOptOut, newService } from '../services.ts'
import { assertTwilioError } from '../twilio-error.ts'

const PATH = '/messaging/v3/OptOuts'

let gateway: MetaGateway

before(async () => {
  gateway = await startMetaGateway()
})
after(() => gateway?.stop())

type OptOutJson = { opt_out_sid: string; messaging_service_sid: string }
type Config = { keyword_type: string; message_type: string; keywords?: string[]; message?: string }[]

async function settingsOfNewService(settings: object = {}): Promise<{ path: string; service: string }> {
  const service = await newService(gateway)
  const { path } = await newOptOut(gateway, service, settings)
  return { path, service: service.sid }
}

async function pageOf(service: string, configuration: object = {}): Promise<ConnectedPage> {
  const page = await gateway.connectPage({ configuration })
  await gateway.client.messaging.v1.services(service).channelSenders.create({ sid: page.sid })
  return page
}

/** What the Page answers to this text; undefined when it says nothing. */
async function answerTo(page: ConnectedPage, psid: string, text: string): Promise<string | undefined> {
  const before = gateway.meta.sendsTo(psid).length
  await gateway.says(psid, page.pageId, text)
  // The lane that came after it is through: whatever the text led to has been sent.
  const { sid } = await gateway.client.messages.create({
    to: `messenger:${gateway.newPerson()}`,
    from: `messenger:${page.pageId}`,
    body: 'to nobody',
  })
  await eventually('the lanes to be empty', async () => {
    const { status } = await gateway.client.messages(sid).fetch()
    const lanes = await gateway.sql`select 1 from lanes where lane like ${`out:%:${psid}`}`
    return status === 'failed' && lanes.length === 0
  })
  return gateway.meta.sendsTo(psid)[before]?.body.message.text
}

const config = async (path: string) => (await gateway.call('GET', path)).json().config as Config

test("a service's settings begin with the default keywords, and are listed, fetched, changed and deleted", async () => {
  const { sid: service } = await newService(gateway)
  const created = await gateway.call('POST', PATH, { messagingServiceSid: service, friendlyName: 'Bäckerei' })

  assert.equal(created.status, 201)
  const { opt_out_sid: sid, url, date_created, date_updated, ...rest } = created.json()
  assert.match(sid as string, /^OO[0-9a-f]{32}$/)
  const path = `${PATH}/${sid}`
  assert.ok((url as string).endsWith(path))
  assert.match(date_created as string, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.equal(date_updated, date_created)
  assert.deepEqual(rest, {
    account_sid: gateway.account.sid,
    messaging_service_sid: service,
    friendly_name: 'Bäckerei',
    enabled: true,
  })
  assert.deepEqual(await config(`${path}/Keywords`), [
    {
      keyword_type: 'STOP.ALL',
      message_type: 'ALL',
      keywords: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT'],
    },
    { keyword_type: 'START.ALL', message_type: 'ALL', keywords: ['START', 'YES', 'UNSTOP'] },
    { keyword_type: 'HELP.ALL', message_type: 'ALL', keywords: ['HELP', 'INFO'] },
  ])
  assert.deepEqual(await config(`${path}/Messages`), [])
  const { message_types: types } = (await gateway.call('GET', `${path}/MessageTypes`)).json()
  assert.deepEqual(types, [{ key: 'ALL', friendly_name: 'Global Default Settings' }])

  const { opt_outs: listed, meta } = (await gateway.call('GET', `${PATH}?PageSize=1`)).json() as {
    opt_outs: OptOutJson[]
    meta: { key: string }
  }
  assert.deepEqual([listed[0]?.opt_out_sid, meta.key], [sid, 'opt_outs'])
  const changed = await gateway.call('POST', path, { enabled: false })
  assert.deepEqual([changed.json().enabled, changed.json().friendly_name], [false, 'Bäckerei'])
  assertTwilioError(await gateway.call('POST', PATH, { messagingServiceSid: service }), 409, 20409)
  assert.equal((await gateway.call('DELETE', path)).status, 204)
  assertTwilioError(await gateway.call('GET', path), 404, 20404)
  assert.equal((await gateway.call('POST', PATH, { messagingServiceSid: service })).status, 201)
})

test("keywords of a service work in their own language, over the Page's and the defaults", async () => {
  const { path, service } = await settingsOfNewService()
  const page = await pageOf(service, { opt_out: { stop_keywords: ['GENUG'], start_text: 'Schön!' } })
  for (const [keywordType, keyword] of [
    ['STOP.SPANISH', 'basta'],
    ['STOP.ALL', 'Nimmerwieder'],
    ['HELP.ALL', '?'],
  ]) {
    const added = await gateway.call('POST', `${path}/Keywords`, { keywordType, keyword })
    assert.equal(added.status, 201, added.text)
  }
  for (const [keywordType, message] of [
    ['STOP.ALL', 'Tschüss.'],
    ['STOP.SPANISH', 'Hasta luego.'],
    ['HELP.ALL', 'Ruf an!'],
    ['HELP.ALL', 'Ruf lieber an: 0800 1234'],
  ]) {
    const set = await gateway.call('POST', `${path}/Messages`, { keywordType, messageType: 'ALL', message })
    assert.equal(set.status, 201, set.text)
  }
  const psid = gateway.newPerson()

  assert.equal(await answerTo(page, psid, '?'), 'Ruf lieber an: 0800 1234')
  assert.equal(await answerTo(page, psid, 'genug'), undefined, "the Page's own keyword does not count here")
  assert.equal(await answerTo(page, psid, ' Basta '), 'Hasta luego.')
  assertTwilioError(
    await gateway.create({ To: `messenger:${psid}`, MessagingServiceSid: service, Body: 'bread' }),
    400,
    21610,
  )
  assert.equal(await answerTo(page, psid, 'start'), 'Schön!', "the Page's text, as the service has none")
  assert.equal(await answerTo(page, psid, 'NIMMERWIEDER'), 'Tschüss.')
  assert.equal(await answerTo(page, psid, 'yes'), 'Schön!')

  assert.equal((await gateway.call('DELETE', `${path}/Keywords?keyword=basta`)).status, 204)
  assert.equal((await gateway.call('DELETE', `${path}/Messages?keywordType=STOP.ALL`)).status, 204)
  assert.equal(await answerTo(page, psid, 'basta'), undefined)
  assert.match((await answerTo(page, psid, 'stop')) ?? '', /^You will get no more messages from Page/)
})

test('a service may leave opting out to its customer', async () => {
  const { service } = await settingsOfNewService({ enabled: false })
  const page = await pageOf(service)
  const psid = gateway.newPerson()
  assert.equal(await answerTo(page, psid, 'STOP'), undefined)
  const sent = await gateway.create({ To: `messenger:${psid}`, MessagingServiceSid: service, Body: 'bread' })
  assert.equal(sent.status, 201)
})

test('what is no keyword, language, text or service is refused', async () => {
  const { path } = await settingsOfNewService()
  assertTwilioError(await gateway.call('POST', PATH, { messagingServiceSid: `MG${'0'.repeat(32)}` }), 404, 21701)
  assertTwilioError(await gateway.call('POST', PATH, {}), 400, 20422)
  for (const body of [
    { keywordType: 'STOP', keyword: 'X' },
    { keywordType: 'LEAVE.ALL', keyword: 'X' },
    { keywordType: 'STOP.KLINGON', keyword: 'X' },
    { keywordType: 'STOP.ALL.ALL', keyword: 'X' },
    { keywordType: 'STOP.ALL', messageType: 'US', keyword: 'X' },
    { keywordType: 'STOP.ALL', keyword: '' },
    { keywordType: 'STOP.ALL', keyword: ' X' },
    { keywordType: 'STOP.ALL', keyword: 'x'.repeat(35) },
    { keywordType: 'STOP.ALL', keyword: 'x\0' },
    { keywordType: 'STOP.ALL', keyword: 17 },
    { keyword: 'X' },
  ]) {
    assertTwilioError(await gateway.call('POST', `${path}/Keywords`, body), 400, 20422)
  }
  assertTwilioError(
    await gateway.call('POST', `${path}/Keywords`, { keywordType: 'HELP.ALL', keyword: 'quit' }),
    409,
    20409,
    /keyword of STOP/,
  )
  for (const message of ['', ' ', 'x'.repeat(1601), '\ud83e']) {
    assertTwilioError(await gateway.call('POST', `${path}/Messages`, { keywordType: 'STOP.ALL', message }), 400, 20422)
  }
  for (const keyword of ['STOP', 'start', 'Help']) {
    assertTwilioError(await gateway.call('DELETE', `${path}/Keywords?keyword=${keyword}`), 400, 20422)
  }
  assertTwilioError(await gateway.call('DELETE', `${path}/Keywords?keyword=unheard`), 404, 20404)
  assertTwilioError(await gateway.call('DELETE', `${path}/Messages?keywordType=STOP.ALL`), 404, 20404)
  const nobody = `${PATH}/OO${'0'.repeat(32)}`
  assertTwilioError(await gateway.call('GET', `${nobody}/Keywords`), 404, 20404)
  assertTwilioError(await gateway.call('POST', nobody, {}), 404, 20404)
})

test('the languages, message types and default keywords that there are can be asked for', async () => {
  const ask = async (path: string) => (await gateway.call('GET', `${PATH}/${path}`)).json()
  const { languages } = (await ask('Configurations/Languages')) as { languages: object[] }
  assert.equal(languages.length, 42)
  assert.deepEqual(languages[0], { key: 'ALL', friendly_name: 'All' })
  assert.ok(JSON.stringify(languages).includes('{"key":"SOUTHERN_SOTHO","friendly_name":"Southern Sotho"}'))
  const { message_types: types } = await ask('Configurations/MessageTypes')
  assert.deepEqual(types, [{ key: 'ALL', friendly_name: 'Global Default Settings' }])
  const { defaultKeywords } = (await ask('DefaultKeywordsMessages')) as { defaultKeywords: { keyword: string }[] }
  assert.deepEqual(defaultKeywords.map(({ keyword }) => keyword).slice(0, 2), ['STOP', 'STOPALL'])
})
