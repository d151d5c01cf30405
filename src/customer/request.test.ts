import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import twilio from 'twilio'
import { guardedAgent } from './address-guard.ts'
import { answerTwiml, recordingServer, type Seen } from './recording-server.ts'
import { type CustomerAnswer, type CustomerCall, callCustomer, closeCustomerConnections } from './request.ts'

after(closeCustomerConnections)

const TOKEN = 'f'.repeat(32)

const call = (url: string, fields: Partial<CustomerCall> = {}): CustomerCall => ({
  url,
  method: 'POST',
  params: { Body: 'Grüße & 🎉 a+b', From: 'messenger:1', Empty: '' },
  authToken: TOKEN,
  idempotencyToken: '7c3a1f6e-0000-7000-8000-000000000001',
  cookies: null,
  allowPrivate: true,
  ...fields,
})

function answered(answer: CustomerAnswer) {
  assert.ok(answer.ok, JSON.stringify(answer))
  return answer
}

function failed(answer: CustomerAnswer) {
  assert.ok(!answer.ok, JSON.stringify(answer))
  return answer
}

/** The check that a customer makes with the official library, from what arrived. */
function assertSigned({ headers, url, params }: Seen): void {
  const signature = String(headers['x-twilio-signature'])
  assert.equal(twilio.validateRequest(TOKEN, signature, url, params), true, url)
}

test('a POST carries the form, the headers and a signature that the official validator accepts', async (t) => {
  const server = await recordingServer((response) => answerTwiml(response, '<Response><Message>ü</Message></Response>'))
  t.after(server.close)
  const answer = answered(await callCustomer(call(`${server.url}/a/%7Ehook?x=1&y=%20#rc=0`)))
  assert.equal(answer.status, 200)
  assert.equal(answer.contentType, 'text/xml')
  assert.equal(answer.body, '<Response><Message>ü</Message></Response>')
  assert.equal(answer.url, `${server.url}/a/%7Ehook?x=1&y=%20`)
  assert.equal(answer.cookies, null)

  const [seen] = server.seen
  assert.ok(seen)
  assertSigned(seen)
  assert.equal(seen.method, 'POST')
  assert.equal(seen.path, '/a/%7Ehook?x=1&y=%20')
  assert.deepEqual(seen.params, { Body: 'Grüße & 🎉 a+b', From: 'messenger:1', Empty: '' })
  const { headers } = seen
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded; charset=utf-8')
  assert.equal(headers['user-agent'], 'TwilioProxy/1.1')
  assert.equal(headers.accept, '*/*')
  assert.equal(headers['accept-encoding'], 'gzip')
  assert.equal(headers['cache-control'], 'max-age=259200')
  assert.equal(headers['i-twilio-idempotency-token'], '7c3a1f6e-0000-7000-8000-000000000001')
  assert.equal(headers.authorization, undefined)

  const [exchange] = answer.exchanges
  assert.equal(answer.exchanges.length, 1)
  assert.equal(exchange?.url, `${server.url}/a/%7Ehook?x=1&y=%20`)
  assert.equal(exchange?.status, 200)
  assert.equal(exchange?.responseHeaders['content-type'], 'text/xml')
  assert.equal(exchange?.errorCode, null)
  assert.ok((exchange?.durationMs ?? -1) >= 0)
})

test('a GET carries everything in a signed query, behind the one that was configured', async (t) => {
  const server = await recordingServer((response) => answerTwiml(response))
  t.after(server.close)
  const answer = answered(await callCustomer(call(`${server.url}/hook?a=%20~'&b`, { method: 'GET' })))
  const [seen] = server.seen
  assert.ok(seen)
  assertSigned(seen)
  assert.equal(seen.method, 'GET')
  assert.equal(seen.path, `/hook?a=%20~'&b&Body=Gr%C3%BC%C3%9Fe+%26+%F0%9F%8E%89+a%2Bb&From=messenger%3A1&Empty=`)
  assert.equal(seen.headers['content-type'], undefined)
  assert.equal(answer.exchanges[0]?.requestParams.From, 'messenger:1')
})

test('user and password become basic authentication, masked in the record and absent from the signature', async (t) => {
  const server = await recordingServer((response) => answerTwiml(response))
  t.after(server.close)
  const url = server.url.replace('//', '//jane:s3cr%40t@')
  const answer = answered(await callCustomer(call(`${url}/hook`)))
  const [seen] = server.seen
  assert.ok(seen)
  assertSigned(seen)
  assert.equal(seen.headers.authorization, `Basic ${Buffer.from('jane:s3cr@t').toString('base64')}`)
  assert.equal(answer.exchanges[0]?.requestHeaders.Authorization, 'Basic ***')
  assert.doesNotMatch(JSON.stringify(answer.exchanges), /s3cr|amFuZT/)
  assert.equal(new URL('/next', answer.url).username, 'jane', 'a relative URL in the document keeps the credentials')
})

test('a 303 after a POST is a GET without parameters, a 307 repeats the POST, each signed for its own URL', async (t) => {
  const server = await recordingServer((response, { path }) => {
    if (path === '/1') response.writeHead(307, { location: Buffer.from('/2?x=ü').toString('latin1') }).end()
    else if (path.startsWith('/2')) response.writeHead(303, { location: 'deeper/3' }).end('moved')
    else answerTwiml(response)
  })
  t.after(server.close)
  const answer = answered(await callCustomer(call(`${server.url}/1`)))
  server.seen.forEach(assertSigned)
  assert.equal(server.seen[1]?.path, '/2?x=%C3%BC')
  assert.deepEqual(
    server.seen.map(({ method, params }) => [method, Object.keys(params).length]),
    [
      ['POST', 3],
      ['POST', 3],
      ['GET', 0],
    ],
  )
  assert.equal(answer.url, `${server.url}/deeper/3`)
  assert.deepEqual(
    answer.exchanges.map(({ status }) => status),
    [307, 303, 200],
  )
})

