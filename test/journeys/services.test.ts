import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'

let gateway: MetaGateway
let customer: CustomerServer

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

type ServiceOptions = Parameters<MetaGateway['client']['messaging']['v1']['services']['create']>[0]

/** A service with so many Pages of its own. */
async function newService(pageCount: number, options: Partial<ServiceOptions> = {}) {
  const { services } = gateway.client.messaging.v1
  const { sid } = await services.create({ friendlyName: 'bakeries', ...options })
  const pages: ConnectedPage[] = []
  for (let nth = 0; nth < pageCount; nth += 1) {
    const page = await gateway.connectPage({
      webhook: { callback_url: `${customer.url}/page`, status_callback_url: `${customer.url}/page-status` },
    })
    await services(sid).channelSenders.create({ sid: page.sid })
    pages.push(page)
  }
  return { sid, pages }
}

async function newWriter(page: ConnectedPage | undefined): Promise<string> {
  const psid = gateway.newPerson()
  await gateway.says(psid, page?.pageId ?? '', 'hi')
  return psid
}

const to = (psid: string, more: object = {}) => ({ to: `messenger:${psid}`, body: 'fresh bread', ...more })

const at = (path: string, sid?: string) => (request: { path: string; params: Record<string, string> }) =>
  request.path === path && (sid === undefined || request.params.MessageSid === sid)

test('a message through a service is accepted, queued and sent by the Page that the person knows', async () => {
  const { sid, pages } = await newService(3, { statusCallback: `${customer.url}/status?of=service` })
  const psid = await newWriter(pages[1])

  const message = await gateway.client.messages.create(to(psid, { messagingServiceSid: sid }))

  assert.deepEqual(
    [message.status, message.messagingServiceSid, message.from],
    ['accepted', sid, `messenger:${pages[1]?.pageId}`],
  )
  for (const status of ['queued', 'sent']) {
    const { params, signatureIsValid } = await customer.next(at('/status?of=service', message.sid))
    assert.deepEqual([params.MessageStatus, params.MessagingServiceSid], [status, sid])
    assert.ok(signatureIsValid(gateway.account.authToken))
  }
  const [send] = gateway.meta.sendsTo(psid)
  assert.deepEqual([send?.pageId, send?.body.message.text], [pages[1]?.pageId, 'fresh bread'])
  const fetched = await gateway.client.messages(message.sid).fetch()
  assert.deepEqual([fetched.status, fetched.messagingServiceSid], ['sent', sid])
})

test('a service may be named as From, beside a Page of its own, and beside a Page of no pool', async () => {
  const { sid, pages } = await newService(1)
  const alone = await gateway.connectPage()
  const psid = await newWriter(pages[0])
  const other = await newWriter(alone)
  const { messages } = gateway.client

  assert.equal((await messages.create(to(psid, { from: sid }))).messagingServiceSid, sid)
  const both = { messagingServiceSid: sid, from: `messenger:${pages[0]?.pageId}` }
  assert.equal((await messages.create(to(psid, both))).status, 'accepted')
  const outside = { messagingServiceSid: sid, from: `messenger:${alone.pageId}` }
  assert.equal((await messages.create(to(other, outside))).messagingServiceSid, sid)
  await eventually('all to be sent', () => gateway.meta.sendsTo(psid).length === 2)
})

test('the status callback of a message goes to the message, else its service, else its Page', async () => {
  const withCallback = await newService(1, { statusCallback: `${customer.url}/service-status` })
  const without = await newService(1)
  const { messages } = gateway.client
  const [first, second] = [await newWriter(withCallback.pages[0]), await newWriter(without.pages[0])]

  const own = { messagingServiceSid: withCallback.sid, statusCallback: `${customer.url}/own-status` }
  const told: [string, string][] = [
    ['/own-status', (await messages.create(to(first, own))).sid],
    ['/service-status', (await messages.create(to(first, { messagingServiceSid: withCallback.sid }))).sid],
    ['/page-status', (await messages.create(to(second, { messagingServiceSid: without.sid }))).sid],
  ]

  for (const [path, sid] of told) {
    for (const status of ['queued', 'sent']) {
      assert.equal((await customer.next(at(path, sid))).params.MessageStatus, status)
    }
  }
})

test('no sender, no fitting sender, another pool and an unknown service are refused, and nothing is kept', async () => {
  const [empty, service, other] = [await newService(0), await newService(2), await newService(1)]
  const psid = await newWriter(other.pages[0])
  const create = (parameters: Record<string, string>) =>
    gateway.create({ To: `messenger:${psid}`, Body: 'hello', ...parameters })

  assertTwilioError(await create({ MessagingServiceSid: empty.sid }), 400, 21704)
  assertTwilioError(await create({ MessagingServiceSid: service.sid }), 400, 21703, new RegExp(psid))
  const foreign = { MessagingServiceSid: service.sid, From: `messenger:${other.pages[0]?.pageId}` }
  assertTwilioError(await create(foreign), 400, 21712)
  for (const unknown of [`MG${'0'.repeat(32)}`, 'MG1', `XE${'0'.repeat(32)}`]) {
    assertTwilioError(await create({ MessagingServiceSid: unknown }), 404, 21701)
  }
  assertTwilioError(await create({ MessagingServiceSid: service.sid, From: 'messenger:99999999' }), 400, 63007)
  await gateway.says(psid, other.pages[0]?.pageId ?? '', 'STOP')
  assertTwilioError(await create({ MessagingServiceSid: other.sid }), 400, 21610)
  assert.deepEqual((await gateway.client.messages.list({ to: `messenger:${psid}` })).filter(isApi), [])
})

