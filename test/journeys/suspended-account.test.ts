import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { accountWith, connectPageOf, createSubaccount, type TestAccount } from '../accounts.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { entryOf, postEntries } from '../meta-webhooks.ts'
import { assertTwilioError } from '../twilio-error.ts'

const SENDERS = '/messaging/v2/Channels/Senders'

let gateway: MetaGateway
let customer: CustomerServer
let account: TestAccount
let pageId: string

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  account = await createSubaccount(gateway)
  const webhook = { callback_url: `${customer.url}/in`, status_callback_url: `${customer.url}/status` }
  pageId = (await connectPageOf(gateway, account, webhook)).pageId
})
after(async () => {
  assert.deepEqual(gateway?.meta.violations, [])
  await gateway?.stop()
  await customer?.stop()
})

const become = (status: 'active' | 'suspended' | 'closed', sid = account.sid) =>
  gateway.client.api.v2010.accounts(sid).update({ status })

const create = (psid: string, body: string, more = {}) =>
  account.client.messages.create({ to: `messenger:${psid}`, from: `messenger:${pageId}`, body, ...more })

const statusOf = async (sid: string) => {
  const { status, errorCode } = await accountWith(gateway, account).client.messages(sid).fetch()
  return { status, errorCode }
}

/** Somebody who has just written, as the customer has heard. */
async function acquaintance(): Promise<string> {
  const psid = gateway.newPerson()
  await gateway.says(psid, pageId, 'hello')
  await customer.next((request) => request.params.From === `messenger:${psid}` && request.params.Body === 'hello')
  return psid
}

/** A message that waits because Meta wants it so, and then because its account is suspended. */
async function waitingMessage(psid: string, body: string, more = {}): Promise<string> {
  gateway.meta.answerNext(psid, { code: 2, message: 'later' })
  const { sid } = await create(psid, body, more)
  await eventually('the first try', () => gateway.meta.sendsTo(psid).length > 0)
  await eventually('the message to wait', async () => {
    const [lane] = await gateway.sql`select from lanes where kind = 'send-message' and lane like ${`%${psid}`}
      and node_id is null and due_at > clock_now()`
    return lane !== undefined
  })
  return sid
}

test('what was queued waits while the account is suspended, and is sent when it is back', async () => {
  const psid = await acquaintance()
  const sid = await waitingMessage(psid, 'patience')
  await become('suspended')
  assertTwilioError(await account.call('POST', `${account.path}/Messages.json`), 403, 20005)

  await gateway.hurry()
  await eventually('the message to be looked at', async () => {
    const [lane] = await gateway.sql<{ seconds: number }[]>`
      select extract(epoch from due_at - clock_now())::float8 as seconds from lanes
      where kind = 'send-message' and lane like ${`%${psid}`} and node_id is null`
    return lane && lane.seconds > 30
  })
  assert.equal(gateway.meta.sendsTo(psid).length, 1)

  await become('active')
  await eventually('the message to be sent', async () => (await statusOf(sid)).status === 'sent')
  assert.equal(gateway.meta.sendsTo(psid).length, 2)
  await customer.next((request) => request.params.MessageSid === sid && request.params.MessageStatus === 'sent')
})

test('a message whose validity ends while its account is suspended fails with 30002', async () => {
  const psid = await acquaintance()
  const sid = await waitingMessage(psid, 'too late', { validityPeriod: 3600 })
  await become('suspended')
  await gateway.sql`
    update messages set created_at = created_at - interval '2 hours' where account_sid = ${account.sid} and body = 'too late'`
  await gateway.hurry()
  await eventually('the message to fail', async () => {
    const [row] = await gateway.sql<{ status: string }[]>`
      select status from messages where account_sid = ${account.sid} and body = 'too late'`
    return row?.status === 'failed'
  })
  await become('active')
  assert.deepEqual(await statusOf(sid), { status: 'failed', errorCode: 30002 })
})

