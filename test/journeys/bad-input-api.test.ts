import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { eventually } from '../eventually.ts'
import type { Answer } from '../gateway.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { basic, requestRaw } from '../raw-request.ts'
import { assertTwilioError, readTwilioError } from '../twilio-error.ts'

const SENDERS = '/messaging/v2/Channels/Senders'
const FORM = 'application/x-www-form-urlencoded'

/** Everything that the API may say no with (src/core/errors.ts, contract.md); 20500 is not among them. */
const DOCUMENTED = [
  20003, 20004, 20007, 20009, 20404, 20409, 20413, 20415, 20422, 21211, 21212, 21218, 21402, 21403, 21481, 21602, 21603,
  21604, 21609, 21610, 21617, 21620, 21623, 21624, 21654, 21655, 21656, 21701, 30029, 30030, 30409, 35118, 63007, 63031,
]

let gateway: MetaGateway
let page: ConnectedPage
let psid: string
let list: string
let known: string

before(async () => {
  gateway = await startMetaGateway()
  page = await gateway.connectPage()
  psid = gateway.newPerson()
  list = `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`
  await gateway.says(psid, page.pageId, 'hi')
  const [message] = await gateway.client.messages.list()
  known = message?.sid ?? ''
})
after(() => gateway?.stop())

const send = (method: string, path: string, headers: Record<string, string> = {}, body?: string | Uint8Array) =>
  requestRaw(
    gateway.url,
    method,
    path,
    { Authorization: basic(gateway.account.sid, gateway.account.authToken), ...headers },
    body,
  )

const GOOD = () => `From=messenger:${page.pageId}&To=messenger:${psid}`
const post = (form: string | Uint8Array, headers: Record<string, string> = {}) =>
  send('POST', list, { 'Content-Type': FORM, ...headers }, form)

function assertDiscreet({ text }: Answer): void {
  for (const secret of [gateway.account.authToken, page.token]) assert.equal(text.includes(secret), false)
  assert.doesNotMatch(text, /node:internal|\.ts:\d+|select |insert into/)
}

/** The answer is in Twilio's shape, with a documented code, and no fault of ours. */
function assertAnswered(answer: Answer, what: string, method = ''): void {
  assertDiscreet(answer)
  assert.ok(answer.status < 500, `${what} → ${answer.status} ${answer.text}`)
  if (answer.status === 204 || method === 'HEAD') assert.equal(answer.text, '', what)
  else if (answer.status < 300) JSON.parse(answer.text)
  else assert.ok(DOCUMENTED.includes(readTwilioError(answer).code), `${what} → ${answer.text}`)
}

test('every character there is goes through a message and back, as far as there is one', async () => {
  const tags = encodeURIComponent(
    JSON.stringify({ 'k\0\ud83e🦉': 'v\0\ud83e🦉', __proto: 'x' }).replace('__proto', '__proto__'),
  )
  const created = await post(`${GOOD()}&Body=a%00b%ED%A0%80c%F0%9F%A6%89d&Tags=${tags}`)
  assert.equal(created.status, 201, created.text)
  const { sid, body, tags: kept } = created.json() as { sid: string; body: string; tags: Record<string, string> }
  assert.equal(body, 'ab\ufffd\ufffd\ufffdc🦉d')
  assert.deepEqual(Object.entries(kept), [
    ['k\ufffd🦉', 'v\ufffd🦉'],
    ['__proto__', 'x'],
  ])
  assert.deepEqual((await send('GET', list.replace('.json', `/${sid}.json`))).json().tags, kept)
  const [sent] = await eventually('the message', () => {
    const sends = gateway.meta.sendsTo(psid)
    return sends.length > 0 && sends
  })
  assert.equal(sent?.body.message.text, body)
})