const isApi = ({ direction }: { direction: string }) => direction === 'outbound-api'

test("a service's validity period counts where the message says none", async () => {
  const { sid, pages } = await newService(1, { validityPeriod: 77 })
  const psid = await newWriter(pages[0])
  for (const [given, expected] of [
    [{}, 77],
    [{ validityPeriod: 5000 }, 5000],
  ] as const) {
    const message = await gateway.client.messages.create(to(psid, { messagingServiceSid: sid, ...given }))
    const [row] = await gateway.sql<{ validitySeconds: number }[]>`
      select validity_seconds from messages where id = ${message.sid.slice(2)}::uuid`
    assert.equal(row?.validitySeconds, expected)
  }
})

test('what people write goes to the service, with its SID, and the answer goes through it', async () => {
  const { sid, pages } = await newService(1, {
    inboundRequestUrl: `${customer.url}/service?a=b`,
    inboundMethod: 'GET',
    statusCallback: `${customer.url}/reply-status`,
    validityPeriod: 99,
  })
  customer.answer('/service', { body: '<Response><Message>We are open</Message></Response>' })
  const psid = await newWriter(pages[0])

  const { method, params } = await customer.next((request) => request.params.From === `messenger:${psid}`)

  assert.deepEqual([method, params.MessagingServiceSid, params.a], ['GET', sid, 'b'])
  const report = await customer.next((request) => request.params.To === `messenger:${psid}`)
  assert.deepEqual(
    [report.path, report.params.MessageStatus, report.params.MessagingServiceSid],
    ['/reply-status', 'sent', sid],
  )
  const both = await gateway.client.messages.list({ from: `messenger:${pages[0]?.pageId}` })
  assert.deepEqual(
    both.map((message) => [message.direction, message.messagingServiceSid]),
    [['outbound-reply', sid]],
  )
})

test("a failing inbound URL of the service goes to the service's fallback, not to the Page's URLs", async () => {
  const { pages } = await newService(1, {
    inboundRequestUrl: `${customer.url}/broken`,
    fallbackUrl: `${customer.url}/service-fallback`,
    fallbackMethod: 'GET',
  })
  customer.answer('/broken', { status: 500 })
  const psid = await newWriter(pages[0])

  const fallback = await customer.next((request) => request.path.startsWith('/service-fallback'))

  assert.deepEqual(
    [fallback.method, fallback.params.From, fallback.params.ErrorCode],
    ['GET', `messenger:${psid}`, '11200'],
  )
  assert.ok(!customer.requests.some(({ path, params }) => path === '/page' && params.From === `messenger:${psid}`))
})

test('with use_inbound_webhook_on_number the Page is asked, and after the end of its service too', async () => {
  const { sid, pages } = await newService(1, {
    inboundRequestUrl: `${customer.url}/never`,
    useInboundWebhookOnNumber: true,
  })
  const psid = await newWriter(pages[0])
  const first = await customer.next((request) => request.params.From === `messenger:${psid}`)
  assert.deepEqual([first.path, first.params.MessagingServiceSid], ['/page', sid])

  await gateway.client.messaging.v1.services(sid).remove()
  await gateway.says(psid, pages[0]?.pageId ?? '', 'and now?')

  const second = await customer.next((request) => request.params.Body === 'and now?')
  assert.deepEqual([second.path, second.params.MessagingServiceSid], ['/page', undefined])
})

test('a service without an inbound URL keeps nothing of what people write, but they can be answered and opt out', async () => {
  const { sid, pages } = await newService(1)
  const psid = await newWriter(pages[0])
  const page = pages[0]?.pageId ?? ''

  assert.deepEqual(await gateway.client.messages.list({ from: `messenger:${psid}` }), [])
  const message = await gateway.client.messages.create(to(psid, { messagingServiceSid: sid }))
  await eventually('the message to be sent', async () => {
    return (await gateway.client.messages(message.sid).fetch()).status === 'sent'
  })
  await gateway.says(psid, page, 'stop')
  await eventually('the confirmation', () =>
    gateway.meta.sendsTo(psid).some(({ body }) => /no more messages/.test(body.message.text ?? '')),
  )
  assertTwilioError(
    await gateway.create({ To: `messenger:${psid}`, Body: 'bread', MessagingServiceSid: sid }),
    400,
    21610,
  )
  await gateway.says(psid, page, 'help')
  await eventually('the help text', () =>
    gateway.meta.sendsTo(psid).some(({ body }) => /^This is Page/.test(body.message.text ?? '')),
  )
  assert.ok(!customer.requests.some(({ params }) => params.From === `messenger:${psid}`))
})

test('an idempotency key holds for messages through a service too', async () => {
  const { sid, pages } = await newService(1)
  const psid = await newWriter(pages[0])
  const create = async () => {
    const response = await fetch(`${gateway.url}/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${btoa(`${gateway.account.sid}:${gateway.account.authToken}`)}`,
        'Idempotency-Key': psid,
      },
      body: new URLSearchParams({ To: `messenger:${psid}`, Body: 'once', MessagingServiceSid: sid }),
    })
    return (await response.json()) as { sid: string }
  }
  const [first, second] = [await create(), await create()]
  assert.equal(second.sid, first.sid)
  await eventually('the message to be sent', () => gateway.meta.sendsTo(psid).length > 0)
  assert.equal(gateway.meta.sendsTo(psid).length, 1)
})
