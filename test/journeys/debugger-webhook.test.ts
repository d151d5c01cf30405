import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connectPageOf, createSubaccount } from '../accounts.ts'
import { type CustomerServer, type Received, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { newChannelSender, newService } from '../services.ts'
import { assertTwilioError } from '../twilio-error.ts'

let gateway: MetaGateway
let customer: CustomerServer
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  page = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/in` } })
  customer.answer('/in', { status: 500, type: 'text/plain', body: 'out of order 🛠' })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

const pathOf = (accountSid: string) => `/2010-04-01/Accounts/${accountSid}/DebuggerWebhook.json`

const setWebhook = (accountSid: string, url: string) =>
  gateway.call('POST', pathOf(accountSid), new URLSearchParams({ CallbackUrl: url }))

/** Somebody writes to the Page, whose callback URL fails; answers the message's SID. */
async function failOn(text: string, pageId = page.pageId): Promise<string> {
  await gateway.says(gateway.newPerson(), pageId, text)
  return (await customer.next((request) => request.params.Body === text)).params.MessageSid as string
}

const alertsAbout = async (resourceSid: string, client = gateway.client) =>
  (await client.monitor.v1.alerts.list()).filter((alert) => alert.resourceSid === resourceSid)

const reportsOn = (path: string) => customer.requests.filter((request) => request.path === path)

const waitingReports = async () =>
  (
    await gateway.sql<{ id: string }[]>`
    select j.id from jobs j join lanes l on l.lane = j.lane where l.kind = 'report-alert'`
  ).length

const payloadOf = ({ params }: Received) => JSON.parse(params.Payload as string)

test('a debugger webhook is told of a new alert, in Twilio’s words and signed', async () => {
  const service = await newService(gateway, { UseInboundWebhookOnNumber: 'true' })
  const inService = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/in?page=2` } })
  await newChannelSender(gateway, service, inService.sid)
  assert.equal((await setWebhook(gateway.account.sid, `${customer.url}/debugger?team=a`)).status, 200)

  const messageSid = await failOn('help me', inService.pageId)
  const report = await customer.next(({ path }) => path === '/debugger?team=a')
  assert.equal(report.method, 'POST')
  assert.ok(report.signatureIsValid(gateway.account.authToken))
  const [alert] = await alertsAbout(messageSid)
  const { Payload, Timestamp, ...rest } = report.params
  assert.deepEqual(rest, {
    Sid: alert?.sid,
    AccountSid: gateway.account.sid,
    Level: 'ERROR',
    PayloadType: 'application/json',
  })
  assert.equal(new Date(Timestamp ?? '').toISOString(), Timestamp)
  const { webhook, ...about } = payloadOf(report)
  assert.deepEqual(about, {
    resource_sid: messageSid,
    service_sid: service.sid,
    error_code: '11200',
    more_info: {
      Msg: alert?.alertText,
      sourceComponent: '14100',
      ErrorCode: '11200',
      httpResponse: '500',
      url: `${customer.url}/in?page=2`,
      LogLevel: 'ERROR',
    },
  })
  assert.deepEqual(
    [webhook.type, webhook.request.url, webhook.request.method],
    ['application/json', alert?.requestUrl, 'POST'],
  )
  assert.equal(webhook.request.parameters.Body, 'help me')
  assert.match(webhook.request.headers['User-Agent'], /Twilio/)
  assert.deepEqual([webhook.response.status_code, webhook.response.body], [500, 'out of order 🛠'])
  assert.equal(webhook.response.headers['content-type'], 'text/plain')
  assert.equal(alert?.serviceSid, service.sid)
})

