import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const PATH = '/monitor/v1/Alerts'

type AlertList = { alerts: { sid: string }[]; meta: Record<string, string | number | null> }

let gateway: MetaGateway
let customer: CustomerServer
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  page = await gateway.connectPage({
    webhook: { callback_url: `${customer.url.replace('http://', 'http://user:pass@')}/in?key=1#rc=0` },
  })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

const alerts = () => gateway.client.monitor.v1.alerts
const read = async (path: string) => (await gateway.call('GET', path)).json() as AlertList

/** The customer's server fails on a message; answers the alert and the message's sid. */
async function failOn(text: string, answer: Parameters<CustomerServer['answer']>[1]) {
  customer.answer('/in', answer)
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, text)
  const { MessageSid = '' } = (await customer.next((request) => request.params.Body === text)).params
  const alert = await eventually('the alert', async () =>
    (await alerts().list()).find((each) => each.resourceSid === MessageSid),
  )
  return { alert, sid: MessageSid }
}

test('an alert says what was asked, what came back and what was wrong, and no secret', async () => {
  const { alert, sid } = await failOn('break', { status: 500, type: 'text/plain', body: 'out of order 🛠' })

  const fetched = await gateway.call('GET', `${PATH}/${alert.sid}`)
  assertDescribed('twilio_monitor_v1', 'GET /v1/Alerts/{Sid}', fetched)
  const { url, date_created, date_generated, date_updated, ...rest } = fetched.json() as Record<string, string>
  assert.match(url ?? '', new RegExp(`^http://localhost:\\d+${PATH}/${alert.sid}$`))
  assert.deepEqual([date_generated, date_updated], [date_created, date_created])
  const { request_variables, request_headers, response_headers, alert_text, ...plain } = rest
  assert.deepEqual(plain, {
    account_sid: gateway.account.sid,
    api_version: '2010-04-01',
    error_code: '11200',
    log_level: 'error',
    more_info: 'https://www.twilio.com/docs/errors/11200',
    request_method: 'POST',
    request_url: `${customer.url}/in?key=1`,
    resource_sid: sid,
    response_body: 'out of order 🛠',
    service_sid: null,
    sid: alert.sid,
  })
  assert.match(alert_text ?? '', /answered with status 500/)
  assert.equal(new URLSearchParams(request_variables).get('Body'), 'break')
  assert.equal(new URLSearchParams(request_headers).get('Authorization'), 'Basic ***')
  assert.equal(new URLSearchParams(response_headers).get('content-type'), 'text/plain')
  for (const secret of [gateway.account.authToken, page.token, 'user:pass', btoa('user:pass')]) {
    assert.equal(fetched.text.includes(secret), false, secret)
  }
})

test('a list is filtered by level and date, and pages lead forward and back', async () => {
  const { alert: warning } = await failOn('warn', { body: '<Response><Dial>1</Dial></Response>' })
  assert.deepEqual([warning.logLevel, warning.errorCode], ['warning', '14110'])
  await failOn('break again', { status: 404 })
  const whole = await gateway.call('GET', PATH)
  assertDescribed('twilio_monitor_v1', 'GET /v1/Alerts', whole)
  const { alerts: all, meta } = whole.json() as AlertList
  assert.deepEqual([all.length, meta.key, meta.page_size, meta.next_page_url], [3, 'alerts', 50, null])
  assert.equal(all[1]?.sid, warning.sid)

  const sids = (found: { sid: string }[]) => found.map((each) => each.sid)
  assert.deepEqual(sids(await alerts().list({ logLevel: 'warning' })), [warning.sid])
  assert.deepEqual(sids(await alerts().list({ logLevel: 'debug' })), [])
  const day = (ago: number) => new Date(Date.now() - ago * 24 * 3_600_000).toISOString().slice(0, 10)
  await gateway.sql`update alerts set created_at = ${`${day(9)}T03:04:05.6Z`}::timestamptz where code = 14110`
  assert.deepEqual(sids((await read(`${PATH}?StartDate=${day(9)}&EndDate=${day(9)}`)).alerts), [warning.sid])
  assert.deepEqual(sids(await alerts().list({ endDate: new Date(`${day(9)}T03:04:05Z`) })), [warning.sid])
  assert.deepEqual(sids((await read(`${PATH}?EndDate=${day(10)}`)).alerts), [])
  assert.equal((await read(`${PATH}?StartDate=${day(8)}`)).alerts.length, 2)

  const local = (url: unknown) => String(url).replace(/^http:\/\/localhost:\d+/, '')
  const first = await read(`${PATH}?PageSize=2`)
  assert.match(
    String(first.meta.next_page_url),
    /^http:\/\/localhost:\d+\/monitor\/v1\/Alerts\?PageSize=2&Page=1&PageToken=PANO/,
  )
  const second = await read(local(first.meta.next_page_url))
  assert.deepEqual([...sids(first.alerts), ...sids(second.alerts)], sids(all))
  const back = await read(local(second.meta.previous_page_url))
  assert.deepEqual([sids(back.alerts), back.meta.previous_page_url], [sids(first.alerts), null])
  assert.deepEqual(sids(await alerts().list({ pageSize: 1 })), sids(all))
})

test('an alert is kept for 30 days', async () => {
  const { alert } = await failOn('long ago', { status: 500 })
  const age = (text: string) => gateway.sql`
    update alerts set created_at = clock_now() - ${text}::interval
    where id = ${alert.sid.slice(2).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}::uuid`
  const listed = async () => (await read(PATH)).alerts.some(({ sid }) => sid === alert.sid)
  await age('29 days 23 hours')
  assert.deepEqual([await listed(), (await gateway.call('GET', `${PATH}/${alert.sid}`)).status], [true, 200])
  await age('30 days 1 minute')
  assert.equal(await listed(), false)
  assertTwilioError(await gateway.call('GET', `${PATH}/${alert.sid}`), 404, 20404)
})

test('what a list cannot be asked is refused', async () => {
  assertTwilioError(await gateway.call('GET', `${PATH}?LogLevel=loud`), 400, 20422, /LogLevel/)
  assertTwilioError(await gateway.call('GET', `${PATH}?StartDate=soon`), 400, 20422, /StartDate/)
  assertTwilioError(await gateway.call('GET', `${PATH}?EndDate=%00`), 400, 20422, /EndDate/)
  assertTwilioError(await gateway.call('GET', `${PATH}?PageSize=1001`), 400, 20007)
  assertTwilioError(await gateway.call('GET', `${PATH}?PageToken=PASM${'0'.repeat(32)}`), 400, 21481)
  assertTwilioError(await gateway.call('GET', `${PATH}/NO${'0'.repeat(32)}`), 404, 20404)
  assertTwilioError(await gateway.call('DELETE', `${PATH}/NO${'0'.repeat(32)}`), 405, 20004)
})
