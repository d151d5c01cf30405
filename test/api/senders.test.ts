import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newAccountSid, newAuthToken } from '#core/ids.ts'
import { saveAccount } from '#store/accounts.ts'
import { createVault } from '#store/secrets.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const PATH = '/messaging/v2/Channels/Senders'
const OF_TWILIO = '/v2/Channels/Senders'
const ALLOWED = { added: ['m_me_url'], open: ['configuration', 'profile'] }

type SenderJson = {
  sid: string
  status: string
  configuration: Record<string, unknown>
  webhook: Record<string, unknown>
  offline_reasons: { code: string; message: string; more_info: string }[] | null
}

let gateway: MetaGateway
let customer: CustomerServer
let pages = 0

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

function newPage(): { pageId: string; token: string } {
  const pageId = String(555_000_000_000 + ++pages)
  return { pageId, token: gateway.meta.addPage(pageId, `Bakery ${pages} 🥐`) }
}

const create = ({ pageId, token }: { pageId: string; token: string }, configuration: object = {}, more: object = {}) =>
  gateway.call('POST', PATH, {
    sender_id: `messenger:${pageId}`,
    configuration: { page_access_token: token, ...configuration },
    ...more,
  })

test('a Page becomes a sender: 202, ONLINE once it is subscribed at Meta, without its token', async () => {
  const page = newPage()
  const created = await create(page, { unique_name: 'main bakery' }, { webhook: { callback_url: '/bins/welcome' } })

  assert.equal(created.status, 202, created.text)
  assertDescribed('twilio_messaging_v2', `POST ${OF_TWILIO}`, created, ALLOWED)
  const { sid, url, ...rest } = created.json()
  assert.match(sid as string, /^XE[0-9a-f]{32}$/)
  assert.match(url as string, new RegExp(`^http://localhost:\\d+${PATH}/${sid}$`))
  assert.deepEqual(rest, {
    status: 'ONLINE',
    sender_id: `messenger:${page.pageId}`,
    configuration: { meta_app_id: '424242424242', unique_name: 'main bakery', outside_window: 'account_update' },
    webhook: {
      callback_url: '/bins/welcome',
      callback_method: 'POST',
      fallback_url: null,
      fallback_method: 'POST',
      status_callback_url: null,
      status_callback_method: 'POST',
    },
    profile: { name: `Bakery ${pages} 🥐` },
    properties: null,
    offline_reasons: null,
    compliance: null,
    m_me_url: `https://m.me/${page.pageId}`,
  })
  const fields = gateway.meta.subscribedFields(page.pageId)?.split(',') ?? []
  for (const field of ['messages', 'messaging_postbacks', 'message_deliveries', 'message_reads', 'message_echoes']) {
    assert.ok(fields.includes(field), field)
  }
  const fetched = await gateway.call('GET', `${PATH}/${sid}`)
  assertDescribed('twilio_messaging_v2', `GET ${OF_TWILIO}/{Sid}`, fetched, ALLOWED)
  assert.deepEqual(fetched.json(), created.json())
  const bySdk = await gateway.client.messaging.v2.channelsSenders(sid as string).fetch()
  assert.deepEqual([bySdk.status, bySdk.senderId], ['ONLINE', `messenger:${page.pageId}`])
})

test('neither an answer nor the database shows the token', async () => {
  const page = newPage()
  const created = await create(page)
  const sid = created.json().sid as string
  const token = gateway.meta.renewToken(page.pageId)
  const answers = [
    created,
    await gateway.call('GET', `${PATH}/${sid}`),
    await gateway.call('GET', `${PATH}?Channel=messenger`),
    await gateway.call('POST', `${PATH}/${sid}`, { configuration: { page_access_token: page.token } }),
    await gateway.call('POST', `${PATH}/${sid}`, { configuration: { page_access_token: token } }),
  ]
  for (const { text } of answers) assert.doesNotMatch(text, /EAA|access_token/)
  // A column of bytes is shown in hex.
  const rows = JSON.stringify(await gateway.sql`select senders::text as row from senders`)
  for (const secret of [
    page.token,
    token,
    Buffer.from(page.token).toString('hex'),
    Buffer.from(token).toString('hex'),
  ]) {
    assert.equal(rows.includes(secret), false)
  }
})

