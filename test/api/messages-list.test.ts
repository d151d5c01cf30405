import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { firstIdAt } from '../../src/core/ids.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

/** What every list of the 2010 API says of itself; SDKs take the one key beside these for the items. */
const META = [
  'end',
  'first_page_uri',
  'next_page_uri',
  'page',
  'page_size',
  'previous_page_uri',
  'start',
  'uri',
] as const

type List = { messages: { sid: string; body: string }[] } & Record<(typeof META)[number], string | number | null>

let gateway: MetaGateway
let page: ConnectedPage
let psid: string
let path: string
/** Seven messages of one person, newest first; the three oldest are of three earlier days. */
let bodies: string[]

before(async () => {
  gateway = await startMetaGateway()
  page = await gateway.connectPage()
  path = `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`
  psid = gateway.newPerson()
  bodies = Array.from({ length: 7 }, (_, index) => `message ${7 - index}`)
  // Before the seven and after them, somebody else's, so that filters have something to leave out.
  const other = gateway.newPerson()
  await gateway.says(other, page.pageId, 'before')
  for (const body of bodies.toReversed()) await gateway.says(psid, page.pageId, body)
  await gateway.says(other, page.pageId, 'after')
  const days = ['2026-01-01T23:59:59.900Z', '2026-01-02T00:00:00Z', '2026-01-03T12:00:00.500Z']
  for (const [index, day] of days.entries()) await moveTo(day, `message ${index + 1}`, new Date(day))
  // Ties: what was made in the same moment still has one order.
  const tied = '2026-02-01T00:00:00Z'
  for (const nth of [4, 5, 6, 7]) await moveTo(tied, `message ${nth}`, new Date(Date.parse(tied) + nth))
})
after(() => gateway?.stop())

/** As if it had been made then; its id tells about the same time. */
const moveTo = (createdAt: string, body: string, idAt: Date) => gateway.sql`
  update messages set created_at = ${createdAt}::timestamptz,
    id = (${firstIdAt(idAt).slice(0, 13)} || substr(id::text, 14))::uuid where body = ${body}`

const read = async (uri: string): Promise<List> => {
  const answer = await gateway.call('GET', uri)
  assertDescribed('twilio_api_v2010', 'GET /2010-04-01/Accounts/{AccountSid}/Messages.json', answer)
  return answer.json() as List
}
const bodiesOf = ({ messages }: List) => messages.map((message) => message.body)
const query = (parameters: Record<string, string>) => `${path}?${new URLSearchParams(parameters)}`
const ofPerson = () => ({ From: `messenger:${psid}` })

test('a list has exactly one key that does not speak of the list itself', async () => {
  const list = await read(path)
  assert.deepEqual(Object.keys(list).toSorted(), [...META, 'messages'].toSorted())
  const { messages, uri, ...rest } = list
  assert.equal(messages.length, 9)
  assert.deepEqual(rest, {
    end: 8,
    first_page_uri: `${path}?PageSize=50&Page=0`,
    next_page_uri: null,
    page: 0,
    page_size: 50,
    previous_page_uri: null,
    start: 0,
  })
  const empty = await read(query({ To: 'messenger:1' }))
  assert.deepEqual([empty.messages, empty.start, empty.end, empty.next_page_uri], [[], 0, 0, null])
})

test('pages lead forward and back, newest first, each message once, ties included', async () => {
  const pages = [await read(query({ ...ofPerson(), PageSize: '3' }))]
  for (let next = pages[0]?.next_page_uri; next; next = pages.at(-1)?.next_page_uri) {
    pages.push(await read(String(next)))
  }
  assert.deepEqual(pages.map(bodiesOf), [bodies.slice(0, 3), bodies.slice(3, 6), bodies.slice(6)])
  assert.deepEqual(
    pages.map((each) => [each.page, each.start, each.end]),
    [
      [0, 0, 2],
      [1, 3, 5],
      [2, 6, 6],
    ],
  )
  assert.match(String(pages[1]?.uri), /&PageToken=PA(SM|MM)[0-9a-f]{32}$/)

  const back = [pages.at(-1) as List]
  for (let previous = back[0]?.previous_page_uri; previous; previous = back.at(-1)?.previous_page_uri) {
    assert.match(String(previous), /&PageToken=PB(SM|MM)[0-9a-f]{32}$/)
    back.push(await read(String(previous)))
  }
  assert.deepEqual(back.map(bodiesOf), pages.map(bodiesOf).toReversed())
  assert.deepEqual(
    back.map((each) => each.page),
    [2, 1, 0],
  )
  assert.deepEqual(bodiesOf(await read(String(back.at(-1)?.next_page_uri))), bodies.slice(3, 6))
  assert.deepEqual(bodiesOf(await read(String(pages[1]?.uri))), bodies.slice(3, 6), 'a page finds itself again')
})

