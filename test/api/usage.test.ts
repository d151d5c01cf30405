import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { addUpUsage } from '#store/usage.ts'
import { createSubaccount, type TestAccount } from '../accounts.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const OF_TWILIO = '/2010-04-01/Accounts/{AccountSid}/Usage/Records'

type Row = { category: string; count: string; usage: string; start_date: string; end_date: string }
type List = { usage_records: Row[] } & Record<string, string | null>

let gateway: MetaGateway
let page: ConnectedPage
let account: TestAccount

before(async () => {
  gateway = await startMetaGateway()
  page = await gateway.connectPage()
  account = await createSubaccount(gateway)
})
after(() => gateway?.stop())

const path = (below = '', sid: string = gateway.account.sid) => `/2010-04-01/Accounts/${sid}/Usage/Records${below}.json`
const read = async (below: string, query: string, sid?: string) =>
  (await gateway.call('GET', `${path(below, sid)}?${query}`)).json() as List
const count = async (category: string, sid?: string) =>
  (await read('', `Category=${category}`, sid)).usage_records.map((row) => row.count)

/** So many messages of the account on a day, as if they had been counted then. */
const record = (sid: string, day: string, inbound: number, outbound: number) => gateway.sql`
  insert into usage_days (account_sid, day, channel, inbound, inbound_with_media, inbound_media, outbound,
    outbound_with_media, outbound_media)
  values (${sid}, ${day}::text::date, 'messenger', ${inbound}, 0, 0, ${outbound}, 0, 0)`

test('messages are counted when they are made, each once, and stay counted when they are deleted', async () => {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'one')
  await gateway.says(psid, page.pageId, 'two')
  const base = { To: `messenger:${psid}`, From: `messenger:${page.pageId}` }
  const keyed = () =>
    fetch(`${gateway.url}/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${btoa(`${gateway.account.sid}:${gateway.account.authToken}`)}`,
        'Idempotency-Key': 'once',
      },
      body: new URLSearchParams({ ...base, Body: 'once' }),
    })
  assert.deepEqual([(await keyed()).status, (await keyed()).status], [201, 201])
  await Promise.all(Array.from({ length: 5 }, (_, nth) => gateway.create({ ...base, Body: `text ${nth}` })))
  const media = [1, 2, 3].map((nth): [string, string] => ['MediaUrl', `http://127.0.0.1:9/${nth}.png`])
  assert.equal((await gateway.create([...Object.entries(base), ...media])).status, 201)
  assert.equal((await gateway.create({ ...base, To: 'nobody', Body: 'x' })).status, 400)

  const expected = {
    'channels-messenger': '9',
    'channels-messenger-inbound': '2',
    'channels-messenger-outbound': '7',
    'channels-messenger-media': '3',
    sms: '8',
    'sms-inbound': '2',
    'sms-outbound': '6',
    mms: '1',
    'mms-outbound': '1',
    'mms-inbound': '0',
    calls: '0',
    'a-category-of-tomorrow': '0',
  }
  const check = async () => {
    for (const [category, number] of Object.entries(expected))
      assert.deepEqual(await count(category), [number], category)
  }
  await check()
  await gateway.sql`delete from messages`
  await Promise.all([addUpUsage(gateway.sql), addUpUsage(gateway.sql)])
  assert.deepEqual([...(await gateway.sql`select from usage_increments`)], [])
  await check()
})

test('who opted out gets no message, and none is counted', async () => {
  const psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'STOP')
  const [before] = await count('channels-messenger-outbound')
  const refused = await gateway.create({ To: `messenger:${psid}`, From: `messenger:${page.pageId}`, Body: 'x' })
  assertTwilioError(refused, 400, 21610)
  assert.deepEqual(await count('channels-messenger-outbound'), [before])
})

test('every division of the time is described as Twilio’s, and all categories are listed', async () => {
  for (const below of [
    '',
    '/AllTime',
    '/Daily',
    '/Monthly',
    '/Yearly',
    '/Today',
    '/Yesterday',
    '/ThisMonth',
    '/LastMonth',
  ]) {
    const answer = await gateway.call('GET', `${path(below)}?PageSize=1000`)
    assertDescribed('twilio_api_v2010', `GET ${OF_TWILIO}${below}.json`, answer)
    const categories = (answer.json() as List).usage_records.map((row) => row.category)
    assert.deepEqual(categories, [...new Set(categories)].sort(), below)
    assert.ok(categories.includes('totalprice') && categories.includes('sms-outbound'), below)
  }
  const [price] = (await read('', 'Category=totalprice')).usage_records as unknown as Record<string, unknown>[]
  assert.deepEqual([price?.count, price?.usage, price?.usage_unit, price?.price], [null, '0', 'usd', 0])
})