test('what people write to a suspended account is kept with the reason, and their STOP counts', async () => {
  const psid = await acquaintance()
  await become('suspended')
  await gateway.says(psid, pageId, 'anybody there?')
  await gateway.says(psid, pageId, 'STOP')
  const events = await gateway.sql<{ note: string }[]>`
    select note from events where account_sid = ${account.sid} and contact_address = ${psid} order by id desc limit 2`
  assert.deepEqual(
    events.map((event) => event.note),
    ['the account is not active', 'the account is not active'],
  )
  await become('active')

  assert.equal(gateway.meta.sendsTo(psid).length, 0)
  assert.equal(
    customer.requests.some((request) => request.params.Body === 'anybody there?'),
    false,
  )
  const messages = await account.client.messages.list({ from: `messenger:${psid}` })
  assert.deepEqual(
    messages.map((message) => message.body),
    ['hello'],
  )
  await assert.rejects(create(psid, 'x'), { code: 21610 })
  await gateway.says(psid, pageId, 'START')
  await customer.next((request) => request.params.Body === 'START')
  await create(psid, 'welcome back')
})

test('receipts of a suspended account count, and nobody is called', async () => {
  const psid = await acquaintance()
  const { sid } = await create(psid, 'soon delivered')
  await customer.next((request) => request.params.MessageSid === sid && request.params.MessageStatus === 'sent')
  await become('suspended')
  const delivery = { watermark: Date.now() + 1000 }
  await postEntries(
    gateway.url,
    entryOf(pageId, { sender: { id: psid }, recipient: { id: pageId }, timestamp: Date.now(), delivery }),
  )
  await eventually('the callback’s job to be done', async () => {
    const left = await gateway.sql`select from lanes where kind = 'report-status'`
    return left.length === 0
  })
  await become('active')
  assert.equal((await statusOf(sid)).status, 'delivered')
  assert.equal(
    customer.requests.some((request) => request.params.MessageStatus === 'delivered'),
    false,
  )
})

test('each account has 25 Pages of its own, and a Page belongs to one account at a time', async () => {
  const crowded = await createSubaccount(gateway)
  await Promise.all(Array.from({ length: 25 }, () => connectPageOf(gateway, crowded)))
  const newPage = (id: string, name = 'A Page') => ({
    sender_id: `messenger:${id}`,
    configuration: { page_access_token: gateway.meta.addPage(id, name) },
  })
  assertTwilioError(await crowded.call('POST', SENDERS, newPage(gateway.newPerson())), 400, 20422, /25 Pages/)
  const roomy = await createSubaccount(gateway)
  const { pageId: taken } = await connectPageOf(gateway, roomy)
  assertTwilioError(await account.call('POST', SENDERS, newPage(taken)), 409, 20409)
})

test('a closed account lets its Pages go, and what it had queued fails', async () => {
  const closing = await createSubaccount(gateway)
  const page = await connectPageOf(gateway, closing)
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hello')
  gateway.meta.answerNext(psid, { code: 2, message: 'later' })
  await closing.client.messages.create({ to: `messenger:${psid}`, from: `messenger:${page.pageId}`, body: 'never' })
  await eventually('the first try', () => gateway.meta.sendsTo(psid).length > 0)

  await become('closed', closing.sid)
  assert.equal(gateway.meta.subscribedFields(page.pageId), undefined)
  await eventually('the message to fail', async () => {
    await gateway.hurry()
    const [row] = await gateway.sql<{ errorCode: number | null }[]>`
      select error_code from messages where account_sid = ${closing.sid} and body = 'never'`
    return row?.errorCode === 30002
  })
  assert.equal(gateway.meta.sendsTo(psid).length, 1)

  const reconnected = await account.call('POST', SENDERS, {
    sender_id: `messenger:${page.pageId}`,
    configuration: { page_access_token: page.token },
  })
  assert.equal(reconnected.status, 202, reconnected.text)
})
