import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { EVENTS } from '../../src/api/audit.ts'
import { accountWith, clientWith, connectPageOf, createSubaccount, type TestAccount } from '../accounts.ts'
import { signIn, WITH_ADMIN } from '../console/visitor.ts'
import { eventually } from '../eventually.ts'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { newOptOut, newService } from '../services.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const PATH = '/monitor/v1/Events'

type EventJson = {
  sid: string
  actor_sid: string
  actor_type: string
  event_type: string
  event_data: Record<string, { previous: unknown; updated: unknown }> | null
  resource_sid: string
  source: string
  source_ip_address: string
  links: Record<string, string>
}

let gateway: MetaGateway
let main: TestAccount

before(async () => {
  gateway = await startMetaGateway(WITH_ADMIN)
  main = accountWith(gateway, gateway.account)
})
after(() => gateway?.stop())

const form = (fields: Record<string, string>) => new URLSearchParams(fields)

/** Oldest first. */
async function trailOf(account: TestAccount, query = ''): Promise<EventJson[]> {
  const listed = await account.call('GET', `${PATH}?PageSize=1000${query}`)
  assertDescribed('twilio_monitor_v1', 'GET /v1/Events', listed)
  return (listed.json().events as EventJson[]).reverse()
}

const typesOf = (trail: EventJson[]) => trail.map((event) => event.event_type)

test('what the API changes is in the trail: who, from where, what it was and what it became', async () => {
  const account = await createSubaccount(gateway)
  const applications = account.client.applications
  const { sid } = await applications.create({ friendlyName: 'Old', smsUrl: 'https://me:secret@app.example/in' })
  await applications(sid).update({ friendlyName: 'New', smsMethod: 'GET' })
  await applications(sid).remove()

  const trail = await trailOf(account)
  assert.deepEqual(typesOf(trail), ['application.created', 'application.updated', 'application.deleted'])
  const [created, updated, deleted] = trail as [EventJson, EventJson, EventJson]
  assert.deepEqual(created.event_data?.friendly_name, { previous: null, updated: 'Old' })
  assert.deepEqual(created.event_data?.sms_url, { previous: null, updated: 'https://***@app.example/in' })
  assert.deepEqual(deleted.event_data?.friendly_name, { previous: 'New', updated: null })

  const fetched = await account.call('GET', `${PATH}/${updated.sid}`)
  assertDescribed('twilio_monitor_v1', 'GET /v1/Events/{Sid}', fetched)
  const { event_date, url, links, ...rest } = fetched.json() as EventJson & { event_date: string; url: string }
  assert.ok(Math.abs(Date.parse(event_date) - Date.now()) < 60_000)
  assert.match(url, new RegExp(`^http://localhost:\\d+${PATH}/${updated.sid}$`))
  const local = (link: string | undefined) => link?.replace(/^http:\/\/localhost:\d+/, '')
  assert.deepEqual(
    [local(links.actor), local(links.resource)],
    [`${account.path}.json`, `${account.path}/Applications/${sid}.json`],
  )
  assert.deepEqual(rest, {
    account_sid: account.sid,
    actor_sid: account.sid.replace('AC', 'US'),
    actor_type: 'account',
    description: null,
    event_data: {
      friendly_name: { previous: 'Old', updated: 'New' },
      sms_method: { previous: 'POST', updated: 'GET' },
    },
    event_type: 'application.updated',
    resource_sid: sid,
    resource_type: 'application',
    sid: updated.sid,
    source: 'api',
    source_ip_address: '127.0.0.1',
  })
})