test('malformed percent encodings and raw bytes are read as far as they can be', async () => {
  for (const [form, body] of [
    ['Body=100%', '100%'],
    ['Body=%zz%', '%zz%'],
    ['Body=%u00e9', '%u00e9'],
    ['Body=%ff%fe', '\ufffd\ufffd'],
    ['Body=a%2', 'a%2'],
    ['Body=a+b%20c', 'a b c'],
    ['Body=x=y', 'x=y'],
    ['&&=&=x&Body=x&&', 'x'],
  ] as const) {
    const created = await post(`${GOOD()}&${form}`)
    assert.deepEqual([created.status, created.json().body], [201, body], form)
  }
  const bytes = await post(Buffer.from(`${GOOD()}&Body=\xff\xe9`, 'latin1'))
  assert.deepEqual([bytes.status, bytes.json().body], [201, '\ufffd\ufffd'])
})

test('parameter names are names only: prototypes, lists and operators mean nothing', async () => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'To[]',
    'To[0]',
    'To[$ne]',
    'to',
    'Body.text',
    'MediaUrl[]',
    '',
    '\0',
  ]
  const odd = names.map((name) => `${encodeURIComponent(name)}=x`).join('&')
  assertTwilioError(await post(odd), 400, 21604)
  const created = await post(`${odd}&${GOOD()}&Body=one&Body=two&${odd}`)
  assert.deepEqual([created.status, created.json().body, created.json().num_media], [201, 'one', '0'])
  assertTwilioError(await post(`${GOOD()}&${'MediaUrl=https://x.example/a&'.repeat(20_000)}`), 400, 21623)
  assertTwilioError(await post('&'.repeat(1_000_000)), 400, 21604)
})

test('huge or deep tags are refused', async () => {
  const deep = '['.repeat(400_000)
  for (const tags of [
    deep,
    `{"a":${deep}`,
    JSON.stringify({ a: 'x'.repeat(900_000) }),
    `{${'"a":"b",'.repeat(100_000)}"c":"d"`,
  ]) {
    assertTwilioError(await post(`${GOOD()}&Body=x&Tags=${tags}`), 400, 20422, /Tags/)
  }
})

test('a header of 10,000 characters is refused where it means something and ignored elsewhere', async () => {
  const long = 'x'.repeat(10_000)
  const form = `${GOOD()}&Body=x`
  assertTwilioError(await post(form, { 'Idempotency-Key': long }), 400, 20422, /Idempotency-Key/)
  assertTwilioError(await post(form, { Authorization: `Basic ${long}` }), 401, 20003)
  assertTwilioError(await post(form, { 'Content-Type': long }), 415, 20415)
  for (const name of ['User-Agent', 'Accept', 'Cookie', 'X-Forwarded-For', 'X-Twilio-Signature', 'Referer', 'Origin']) {
    assert.equal((await post(form, { [name]: long })).status, 201, name)
  }
  for (const key of ['é'.repeat(255), "'; drop table messages; --", '\xff\xa0\x80', '0']) {
    assert.equal((await post(form, { 'Idempotency-Key': key })).status, 201, key)
  }
})

test('a message that was refused leaves nothing, and what there was is still there', async () => {
  const countOf = async () => (await gateway.client.messages.list({ pageSize: 1000 })).length
  const before = await countOf()
  assertTwilioError(await post(`${GOOD()}&Body=%00`), 400, 21602)
  assertTwilioError(await send('DELETE', list), 405, 20004)
  assertTwilioError(await send('GET', `${list}?PageSize=100000`), 400, 20007)
  assert.equal(await countOf(), before)
})