test('a message that comes between two pages moves nothing', async () => {
  const first = await read(query({ ...ofPerson(), PageSize: '5' }))
  await gateway.says(psid, page.pageId, 'newest')
  assert.deepEqual(bodiesOf(await read(String(first.next_page_uri))), bodies.slice(5))
  const { messages } = await read(query({ ...ofPerson(), PageSize: '1' }))
  assert.equal(messages[0]?.body, 'newest')
  await gateway.client.messages(messages[0]?.sid ?? '').remove()
})

test('PageSize goes from 1 to 1000, and a token must be one', async () => {
  for (const size of ['1', '1000']) await read(query({ PageSize: size }))
  for (const size of ['0', '1001', '100000', '-1', '1.5', 'all', '9'.repeat(30)]) {
    assertTwilioError(await gateway.call('GET', query({ PageSize: size })), 400, 20007)
  }
  for (const token of ['x', 'PA', `PASM${'g'.repeat(32)}`, `PCSM${'0'.repeat(32)}`, `PAXE${'0'.repeat(32)}`]) {
    assertTwilioError(await gateway.call('GET', query({ PageToken: token })), 400, 21481)
  }
  assert.deepEqual(bodiesOf(await read(query({ PageToken: `PASM${'0'.repeat(32)}` }))), [])
})

test('To and From name a Page or a person; what is no address matches nothing', async () => {
  const own = `messenger:${page.pageId}`
  assert.deepEqual(bodiesOf(await read(query(ofPerson()))), bodies)
  assert.deepEqual(bodiesOf(await read(query({ ...ofPerson(), To: own }))), bodies)
  assert.equal((await read(query({ To: own }))).messages.length, 9)
  for (const address of ['messenger:', 'messenger:99999', psid, 'nobody', '\0', '\ud83e', "' or 1=1 --"]) {
    assert.deepEqual(bodiesOf(await read(query({ From: address }))), [], address)
  }
  const created = await gateway.create({ From: own, To: `messenger:${psid}`, Body: 'outward' })
  assert.deepEqual(bodiesOf(await read(query({ From: own }))), ['outward'])
  assert.deepEqual(bodiesOf(await read(query({ To: `messenger:${psid}` }))), ['outward'])
  const sid = created.json().sid as string
  await eventually('it to be sent', async () => (await gateway.client.messages(sid).fetch()).status === 'sent')
  assert.equal(await gateway.client.messages(sid).remove(), true)
})