test('a key acts in its own name, a parent is in both trails, and a person at the console in the same', async () => {
  const account = await createSubaccount(gateway)
  const { sid: keySid, secret } = await account.client.newKeys.create({ friendlyName: 'robot' })
  const withKey = clientWith(gateway, keySid, secret, account.sid)
  await withKey.usage.triggers.create({ callbackUrl: '/x', triggerValue: '1', usageCategory: 'sms' })
  await main.client.api.v2010.accounts(account.sid).update({ friendlyName: 'Renamed' })

  const trail = await trailOf(account)
  assert.deepEqual(
    trail.map(({ event_type, actor_type, actor_sid, resource_sid }) => [
      event_type,
      actor_type,
      actor_sid.slice(2),
      resource_sid.slice(0, 2),
    ]),
    [
      ['key.created', 'account', account.sid.slice(2), 'SK'],
      ['usage-trigger.created', 'key', keySid.slice(2), 'UT'],
      ['account.updated', 'account', main.sid.slice(2), 'AC'],
    ],
  )
  assert.deepEqual(trail[2]?.event_data, { friendly_name: { previous: 'A subaccount', updated: 'Renamed' } })
  assert.match(trail[1]?.links.actor ?? '', new RegExp(`/Keys/${keySid}.json$`))
  assert.deepEqual(typesOf(await trailOf(main, `&ResourceSid=${account.sid}`)), ['account.created', 'account.updated'])

  const admin = await signIn(gateway)
  await admin.call('PATCH', `/accounts/${main.sid}/settings`, { friendlyName: 'Head office' })
  const [byHand] = await trailOf(main, `&ResourceSid=${main.sid}&EventType=account.updated`)
  assert.deepEqual([byHand?.source, byHand?.actor_type, byHand?.actor_sid.slice(0, 2)], ['web', 'user', 'US'])
  assert.deepEqual(byHand?.event_data, { friendly_name: { previous: 'Main account', updated: 'Head office' } })
  assert.deepEqual(typesOf(await trailOf(main, `&ActorSid=${byHand?.actor_sid}`)), ['account.updated'])
})

test('pools and opt-out settings say what they were, also where the answer says nothing', async () => {
  const account = await createSubaccount(gateway)
  const credentials = `${account.sid}:${account.authToken}`
  const page = await connectPageOf(gateway, account)
  const service = await newService(gateway, {}, credentials)
  await account.client.messaging.v1.services(service.sid).channelSenders.create({ sid: page.sid })
  await account.client.messaging.v1.services(service.sid).channelSenders(page.sid).remove()
  const optOut = await newOptOut(gateway, service, {}, credentials)
  await account.call('POST', `${optOut.path}/Keywords`, { keyword: 'halt', keywordType: 'STOP.ALL' })
  await account.call('DELETE', `${optOut.path}/Keywords?keyword=HALT`)

  const trail = await trailOf(account)
  assert.deepEqual(typesOf(trail), [
    'sender.created',
    'messaging-service.created',
    'channel-sender.created',
    'channel-sender.deleted',
    'opt-out.created',
    'opt-out.updated',
    'opt-out.updated',
  ])
  assert.deepEqual(trail[3]?.event_data?.messaging_service_sid, { previous: service.sid, updated: null })
  assert.deepEqual(
    [trail[3]?.resource_sid, trail[4]?.resource_sid, trail[6]?.resource_sid],
    [page.sid, optOut.sid, optOut.sid],
  )
  const [added, removed] = trail.slice(5).map((event) => event.event_data?.config)
  assert.deepEqual(added?.previous, removed?.updated)
  assert.match(JSON.stringify(added?.updated), /HALT/)
  assert.doesNotMatch(JSON.stringify(removed?.updated), /HALT/)
})

test('no secret and nothing that people write comes into the trail', async () => {
  const account = await createSubaccount(gateway)
  const page = await connectPageOf(gateway, account, { callback_url: 'http://me:pa55word@app.example/in' })
  const token = gateway.meta.addPage(page.pageId, 'A Page')
  const sender = `/messaging/v2/Channels/Senders/${page.sid}`
  await account.call('POST', sender, { configuration: { page_access_token: token } })
  const key = await account.client.newKeys.create({})
  const { secondaryAuthToken } = await account.client.accounts.v1.secondaryAuthToken().create()
  const after = accountWith(gateway, { sid: account.sid, authToken: secondaryAuthToken })
  await after.client.accounts.v1.authTokenPromotion().update()

  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'my diagnosis')
  const addresses = { from: `messenger:${page.pageId}`, to: `messenger:${psid}` }
  const { sid } = await eventually('the message', async () => {
    const [found] = await after.client.messages.list()
    return found
  })
  await after.client.messages(sid).update({ body: '' })
  await after.client.messages(sid).remove()
  await after.client.messages.create({ ...addresses, body: 'your diagnosis' })

  assert.deepEqual(typesOf(await trailOf(after)), [
    'sender.created',
    'sender.reconnected',
    'key.created',
    'auth-token.secondary-made',
    'auth-token.promoted',
    'message.redacted',
    'message.deleted',
  ])
  const rows = await gateway.sql`select * from audit_entries where account_sid = ${account.sid}`
  const kept = JSON.stringify(rows)
  for (const secret of [
    page.token,
    token,
    key.secret,
    account.authToken,
    secondaryAuthToken,
    'pa55word',
    'diagnosis',
  ]) {
    assert.equal(kept.includes(secret), false, secret)
  }
})

