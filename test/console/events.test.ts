import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { EventPage, EventRow } from '../../src/console/contract/events.ts'
import type { MessageDetail } from '../../src/console/contract/messages.ts'
import { connectPageOf, createSubaccount, type TestAccount } from '../accounts.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { entryOf, fromPerson, postEntries } from '../meta-webhooks.ts'
import { joinAs, signIn, type Visitor, WITH_ADMIN } from './visitor.ts'

let gateway: MetaGateway
let customer: CustomerServer
let owner: Visitor

before(async () => {
  gateway = await startMetaGateway(WITH_ADMIN)
  customer = await startCustomerServer()
  owner = await signIn(gateway)
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

async function eventsOf(query = '', accountSid: string = gateway.account.sid): Promise<EventRow[]> {
  const { status, json } = await owner.call('GET', `/accounts/${accountSid}/events${query}`)
  assert.equal(status, 200, JSON.stringify(json))
  return (json as EventPage).items
}

const replay = (id: string, visitor = owner, accountSid: string = gateway.account.sid) =>
  visitor.call('POST', `/accounts/${accountSid}/events/${id}/replay`, {})

/** A subaccount's own connection of a Page that wrote before anybody had connected it. */
async function connectLater(account: Pick<TestAccount, 'call'>, pageId: string): Promise<void> {
  const connected = await account.call('POST', '/messaging/v2/Channels/Senders', {
    sender_id: `messenger:${pageId}`,
    configuration: { page_access_token: gateway.meta.addPage(pageId, 'Late Page') },
    webhook: { callback_url: `${customer.url}/late` },
  })
  assert.equal(connected.status, 202, connected.text)
}

test('what made no message is listed with the reason, newest first, and says why it cannot be replayed', async () => {
  const { pageId, sid } = await gateway.connectPage()
  const [ada, bea] = [gateway.newPerson(), gateway.newPerson()]
  const item = (psid: string, event: object) => fromPerson(pageId, psid, event as Record<string, unknown>)
  await postEntries(
    gateway.url,
    entryOf(
      pageId,
      item(ada, { reaction: { mid: 'm_1', action: 'react', emoji: '❤' } }),
      item(bea, { optin: { type: 'notification_messages', payload: 'news' } }),
      item(ada, { something_new: { a: 1 } }),
    ),
    { ...entryOf(pageId), messaging: [], standby: [item(ada, { message: { mid: 'm_2', text: 'to the other app' } })] },
  )
  await gateway.says(ada, pageId, 'this one is a message')

  const all = await eventsOf()
  assert.deepEqual(
    all.map(({ kind, note, senderSid }) => [kind, note, senderSid]),
    [
      ['message', 'standby: another app holds the conversation', sid],
      ['something_new', 'something_new: kept, not forwarded', sid],
      ['optin', 'Opt-in: kept, not forwarded', sid],
      ['reaction', 'Reaction: kept, not forwarded', sid],
    ],
  )
  assert.match(JSON.stringify(all[3]?.raw), /"emoji":"❤"/)
  assert.deepEqual(
    (await eventsOf(`?sender=${sid}&person=${bea}`)).map(({ kind }) => kind),
    ['optin'],
  )
  for (const { id, obstacle } of all) {
    assert.ok(obstacle)
    const refused = await replay(id)
    assert.deepEqual([refused.status, refused.json.error], [409, obstacle])
  }
  assert.equal((await replay('01a203d8-2170-76ef-ab36-dd99a89dcf57')).status, 404)
})

test('what a person wrote before the Page was connected becomes a message on request, once, and its callback is made', async () => {
  const [pageId, psid] = [gateway.newPerson(), gateway.newPerson()]
  customer.answer('/late', { body: '<Response/>' })
  await gateway.says(psid, pageId, 'is anybody there?', Date.now() - 60_000)
  const [stray] = await eventsOf()
  assert.deepEqual([stray?.note, stray?.isStray], ['no account holds this sender', true])
  assert.match(stray?.obstacle ?? '', /Connect the Page first/)
  const id = stray?.id ?? ''

  await connectLater(gateway, pageId)
  assert.equal((await eventsOf())[0]?.obstacle, null)
  const reader = await joinAs(gateway, owner, gateway.account.sid, 'support')
  assert.equal((await replay(id, reader)).status, 403)
  const answers = await Promise.all([replay(id), replay(id)])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  )
  assert.equal(answers[0]?.json.madeSid, answers[1]?.json.madeSid)
  assert.equal((await replay(id)).json.madeSid, answers[0]?.json.madeSid)
  const { params } = await customer.next(({ path }) => path === '/late')
  assert.deepEqual([params.Body, params.MessageSid], ['is anybody there?', answers[0]?.json.madeSid])
  const [{ count } = { count: '' }] = await gateway.sql<{ count: string }[]>`
    select count(*) from messages where body = 'is anybody there?'`
  assert.equal(count, '1')

  const { json } = await owner.call('GET', `/accounts/${gateway.account.sid}/messages/${params.MessageSid}`)
  const [webhook] = (json as MessageDetail).steps
  assert.deepEqual([webhook?.event?.isReplay, webhook?.event?.note], [true, null])
  assert.match(JSON.stringify(webhook?.event?.raw), /is anybody there/)
  const [after] = await eventsOf()
  assert.deepEqual([after?.replayed?.by, after?.replayed?.madeSid], ['admin@localhost', params.MessageSid])
  // Its content is in one place, from which it goes when the message does.
  assert.doesNotMatch(JSON.stringify(after?.raw), /anybody/)
})

test('a keyword is not made to count later', async () => {
  const [pageId, psid] = [gateway.newPerson(), gateway.newPerson()]
  await gateway.says(psid, pageId, 'STOP')
  await connectLater(gateway, pageId)
  const [stray] = await eventsOf()
  assert.match(stray?.obstacle ?? '', /STOP, START and HELP/)
  assert.equal((await replay(stray?.id ?? '')).status, 409)
})

test('an account sees what came for its own Pages, and no other does anything with it', async () => {
  const subaccount = await createSubaccount(gateway)
  const { pageId } = await connectPageOf(gateway, subaccount)
  const psid = gateway.newPerson()
  await postEntries(
    gateway.url,
    entryOf(pageId, fromPerson(pageId, psid, { reaction: { mid: 'm_3', action: 'react' } })),
  )
  assert.deepEqual(
    (await eventsOf('', subaccount.sid)).map(({ kind }) => kind),
    ['reaction'],
  )
  assert.ok((await eventsOf()).every(({ page }) => page !== pageId))

  // Of a Page that nobody held, whoever holds it now and whoever runs the installation; only the holder may use it.
  const late = gateway.newPerson()
  await gateway.says(psid, late, 'too early')
  assert.deepEqual(await eventsOf('', subaccount.sid).then((rows) => rows.map(({ page }) => page)), [pageId])
  await connectLater(subaccount, late)
  const [mine] = await eventsOf('', subaccount.sid)
  const [theirs] = await eventsOf()
  assert.deepEqual([mine?.page, mine?.obstacle], [late, null])
  assert.deepEqual([theirs?.id, theirs?.obstacle], [mine?.id, 'Another account holds this Page'])
  assert.equal((await replay(mine?.id ?? '')).status, 409)

  // The account of an app could have made such an event up.
  await gateway.sql`
    insert into provider_apps (account_sid, app_id, app_secret, verify_token, name)
    values (${gateway.account.sid}, '55555', '', '', 'Another app')`
  const refused = await replay(mine?.id ?? '', owner, subaccount.sid)
  assert.deepEqual([refused.status, /the Meta app of another account/.test(refused.json.error)], [409, true])
  await gateway.sql`delete from provider_apps`
  assert.equal((await replay(mine?.id ?? '', owner, subaccount.sid)).status, 200)
})
