import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../eventually.ts'
import type { Answer } from '../gateway.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { basic, requestRaw } from '../raw-request.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { fieldsOf, readTwilioXml } from '../twilio-xml.ts'

let gateway: MetaGateway
let page: ConnectedPage
let psid: string
let account: string

before(async () => {
  gateway = await startMetaGateway()
  account = `/2010-04-01/Accounts/${gateway.account.sid}`
  page = await gateway.connectPage()
  psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hi')
})
after(() => gateway?.stop())

const send = (body: string, path = `${account}/Messages`) => {
  const form = { From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: body, Tags: '{"a b":"<c>"}' }
  return gateway.call('POST', path, new URLSearchParams(form))
}
const typeOf = (answer: Answer) => answer.headers.get('content-type')?.split(';')[0]
const raw = (method: string, path: string, headers: Record<string, string>, body?: string) => {
  const { sid, authToken } = gateway.account
  return requestRaw(gateway.url, method, path, { Authorization: basic(sid, authToken), ...headers }, body)
}

test('a message is made, read and removed in XML as in JSON', async () => {
  const created = await send('Grüße & "<b>"\r\n')
  assert.deepEqual([created.status, typeOf(created)], [201, 'application/xml'])
  const made = readTwilioXml(created.text)
  const sid = fieldsOf(made).Sid as string
  assert.equal(made.name, 'Message')

  const json = (await gateway.call('GET', `${account}/Messages/${sid}.json`)).json()
  for (const suffix of ['', '.xml']) {
    const fetched = await gateway.call('GET', `${account}/Messages/${sid}${suffix}`)
    const fields = fieldsOf(readTwilioXml(fetched.text))
    assert.equal(fields.Body, 'Grüße & "<b>"\r\n')
    assert.equal(fields.Tags, '{"a b":"<c>"}')
    assert.equal(fields.Uri, `${account}/Messages/${sid}`)
    assert.equal(fields.DateCreated, json.date_created)
    assert.equal(fields.Price, '')
    assert.equal(Object.keys(fields).length, Object.keys(json).length)
  }
  const updated = await gateway.call('POST', `${account}/Messages/${sid}`, new URLSearchParams())
  assert.equal(fieldsOf(readTwilioXml(updated.text)).Sid, sid)
  const removed = await eventually('the message to be through', async () => {
    const answer = await gateway.call('DELETE', `${account}/Messages/${sid}`)
    return answer.status !== 409 && answer
  })
  assert.deepEqual([removed.status, removed.text, typeOf(removed)], [204, '', undefined])
})

test('a list can be walked through in XML and in CSV, page by page', async () => {
  for (const body of ['one', 'two\r\nlines', '=1+1,"three"']) await send(body)
  const all = (await gateway.call('GET', `${account}/Messages.json`)).json().messages as { sid: string; body: string }[]

  const sids: (string | undefined)[] = []
  let path = `${account}/Messages?PageSize=2`
  while (path) {
    const list = readTwilioXml((await gateway.call('GET', path)).text)
    assert.deepEqual([list.name, list.attributes.pagesize], ['Messages', '2'])
    sids.push(...list.children.map((message) => fieldsOf(message).Sid))
    path = list.attributes.nextpageuri ?? ''
  }
  assert.deepEqual(
    sids,
    all.map(({ sid }) => sid),
  )

  const rows: string[][] = []
  for (let next: string | undefined = `${account}/Messages.csv?PageSize=2`; next; ) {
    const answer: Answer = await gateway.call('GET', next)
    assert.equal(typeOf(answer), 'text/csv')
    const [header = [], ...others] = readCsv(answer.text)
    assert.deepEqual(header.slice(0, 3), ['Body', 'NumSegments', 'Direction'])
    rows.push(...others.map((row) => [row[0] ?? '', row[header.indexOf('Sid')] ?? '']))
    next = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
  }
  assert.deepEqual(
    rows,
    all.map(({ body, sid }) => [body, sid]),
  )
})

test('every resource of the 2010 API has XML', async () => {
  const lists = ['Messages', 'Keys', 'SigningKeys', 'Applications', 'Usage/Records', 'Usage/Triggers']
  for (const list of lists) {
    const { name, attributes } = readTwilioXml((await gateway.call('GET', `${account}/${list}`)).text)
    assert.equal(name, list.replace('Usage/', 'Usage'))
    assert.equal(attributes.uri, `${account}/${list}?PageSize=50&Page=0`)
  }
  const own = readTwilioXml((await gateway.call('GET', account)).text)
  assert.deepEqual([own.name, fieldsOf(own).Sid], ['Account', gateway.account.sid])
  assert.equal(readTwilioXml((await gateway.call('GET', '/2010-04-01/Accounts')).text).name, 'Accounts')
  const balance = readTwilioXml((await gateway.call('GET', `${account}/Balance`)).text)
  assert.deepEqual(fieldsOf(balance), { AccountSid: gateway.account.sid, Balance: '0', Currency: 'USD' })
  const key = await gateway.call('POST', `${account}/Keys`, new URLSearchParams({ FriendlyName: 'k' }))
  assert.equal(readTwilioXml(key.text).name, 'Key')
})