test('a create is refused with a clear sentence, and nothing is kept', async () => {
  const page = newPage()
  const webhook = (settings: object) => create(page, {}, { webhook: settings })
  for (const url of ['callback_url', 'fallback_url', 'status_callback_url']) {
    for (const bad of [
      'hook',
      '//evil.example/',
      'ftp://example.com',
      'http://my_host.example/',
      'https://',
      'http://a b/',
      17,
      `https://example.com/${'x'.repeat(5000)}`,
    ]) {
      assertTwilioError(await webhook({ [url]: bad }), 400, 21402, new RegExp(url))
    }
  }
  for (const method of ['callback_method', 'fallback_method', 'status_callback_method']) {
    for (const bad of ['PUT', 'DELETE', 'x', 17, 'x'.repeat(17)]) {
      assertTwilioError(await webhook({ [method]: bad }), 400, 21403, new RegExp(method))
    }
  }
  for (const senderId of ['', 'messenger:', 'messenger:ada', page.pageId, `whatsapp:${page.pageId}`, 'messenger:1\0']) {
    const body = { sender_id: senderId, configuration: { page_access_token: page.token } }
    assertTwilioError(await gateway.call('POST', PATH, body), 400, 20422, /sender_id/)
  }
  for (const configuration of [
    { page_access_token: '' },
    { page_access_token: 17 },
    { page_access_token: 'with space' },
    { page_access_token: 'new\nline' },
    { page_access_token: 'x'.repeat(4097) },
    { meta_app_id: '1' },
    { outside_window: 'always' },
    { unique_name: 'x'.repeat(257) },
    { unique_name: 'nul\0' },
    { unique_name: '\ud83e' },
    { opt_out: { stop_text: ' ' } },
    { opt_out: { stop_text: 'half a pair \udd89' } },
    { opt_out: { stop_keywords: 'STOP' } },
  ]) {
    assertTwilioError(await create(page, configuration), 400, 20422)
  }
  const always = await create(page, { outside_window: 'always' })
  assertTwilioError(always, 400, 20422, /outside_window: expected account_update, human_agent, refuse$/)
  assertTwilioError(await gateway.call('POST', PATH, { sender_id: `messenger:${page.pageId}` }), 400, 20422)
  assert.equal(gateway.meta.subscribedFields(page.pageId), undefined)
  assert.equal((await create(page)).status, 202, 'nothing of the refused ones is in the way')
})

test("a token that Meta refuses is a 400 with Meta's own words, and nothing is kept", async () => {
  const page = newPage()
  const refused = await create({ ...page, token: 'EAAwrongwrongwrong' })
  assertTwilioError(refused, 400, 20422, /could not be connected: .*Error validating access token/)
  assert.doesNotMatch(refused.text, /EAAwrong/)
  const ofAnother = await create({ ...page, token: newPage().token })
  assertTwilioError(ofAnother, 400, 20422)
  const { text } = await gateway.call('GET', `${PATH}?Channel=messenger&PageSize=1000`)
  assert.equal(text.includes(page.pageId), false)
})

test('a Page has one sender: a second create, and one by another account, are conflicts', async () => {
  const page = newPage()
  assert.equal((await create(page, { unique_name: 'the only one' })).status, 202)
  assertTwilioError(await create(page), 409, 20409, /connected already/)
  const refused = newPage()
  assertTwilioError(await create(refused, { unique_name: 'the only one' }), 409, 20409, /unique_name/)
  assert.equal(gateway.meta.subscribedFields(refused.pageId), undefined, 'no subscription is left behind at Meta')

  const other = { sid: newAccountSid(), authToken: newAuthToken() }
  const vault = createVault('the secret key of all test gateways')
  await saveAccount(gateway.sql, vault, { ...other, friendlyName: 'Another account' })
  const body = { sender_id: `messenger:${page.pageId}`, configuration: { page_access_token: page.token } }
  const theirs = await gateway.call('POST', PATH, body, `${other.sid}:${other.authToken}`)
  assertTwilioError(theirs, 409, 20409, /another account/)
  assert.doesNotMatch(theirs.text, new RegExp(gateway.account.sid))
  const free = newPage()
  const both = await Promise.all([
    create(free),
    gateway.call(
      'POST',
      PATH,
      { ...body, sender_id: `messenger:${free.pageId}`, configuration: { page_access_token: free.token } },
      `${other.sid}:${other.authToken}`,
    ),
  ])
  assert.deepEqual(both.map((answer) => answer.status).toSorted(), [202, 409])
})