test('a report that fails is tried again, then leaves an alert of which nobody is told', async () => {
  await setWebhook(gateway.account.sid, `${customer.url}/broken`)
  customer.answer('/broken', { status: 503 })
  const messageSid = await failOn('again and again')
  const tokens = new Set<unknown>()
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const { headers } = await customer.next(({ path }) => path === '/broken')
    tokens.add(headers['i-twilio-idempotency-token'])
    await eventually('the next try or the end', async () => {
      if (attempt === 5) return (await waitingReports()) === 0
      const due = await gateway.sql`
        update lanes set due_at = now() where kind = 'report-alert' and node_id is null and due_at > now() returning lane`
      return due.length > 0
    })
  }
  assert.equal(tokens.size, 1)
  const [alert] = await alertsAbout(messageSid)
  const [ofReport] = await alertsAbout(alert?.sid ?? '')
  assert.equal(ofReport?.errorCode, '11200')
  assert.equal(ofReport?.requestUrl, `${customer.url}/broken`)
  assert.equal(await waitingReports(), 0)
  assert.equal(reportsOn('/broken').length, 6)
})

test('a webhook on the very server that is down does not go round in circles', async () => {
  await setWebhook(gateway.account.sid, `${customer.url}/in/debugger#rc=0`)
  customer.answer('/in/debugger', { status: 500 })
  const messageSid = await failOn('everything is down')
  await customer.next(({ path }) => path === '/in/debugger')
  const ofReport = await eventually('the alert of the report', async () => {
    const [alert] = await alertsAbout(messageSid)
    return alert && (await alertsAbout(alert.sid))[0]
  })
  assert.equal(ofReport.logLevel, 'error')
  assert.equal(await waitingReports(), 0)
  assert.equal(reportsOn('/in/debugger').length, 1)
})

test('a subaccount without a webhook is told of to its parent’s, with one of its own to that', async () => {
  const account = await createSubaccount(gateway)
  const { pageId } = await connectPageOf(gateway, account, { callback_url: `${customer.url}/in` })
  await setWebhook(gateway.account.sid, `${customer.url}/parent`)
  const first = await failOn('to the parent', pageId)
  const atParent = await customer.next(({ path }) => path === '/parent')
  assert.ok(atParent.signatureIsValid(gateway.account.authToken))
  assert.deepEqual(
    [atParent.params.AccountSid, atParent.params.ParentAccountSid, payloadOf(atParent).resource_sid],
    [account.sid, gateway.account.sid, first],
  )

  assert.equal((await setWebhook(account.sid, `${customer.url}/own`)).status, 200)
  const second = await failOn('to the own', pageId)
  const atOwn = await customer.next(({ path }) => path === '/own')
  assert.ok(atOwn.signatureIsValid(account.authToken))
  assert.deepEqual([atOwn.params.ParentAccountSid, payloadOf(atOwn).resource_sid], [gateway.account.sid, second])
  assert.equal(reportsOn('/parent').length, 1)
})

test('the webhook can be read, set and cleared, by its account and its parent alone', async () => {
  const account = await createSubaccount(gateway)
  const other = await createSubaccount(gateway)
  const path = pathOf(account.sid)
  const none = await account.call('GET', path)
  assert.deepEqual(none.json(), { account_sid: account.sid, callback_url: null, uri: path })

  const set = await account.call('POST', path, new URLSearchParams({ CallbackUrl: '/bins/welcome' }))
  assert.deepEqual(set.json(), { account_sid: account.sid, callback_url: '/bins/welcome', uri: path })
  assert.deepEqual((await gateway.call('GET', path)).json(), set.json())
  assertTwilioError(await other.call('GET', path), 401, 20003)
  assertTwilioError(await account.call('POST', path, new URLSearchParams({ CallbackUrl: 'mailto:me' })), 400, 21402)
  assertTwilioError(await account.call('POST', path, new URLSearchParams()), 400, 20422, /CallbackUrl/)
  assert.equal((await setWebhook(account.sid, '')).json().callback_url, null)

  await setWebhook(gateway.account.sid, '')
  const before = customer.requests.length
  const messageSid = await failOn('nobody is told')
  await eventually('the alert', async () => (await alertsAbout(messageSid))[0])
  assert.equal(await waitingReports(), 0)
  assert.equal(customer.requests.length, before + 1)
})