test('DateSent filters by day or moment, in every spelling that Twilio takes', async () => {
  const found = async (parameters: Record<string, string>) =>
    bodiesOf(await read(query({ ...ofPerson(), ...parameters })))
  assert.deepEqual(await found({ DateSent: '2026-01-01' }), ['message 1'])
  assert.deepEqual(await found({ DateSent: '2026-01-02' }), ['message 2'])
  assert.deepEqual(await found({ 'DateSent<': '2026-01-02' }), ['message 2', 'message 1'])
  assert.deepEqual(await found({ 'DateSent>': '2026-01-02', 'DateSent<': '2026-01-03' }), ['message 3', 'message 2'])
  // "On or before" a second takes in all of that second, as dates in answers have no fraction.
  for (const moment of [
    '2026-01-01T23:59:59Z',
    '2026-01-01T23:59:59',
    '2026-01-01 23:59:59.901',
    '2026-01-02T00:59:59+01:00',
    'Thu, 01 Jan 2026 23:59:59 +0000',
    'Thu, 01 Jan 2026 23:59:59 -0000',
    '01/01/2026 16:59:59 MST',
    '2026-01-01t23:59:59z',
    '01/01/2026',
    '1 Jan 2026',
  ]) {
    assert.deepEqual(await found({ 'DateSent<': moment }), ['message 1'], moment)
    assert.deepEqual((await found({ 'DateSent>': moment })).includes('message 2'), true, moment)
  }
  for (const moment of [
    'yesterday',
    '2026-13-01',
    '2026-02-30',
    '2026-02-30T00:00:00Z',
    '02/30/2026 00:00:00',
    'Mon, 30 Feb 2026 00:00:00 +0000',
    '2026-01-01Z',
    '0001-01-01T00:00:00+12:00',
    '2026-01',
    '9999-12-31',
    '0000-01-01',
    '-271821-04-20T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '1',
    '\0',
    '9'.repeat(1000),
  ]) {
    for (const name of ['DateSent', 'DateSent<', 'DateSent>']) {
      assertTwilioError(await gateway.call('GET', query({ [name]: moment })), 400, 20422, /DateSent/)
    }
  }
})

test('DateSent with a time means its day, as the SDKs write every date with one', async () => {
  const { messages } = gateway.client
  const of = async (dateSent: string) =>
    (await messages.list({ from: `messenger:${psid}`, dateSent: new Date(dateSent) })).map(({ body }) => body)
  assert.deepEqual(await of('2026-01-02T00:00:00Z'), ['message 2'])
  assert.deepEqual(await of('2026-01-03T01:02:03Z'), ['message 3'])
})

test('links keep every filter, encoded so that they can be followed as they are', async () => {
  const first = await read(
    query({ ...ofPerson(), 'DateSent>': '2026-01-01T00:00:00+01:00', Unknown: 'a?b&c=d e+f%', PageSize: '2' }),
  )
  const next = String(first.next_page_uri)
  assert.match(next, /[?&]DateSent%3E=2026-01-01T00%3A00%3A00%2B01%3A00&/)
  assert.match(next, /[?&]Unknown=a%3Fb%26c%3Dd%20e%2Bf%25&/)
  assert.doesNotMatch(next, /[+<> ]/)
  assert.deepEqual(bodiesOf(await read(next)), bodies.slice(2, 4))
  // A question mark within the query is a character like any other.
  const odd = await read(`${path}?X=a?From=1&From=messenger:${psid}&PageSize=2`)
  assert.deepEqual(bodiesOf(await read(String(odd.next_page_uri))), bodies.slice(2, 4))
})

test("the SDK's list, each and page walk the whole list", async () => {
  const { messages } = gateway.client
  const from = `messenger:${psid}`
  assert.deepEqual(
    (await messages.list({ from, pageSize: 2 })).map((message) => message.body),
    bodies,
  )
  assert.equal((await messages.list({ from, limit: 3 })).length, 3)
  const walked: string[] = []
  await new Promise<void>((resolve, reject) => {
    messages.each({
      from,
      pageSize: 3,
      callback: (message) => void walked.push(message.body),
      done: (error?: Error) => (error ? reject(error) : resolve()),
    })
  })
  assert.deepEqual(walked, bodies)
  const first = await messages.page({ from, pageSize: 4 })
  const second = await first.nextPage()
  assert.deepEqual(
    second?.instances.map((message) => message.body),
    bodies.slice(4),
  )
  assert.deepEqual(
    (await second?.previousPage())?.instances.map((message) => message.body),
    bodies.slice(0, 4),
  )
  const since = await messages.list({ from, dateSentAfter: new Date('2026-01-03T12:00:00Z') })
  assert.deepEqual(
    since.map((message) => message.body),
    bodies.slice(0, 5),
  )
  const until = await messages.list({ from, dateSentBefore: new Date('2026-01-03T12:00:00Z') })
  assert.deepEqual(
    until.map((message) => message.body),
    bodies.slice(4),
  )
})