test('the trail is filtered and paged both ways', async () => {
  const account = await createSubaccount(gateway)
  for (const friendlyName of ['one', 'two', 'three']) await account.client.newKeys.create({ friendlyName })
  const trail = await trailOf(account)
  const [first] = trail as [EventJson]
  const sidsOf = (events: { sid: string }[]) => events.map((event) => event.sid)
  const all = sidsOf(trail).reverse()

  const events = account.client.monitor.v1.events
  assert.deepEqual(sidsOf(await events.list({ resourceSid: first.resource_sid })), [first.sid])
  assert.deepEqual(sidsOf(await events.list({ actorSid: account.sid })), all)
  assert.deepEqual(sidsOf(await events.list({ actorSid: first.actor_sid, sourceIpAddress: '127.0.0.1' })), all)
  assert.deepEqual(sidsOf(await events.list({ sourceIpAddress: '10.0.0.1' })), [])
  assert.deepEqual(sidsOf(await events.list({ eventType: 'key.deleted' })), [])
  await gateway.sql`update audit_entries set created_at = '2026-01-02T03:04:05Z' where resource_sid = ${first.resource_sid}`
  assert.deepEqual(sidsOf(await trailOf(account, '&StartDate=2026-01-02&EndDate=2026-01-02')), [first.sid])

  const local = (url: unknown) => String(url).replace(/^http:\/\/localhost:\d+/, '')
  const read = async (path: string) =>
    (await account.call('GET', path)).json() as { events: EventJson[]; meta: Record<string, unknown> }
  const newest = await read(`${PATH}?PageSize=2`)
  const oldest = await read(local(newest.meta.next_page_url))
  assert.deepEqual([sidsOf(newest.events), sidsOf(oldest.events)], [all.slice(0, 2), all.slice(2)])
  assert.equal(oldest.meta.next_page_url, null)
  assert.deepEqual(sidsOf((await read(local(oldest.meta.previous_page_url))).events), all.slice(0, 2))
  assert.deepEqual(sidsOf(await events.list({ pageSize: 1 })), all)

  assertTwilioError(await account.call('GET', `${PATH}?StartDate=soon`), 400, 20422, /StartDate/)
  assertTwilioError(await account.call('GET', `${PATH}/AE${'0'.repeat(32)}`), 404, 20404)
  assertTwilioError(await gateway.call('GET', `${PATH}/${first.sid}`), 404, 20404)
})

test('what was refused leaves nothing, and a change that cannot be written down is not said to be made', async () => {
  const account = await createSubaccount(gateway)
  assertTwilioError(
    await account.call('POST', `${account.path}/Applications.json`, form({ SmsUrl: 'x y' })),
    400,
    21402,
  )
  assertTwilioError(await account.call('POST', `/messaging/v2/Channels/Senders/XE${'0'.repeat(32)}`), 400, 20422)
  const missing = `${account.path}/Keys/SK${'0'.repeat(32)}.json`
  assertTwilioError(await account.call('DELETE', missing), 404, 20404)
  assert.deepEqual(await trailOf(account), [])

  await gateway.sql`alter table audit_entries rename to audit_entries_away`
  const refused = await account.call('POST', `${account.path}/Applications.json`, form({ FriendlyName: 'x' }))
  await gateway.sql`alter table audit_entries_away rename to audit_entries`
  assertTwilioError(refused, 500, 20500)
})

/** Of each that is no setting: sending, and what is done to what was sent. */
const NOT_WRITTEN = [
  /^POST .*\/Messages\.json$/,
  /^POST .*\/Feedback\.json$/,
  /^POST .*\/SignedUrl\.json$/,
  /^POST .*\/Typing\.json$/,
  // Of telephone networks: every one of these is refused.
  /^(POST|DELETE) .*\/(PhoneNumbers|ShortCodes|AlphaSenders|DestinationAlphaSenders|Compliance\/Usa2p)(\/\{sid\})?$/,
]

test('every route that changes a setting is written down', () => {
  const changing = gateway.routes
    .map(({ method, path }) => `${method} ${path}`)
    .filter((route) => /^(POST|PUT|PATCH|DELETE) /.test(route))
  const known = new Set(changing)
  assert.deepEqual(
    Object.keys(EVENTS).filter((route) => !known.has(route)),
    [],
    'routes that there are not',
  )
  const unknown = changing.filter((route) => !(route in EVENTS) && !NOT_WRITTEN.some((form) => form.test(route)))
  assert.deepEqual(unknown, [], 'routes of which src/api/audit.ts knows nothing')
})