const hostile = fc.oneof(
  fc.constantFrom('', '0', '-1', '1e9', 'null', 'true', '\0', '\ud83e', '🦉', '%', '%00', '{}', '[]', '{"a":"b"}', ' '),
  fc.constantFrom('__proto__', '../..', "' or 1=1 --", '9'.repeat(400), '2026-02-30', '+275760-09-13T00:00:00Z', '١٢٣'),
  fc.constantFrom(
    'https://example.com/x',
    'http://a_b/',
    '//x',
    '/x',
    'javascript:x',
    `SM${'0'.repeat(32)}`,
    'messenger:1',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const names = fc.constantFrom(
  ...['To', 'From', 'Body', 'MediaUrl', 'StatusCallback', 'ValidityPeriod', 'Tags', 'ContentRetention', 'Status'],
  ...['AddressRetention', 'SendAt', 'ScheduleType', 'ContentSid', 'ContentVariables', 'MessagingServiceSid'],
  ...['ApplicationSid', 'PageSize', 'Page', 'PageToken', 'DateSent', 'DateSent<', 'DateSent>', 'LogLevel', 'StartDate'],
  ...['EndDate', 'Channel', '__proto__', 'constructor', ''],
)
const pairs = fc.array(fc.tuple(names, hostile), { maxLength: 6 })
const encoded = pairs.map((all) =>
  new URLSearchParams(all.map(([name, value]): [string, string] => [name, value])).toString(),
)
const piece = fc.oneof(
  { weight: 3, arbitrary: hostile.map((text) => encodeURIComponent(text.toWellFormed())) },
  { weight: 1, arbitrary: fc.stringMatching(/^[!-~]{0,30}$/).map((text) => text.replaceAll('?', '')) },
)
const configuration = fc.dictionary(
  fc.constantFrom('page_access_token', 'meta_app_id', 'unique_name', 'outside_window', 'opt_out', '__proto__'),
  fc.oneof(hostile, fc.jsonValue()),
)
const body = fc.oneof(
  { weight: 4, arbitrary: encoded },
  {
    weight: 2,
    arbitrary: fc
      .record({ sender_id: hostile, configuration, webhook: fc.jsonValue() })
      .map((all) => JSON.stringify(all)),
  },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
)

test('whatever is asked of the API, the answer has the shape and a code of Twilio, and is never a 500', async () => {
  const path = fc.oneof(
    { weight: 3, arbitrary: fc.constant('LIST') },
    { weight: 3, arbitrary: fc.constant('KNOWN') },
    { weight: 3, arbitrary: fc.constantFrom(SENDERS, '/monitor/v1/Alerts', `${SENDERS}/XE${'0'.repeat(32)}`) },
    { weight: 2, arbitrary: piece.map((text) => `${SENDERS}/${text}`) },
    { weight: 2, arbitrary: piece.map((text) => `/2010-04-01/Accounts/OWN/Messages/${text}.json`) },
    { weight: 1, arbitrary: piece.map((text) => `/2010-04-01/Accounts/${text}/Messages.json`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('2010-04-01', 'messaging', 'monitor'), piece)
        .map((all) => `/${all.join('/')}`),
    },
  )
  const header = fc.stringMatching(/^[ -~\xa0-\xff]{0,60}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        method: fc.constantFrom(
          'GET',
          'POST',
          'POST',
          'PUT',
          'PATCH',
          'DELETE',
          'HEAD',
          'OPTIONS',
          'TRACE',
          'PROPFIND',
        ),
        path,
        query: fc.option(encoded, { nil: '' }),
        headers: fc.record(
          {
            'Content-Type': fc.oneof(
              { weight: 4, arbitrary: fc.constantFrom(FORM, 'application/json') },
              { weight: 1, arbitrary: header },
            ),
            'Idempotency-Key': header,
            Accept: header,
            'X-Anything': header,
            Authorization: fc.oneof(
              { weight: 1, arbitrary: header },
              { weight: 1, arbitrary: header.map((text) => basic(text, text)) },
            ),
          },
          { requiredKeys: ['Content-Type'] },
        ),
        body,
      }),
      async ({ method, path, query, headers, body }) => {
        const item = list.replace('.json', `/${known}.json`)
        const target =
          path.replace('LIST', list).replace('KNOWN', item).replace('OWN', gateway.account.sid) + (query && `?${query}`)
        const answer = await send(method, target, headers, method === 'TRACE' ? undefined : body)
        assertAnswered(answer, `${method} ${target} ${JSON.stringify(headers)} ${body}`, method)
      },
    ),
    { numRuns: 1000 },
  )
  assert.deepEqual(gateway.meta.violations, [])
})