for (const status of [301, 302, 303, 307, 308]) {
  test(`a ${status} to another origin takes neither credentials nor cookies along`, async (t) => {
    const other = await recordingServer((response) => answerTwiml(response))
    const first = await recordingServer((response, { path }) => {
      const location = path === '/in' ? '/again' : `${other.url}/there`
      response.writeHead(status, { location, 'set-cookie': 'sid=42; Path=/' }).end()
    })
    t.after(() => Promise.all([first.close(), other.close()]))
    const answer = answered(await callCustomer(call(`${first.url.replace('//', '//jane:secret@')}/in`)))
    assert.equal(first.seen[1]?.headers.authorization, first.seen[0]?.headers.authorization)
    assert.equal(first.seen[1]?.headers.cookie, 'sid=42')
    assert.equal(other.seen.length, 1)
    assert.equal(other.seen[0]?.headers.authorization, undefined)
    assert.equal(other.seen[0]?.headers.cookie, undefined)
    assert.equal(answer.url, `${other.url}/there`)
    assert.equal(other.seen[0]?.method, status >= 307 ? 'POST' : 'GET')
  })
}

test('a redirect loop ends after ten hops', async (t) => {
  const server = await recordingServer((response) => response.writeHead(302, { location: '/round' }).end())
  t.after(server.close)
  const answer = failed(await callCustomer(call(`${server.url}/round`)))
  assert.equal(answer.code, 11215)
  assert.equal(server.seen.length, 11)
})

test('a redirect without a usable Location is refused', async (t) => {
  const locations = [undefined, 'ftp://example.com/', 'http://bad_host.example/', 'http://', 'javascript:alert(1)']
  const server = await recordingServer((response, _, count) => {
    const location = locations[count - 1]
    response.writeHead(302, location === undefined ? {} : { location }).end()
  })
  t.after(server.close)
  for (const location of locations) {
    const answer = failed(await callCustomer(call(server.url)))
    assert.deepEqual([answer.code, answer.status], [11216, 302], String(location))
    assert.equal(answer.exchanges[0]?.errorCode, 11216)
  }
})

test('a cookie comes back with the next call of the conversation', async (t) => {
  const server = await recordingServer((response, _, count) => {
    response.setHeader('set-cookie', [`step=${count}; Path=/`, `once=${count}; Max-Age=0`])
    answerTwiml(response)
  })
  t.after(server.close)
  const first = answered(await callCustomer(call(server.url)))
  const second = answered(await callCustomer(call(server.url, { cookies: first.cookies })))
  answered(await callCustomer(call(server.url, { cookies: second.cookies })))
  assert.deepEqual(
    server.seen.map(({ headers }) => headers.cookie),
    [undefined, 'step=1', 'step=2'],
  )
})

test('a private address is refused before a byte is sent, however it is spelled', async (t) => {
  const server = await recordingServer((response) => answerTwiml(response))
  t.after(server.close)
  const hosts = [
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::ffff:127.0.0.1]',
    '[::1]',
    '0.0.0.0',
  ]
  for (const host of hosts) {
    const answer = failed(await callCustomer(call(`http://${host}:${server.port}/`, { allowPrivate: false })))
    assert.equal(answer.code, 11205, host)
    assert.match(answer.reason, /PAGEWIRE_ALLOW_PRIVATE_CALLBACKS/, host)
    assert.equal(answer.exchanges.length, 1, 'what is forbidden is not tried again')
  }
  assert.equal(server.seen.length, 0)
})

test('a redirect from a permitted to a private address is refused at the second hop', async (t) => {
  const inner = await recordingServer((response) => answerTwiml(response, 'secret'), '127.0.0.2')
  const outer = await recordingServer((response) => response.writeHead(307, { location: inner.url }).end())
  const agent = guardedAgent((address) => address === '127.0.0.1')
  t.after(() => Promise.all([inner.close(), outer.close(), agent.close()]))
  const answer = failed(await callCustomer(call(outer.url), agent))
  assert.equal(answer.code, 11205)
  assert.match(answer.reason, /127\.0\.0\.2 is not a public address/)
  assert.deepEqual([outer.seen.length, inner.seen.length], [1, 0])
})

test('a connection that one policy opened does not serve the other', async (t) => {
  const server = await recordingServer((response) => answerTwiml(response))
  t.after(server.close)
  answered(await callCustomer(call(server.url)))
  assert.equal(failed(await callCustomer(call(server.url, { allowPrivate: false }))).code, 11205)
  assert.equal(server.seen.length, 1)
})

test('a URL that is none, and a bad override, fail without a request', async () => {
  for (const url of [
    '',
    '/relative',
    'ftp://example.com',
    'http://my_host.example/',
    'http://a b/',
    'http://\ud800/',
  ]) {
    const answer = failed(await callCustomer(call(url)))
    assert.deepEqual([answer.code, answer.exchanges.length], [11100, 0], url)
  }
  assert.equal(failed(await callCustomer(call('http://127.0.0.1/#ct=1'))).code, 11240)
  assert.equal(failed(await callCustomer(call('http://127.0.0.1/#rp=x'))).code, 11243)
})