test('an update changes what it names and leaves the rest; what identifies the Page never changes', async () => {
  const page = newPage()
  const webhook = { callback_url: 'https://example.com/in', callback_method: 'get', status_callback_url: '/bins/x' }
  const created = (await create(page, { unique_name: 'before' }, { webhook })).json() as SenderJson & { sid: string }
  assert.equal(created.webhook.callback_method, 'GET')

  const updated = await gateway.call('POST', `${PATH}/${created.sid}`, {
    sender_id: 'messenger:999999',
    configuration: { outside_window: 'refuse', unique_name: null },
    webhook: { callback_url: '', fallback_url: 'https://user:secret@example.com/f#rc=1' },
    profile: { name: 'Another name' },
    unheard: 'of',
  })

  assert.equal(updated.status, 202, updated.text)
  assert.deepEqual(updated.json(), {
    ...created,
    configuration: { ...created.configuration, outside_window: 'refuse', unique_name: null },
    webhook: { ...created.webhook, callback_url: null, fallback_url: 'https://user:secret@example.com/f#rc=1' },
  })
  const same = await gateway.call('POST', `${PATH}/${created.sid}`, { configuration: null, webhook: null })
  assert.deepEqual(same.json(), updated.json())
  assertDescribed(
    'twilio_messaging_v2',
    `POST ${OF_TWILIO}/{Sid}`,
    await gateway.call('POST', `${PATH}/${created.sid}`, { webhook: { callback_method: 'POST' } }),
    ALLOWED,
  )
  for (const [body, code] of [
    [{ webhook: { callback_url: 'x' } }, 21402],
    [{ webhook: { callback_method: 'PUT' } }, 21403],
    [{ configuration: { meta_app_id: '1' } }, 20422],
    [{ configuration: { page_access_token: 'EAAwrong' } }, 20422],
  ] as const) {
    assertTwilioError(await gateway.call('POST', `${PATH}/${created.sid}`, body), 400, code)
  }
  assert.equal(((await gateway.call('GET', `${PATH}/${created.sid}`)).json() as SenderJson).status, 'ONLINE')
})

test('a deleted sender is unsubscribed at Meta and gone, and its Page can be connected again', async () => {
  const page = newPage()
  const sid = (await create(page)).json().sid as string
  const deleted = await gateway.call('DELETE', `${PATH}/${sid}`)
  assert.deepEqual([deleted.status, deleted.text], [204, ''])
  assert.equal(gateway.meta.subscribedFields(page.pageId), undefined)
  for (const method of ['GET', 'POST', 'DELETE']) {
    const answer = await gateway.call(method, `${PATH}/${sid}`, method === 'POST' ? {} : undefined)
    assertTwilioError(answer, 404, 20404, new RegExp(`${PATH}/${sid}`))
  }
  assert.equal((await create(page)).status, 202)
})

test('a Page whose token has died goes OFFLINE with the reason; with a new one its waiting messages go out', async () => {
  const page = newPage()
  const sid = (await create(page, {}, { webhook: { status_callback_url: `${customer.url}/status` } })).json()
    .sid as string
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const newToken = gateway.meta.renewToken(page.pageId)
  const message = (
    await gateway.create({ From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'patience' })
  ).json()

  const offline = await eventually('the sender to be OFFLINE', async () => {
    const fetched = await gateway.call('GET', `${PATH}/${sid}`)
    return fetched.json().status === 'OFFLINE' && fetched
  })
  assertDescribed('twilio_messaging_v2', `GET ${OF_TWILIO}/{Sid}`, offline, ALLOWED)
  const [reason] = (offline.json() as SenderJson).offline_reasons ?? []
  assert.deepEqual([reason?.code, reason?.more_info], ['63001', 'https://www.twilio.com/docs/errors/63001'])
  assert.match(reason?.message ?? '', /connect the Page again/)
  const [alert] = await gateway.client.monitor.v1.alerts.list({ limit: 1 })
  assert.deepEqual([alert?.errorCode, alert?.resourceSid], ['63001', message.sid])
  assert.doesNotMatch(JSON.stringify(alert), /EAA/)

  const reconnected = await gateway.call('POST', `${PATH}/${sid}`, { configuration: { page_access_token: newToken } })

  const { status, offline_reasons } = reconnected.json() as SenderJson
  assert.deepEqual([status, offline_reasons], ['ONLINE', null])
  const report = await customer.next((request) => request.path === '/status')
  assert.deepEqual([report.params.MessageSid, report.params.MessageStatus], [message.sid, 'sent'])
  assert.deepEqual(
    gateway.meta.sendsTo(psid).map((send) => send.body.message.text),
    ['patience'],
  )
})

test('a Page that is let go and connected again goes on at once with the messages that waited for it', async () => {
  const page = newPage()
  const path = `${PATH}/${(await create(page)).json().sid}`
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
  const token = gateway.meta.renewToken(page.pageId)
  await gateway.create({ From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'patience' })
  await eventually('OFFLINE', async () => (await gateway.call('GET', path)).json().status === 'OFFLINE')
  assert.equal((await gateway.call('DELETE', path)).status, 204)
  assert.equal((await create({ ...page, token })).status, 202)
  const [send] = await eventually('the send', () => gateway.meta.sendsTo(psid).length > 0 && gateway.meta.sendsTo(psid))
  assert.equal(send?.body.message.text, 'patience')
})