/** By RFC 4180. */
const readCsv = (text: string): string[][] =>
  [...text.matchAll(/((?:"(?:[^"]|"")*"|[^"\r])*)\r\n/g)].map(([, line = '']) =>
    [...`${line},`.matchAll(/("(?:[^"]|"")*"|[^",]*),/g)].map(([, cell = '']) =>
      cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
    ),
  )

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

test('a mistake is told in the form that was asked for', async () => {
  const large = `Body=${'x'.repeat(1024 * 1024)}`
  for (const [suffix, type] of [
    ['.json', 'application/json'],
    ['', 'application/xml'],
    ['.xml', 'application/xml'],
    ['.csv', 'text/csv'],
  ]) {
    const list = `${account}/Messages${suffix}`
    const cases: [status: number, code: number, answer: Answer][] = [
      [401, 20003, await requestRaw(gateway.url, 'GET', list, {})],
      [404, 20404, await raw('GET', `${account}/Messages/SM${'0'.repeat(32)}${suffix}`, {})],
      [404, 20404, await raw('GET', `${account}/Nothing${suffix}`, {})],
      [405, 20004, await raw('PUT', list, {})],
      [413, 20413, await raw('POST', list, FORM, large)],
      [415, 20415, await raw('POST', list, { 'Content-Type': 'text/plain' }, 'x')],
      [400, 21604, await raw('POST', list, FORM, '')],
      [400, 20422, await raw('GET', `${account}/%zz${suffix}`, {})],
      [404, 20404, await raw('TRACE', list, {})],
    ]
    for (const [status, code, answer] of cases) {
      assert.deepEqual([answer.status, typeOf(answer)], [status, type], `${status} ${list} ${answer.text}`)
      assert.match(answer.headers.get('twilio-request-id') ?? '', /^RQ/)
      if (suffix !== '.csv') {
        assertTwilioError(answer, status, code)
        continue
      }
      const [header, row] = answer.text.split('\r\n')
      assert.equal(header, `Code,${status === 401 ? 'Detail,' : ''}Message,MoreInfo,Status`)
      assert.match(row ?? '', new RegExp(`^${code},.*,https://www\\.twilio\\.com/docs/errors/${code},${status}$`))
    }
  }
})

test('HEAD tells the length of the XML', async () => {
  const path = `${account}/Balance`
  const [head, get] = [await raw('HEAD', path, {}), await gateway.call('GET', path)]
  assert.deepEqual([head.status, typeOf(head), head.text], [200, 'application/xml', ''])
  assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(get.text)))
})

test("other products' paths are JSON, whatever their suffix", async () => {
  assertTwilioError(await gateway.call('GET', '/messaging/v1/Services.xml'), 404, 20404)
  assert.equal(typeOf(await gateway.call('GET', '/messaging/v1/Services')), 'application/json')
})

test('a page of another origin may ask', async () => {
  for (const path of [`${account}/Messages.json`, `${account}/Nothing`, '/messaging/v2/Channels/Senders/XE1']) {
    const asked = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' }
    const preflight = await requestRaw(gateway.url, 'OPTIONS', path, asked)
    assert.deepEqual([preflight.status, preflight.text], [204, ''])
    const origin = { Origin: 'https://app.example' }
    const answers = [preflight, await raw('GET', path, origin), await requestRaw(gateway.url, 'GET', path, origin)]
    for (const answer of answers) {
      const { headers } = answer
      assert.equal(headers.get('access-control-allow-origin'), '*')
      assert.equal(headers.get('access-control-expose-headers'), 'ETag')
      assert.equal(headers.get('access-control-allow-credentials'), 'true')
      assert.match(headers.get('access-control-allow-headers') ?? '', /Authorization, Content-Type.*Idempotency-Key/)
      assert.match(headers.get('access-control-allow-methods') ?? '', /GET, POST, .*DELETE/)
    }
  }
  const plain = await raw('GET', `${account}/Balance.json`, {})
  assert.equal(plain.headers.get('access-control-allow-origin'), '*')
  const bin = await requestRaw(gateway.url, 'GET', '/bins/welcome', {})
  assert.equal(bin.headers.get('access-control-allow-origin'), null, 'what is not the API stays closed')
})

test('an answer tells how long it took and how many were asked for at the same time', async () => {
  const one = await raw('GET', `${account}/Balance.json`, {})
  assert.equal(one.headers.get('twilio-concurrent-requests'), '1')
  assert.match(one.headers.get('twilio-request-duration') ?? '', /^\d+\.\d{3}$/)

  // They wait for each other at the account's row, so that all are under way before the first is answered.
  const numbers = await gateway.sql.begin(async (tx) => {
    await tx`lock table applications in access exclusive mode`
    const asked = Array.from({ length: 5 }, () => raw('GET', `${account}/Applications.json`, {}))
    const waiting = async () => {
      const [found] = await gateway.sql<{ count: number }[]>`
        select count(*)::int from pg_locks where not granted and relation = 'applications'::regclass`
      return found?.count ?? 0
    }
    while ((await waiting()) < asked.length) await new Promise((resolve) => setTimeout(resolve, 5))
    return asked
  })
  const told = (await Promise.all(numbers)).map(({ headers }) => Number(headers.get('twilio-concurrent-requests')))
  assert.deepEqual(told.toSorted(), [1, 2, 3, 4, 5], 'each is told how many there were, itself among them')
  const after = await raw('GET', `${account}/Balance.json`, {})
  assert.equal(after.headers.get('twilio-concurrent-requests'), '1')
})