test('days, months and years are divided where they should be, newest first, and cut off where it was asked', async () => {
  await gateway.sql`update accounts set created_at = '2024-11-20T10:00:00Z' where sid = ${account.sid}`
  const days: [string, number, number][] = [
    ['2024-11-20', 1, 10],
    ['2024-11-30', 2, 20],
    ['2024-12-01', 3, 30],
    ['2025-02-28', 4, 40],
    ['2025-03-01', 5, 50],
  ]
  for (const day of days) await record(account.sid, ...day)
  const rows = async (below: string, query = '') =>
    (await read(below, `Category=channels-messenger-outbound&PageSize=1000&${query}`, account.sid)).usage_records
      .filter((row) => row.count !== '0')
      .map((row) => [row.start_date, row.end_date, row.count])

  assert.deepEqual(await rows('/Daily'), days.map(([day, , outbound]) => [day, day, String(outbound)]).reverse())
  assert.deepEqual(await rows('/Monthly'), [
    ['2025-03-01', '2025-03-31', '50'],
    ['2025-02-01', '2025-02-28', '40'],
    ['2024-12-01', '2024-12-31', '30'],
    ['2024-11-20', '2024-11-30', '30'],
  ])
  assert.deepEqual(await rows('/Yearly', 'EndDate=2025-03-01'), [
    ['2025-01-01', '2025-03-01', '90'],
    ['2024-11-20', '2024-12-31', '60'],
  ])
  assert.deepEqual(await rows('/Monthly', 'StartDate=2024-11-25&EndDate=2024-12-15'), [
    ['2024-12-01', '2024-12-15', '30'],
    ['2024-11-25', '2024-11-30', '20'],
  ])
  assert.deepEqual(await rows('', 'StartDate=2024-11-30&EndDate=2025-02-28'), [['2024-11-30', '2025-02-28', '90']])
  assert.deepEqual(await rows('', 'StartDate=2025-02-28&EndDate=2024-11-30'), [])
  assert.deepEqual(
    (await rows('/AllTime')).map(([start, , number]) => [start, number]),
    [['2024-11-20', '150']],
  )
  assert.equal((await rows('/Daily', 'StartDate=-1days&EndDate=%2B1day')).length, 0)
  assert.equal((await rows('/Yesterday')).length, 0)
})

test('a parent’s usage is with that of its subaccounts, unless it says otherwise', async () => {
  const only = async (query: string, sid?: string) =>
    (await read('', `Category=channels-messenger-outbound&StartDate=2024-01-01&${query}`, sid)).usage_records[0]?.count
  const own = Number(await only('IncludeSubaccounts=false'))
  assert.equal(Number(await only('')), own + 150)
  assert.equal(Number(await only('IncludeSubaccounts=true')), own + 150)
  assert.equal(await only('', account.sid), '150')
})

test('pages of a long list lead forward and back, and meet every row once', async () => {
  const query = 'StartDate=2024-11-20&EndDate=2024-11-22'
  const whole = (await read('/Daily', `${query}&PageSize=1000`, account.sid)).usage_records
  const places = (rows: Row[]) => rows.map((row) => `${row.start_date} ${row.category}`)
  assert.equal(new Set(places(whole)).size, whole.length)
  const met: Row[] = []
  let list = await read('/Daily', `${query}&PageSize=250`, account.sid)
  for (;;) {
    met.push(...list.usage_records)
    if (!list.next_page_uri) break
    const next = (await gateway.call('GET', list.next_page_uri)).json() as List
    const back = (await gateway.call('GET', String(next.previous_page_uri))).json() as List
    assert.deepEqual(places(back.usage_records), places(list.usage_records))
    list = next
  }
  assert.deepEqual(places(met), places(whole))
  const bySdk = await account.client.usage.records.daily.list({
    startDate: new Date('2024-11-20'),
    endDate: new Date('2024-11-22'),
    category: 'channels-messenger-outbound',
  })
  assert.deepEqual(
    bySdk.map((row) => [row.startDate.toISOString().slice(0, 10), row.count]),
    [
      ['2024-11-22', '0'],
      ['2024-11-21', '0'],
      ['2024-11-20', '10'],
    ],
  )
})

test('what is no date, no category or no page is refused', async () => {
  for (const query of [
    'StartDate=yesterday',
    'EndDate=2024-02-30',
    'StartDate=-1week',
    'Category=SMS%20out',
    'IncludeSubaccounts=x',
  ]) {
    assertTwilioError(await gateway.call('GET', `${path()}?${query}`), 400, 20422)
  }
  for (const token of ['PAx', 'PA2024-11-20', 'PA2024-11-20.no-such-category', 'PA1999-01-01.sms']) {
    assertTwilioError(await gateway.call('GET', `${path('/Daily')}?PageToken=${token}`), 400, 21481)
  }
  assertTwilioError(await gateway.call('GET', `${path('/Hourly')}`), 404, 20404)
})

test('the balance is nothing, in dollars; a subaccount has none', async () => {
  const balance = await gateway.call('GET', `/2010-04-01/Accounts/${gateway.account.sid}/Balance.json`)
  assertDescribed('twilio_api_v2010', 'GET /2010-04-01/Accounts/{AccountSid}/Balance.json', balance)
  assert.deepEqual(balance.json(), { account_sid: gateway.account.sid, balance: '0', currency: 'USD' })
  const none = await account.client.balance.fetch()
  assert.deepEqual([none.accountSid, none.balance, none.currency], [account.sid, null, null])
})
