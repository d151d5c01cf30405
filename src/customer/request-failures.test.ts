import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { guardedAgent } from './address-guard.ts'
import { answerTwiml, recordingServer } from './recording-server.ts'
import { type CustomerAnswer, callCustomer, closeCustomerConnections } from './request.ts'

after(closeCustomerConnections)

const ask = (url: string, agent?: Parameters<typeof callCustomer>[1]): Promise<CustomerAnswer> => {
  const call = { url, params: { Body: 'Hi' }, authToken: 'token', idempotencyToken: 'once', cookies: null }
  return callCustomer({ ...call, method: 'POST', allowPrivate: true }, agent)
}

async function failure(url: string, agent?: Parameters<typeof callCustomer>[1]) {
  const answer = await ask(url, agent)
  assert.ok(!answer.ok, JSON.stringify(answer))
  return answer
}

async function success(url: string) {
  const answer = await ask(url)
  assert.ok(answer.ok, JSON.stringify(answer))
  return answer
}

/** A server that speaks TCP only; `answer` is called once for each request. Connections count from 1. */
async function rawServer(answer: (socket: Socket, connection: number) => void) {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.on('error', () => {})
    // Head and form may come in separate pieces.
    socket.on('data', (data) => data.includes('Body=Hi') && answer(socket, connection))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}/`, connections: () => connections, close }
}

/** Fails when the work takes as long as it would without the overridden limit: 5 s and more. */
async function soon<T>(work: Promise<T>): Promise<T> {
  const startedMs = performance.now()
  const result = await work
  assert.ok(performance.now() - startedMs < 2_000, `took ${performance.now() - startedMs} ms`)
  return result
}

/** The client puts a connection back into the pool one turn of the event loop after the answer. */
const givenBack = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

test('an error status is 11200 and is not tried again by default', async (t) => {
  for (const status of [400, 404, 500, 503]) {
    const server = await recordingServer((response) => response.writeHead(status).end('oops\0'))
    t.after(server.close)
    const answer = await failure(server.url)
    assert.deepEqual([answer.code, answer.status, server.seen.length], [11200, status, 1])
    assert.match(answer.reason, new RegExp(`status ${status}`))
    const [exchange] = answer.exchanges
    assert.deepEqual([exchange?.errorCode, exchange?.responseBody], [11200, 'oops\ufffd'])
  }
})

test('rc and rp ask for retries, which carry the same idempotency token', async (t) => {
  const server = await recordingServer((response, _, count) => {
    if (count < 3) response.writeHead(503).end()
    else answerTwiml(response)
  })
  t.after(server.close)
  const answer = await success(`${server.url}/#rc=2&rp=5xx`)
  assert.deepEqual(
    answer.exchanges.map(({ status }) => status),
    [503, 503, 200],
  )
  assert.deepEqual(
    server.seen.map(({ headers }) => headers['i-twilio-idempotency-token']),
    ['once', 'once', 'once'],
  )
})

test('retries end at the count, and a policy covers its own failures only', async (t) => {
  const server = await recordingServer((response, { path }) => response.writeHead(Number(path.slice(1))).end())
  t.after(server.close)
  assert.equal((await failure(`${server.url}/500#rc=3&rp=5xx`)).exchanges.length, 4)
  assert.equal((await failure(`${server.url}/404#rc=3&rp=5xx,ct,rt`)).exchanges.length, 1)
  assert.equal((await failure(`${server.url}/404#rp=4xx`)).exchanges.length, 2)
  assert.equal((await failure(`${server.url}/404#rc=2&rp=all`)).exchanges.length, 3)
})

test('a refused connection is tried twice by default', async () => {
  const server = await rawServer(() => {})
  await server.close()
  const answer = await failure(server.url)
  assert.deepEqual([answer.code, answer.status, answer.exchanges.length], [11205, null, 2])
  assert.match(answer.reason, /ECONNREFUSED/)
  assert.equal((await failure(`${server.url}#rc=0`)).exchanges.length, 1)
})

test('a name that does not exist is 11210, and a name server in trouble is asked again', async (t) => {
  const dns = (code: string) =>
    guardedAgent(
      () => true,
      (_, __, callback) => callback(Object.assign(new Error(code), { code }), []),
    )
  const agents = [dns('ENOTFOUND'), dns('EAI_AGAIN')]
  t.after(() => Promise.all(agents.map((agent) => agent.close())))
  const results = await Promise.all(agents.map((agent) => failure('http://nowhere.test/', agent)))
  assert.deepEqual(
    results.map(({ code, exchanges }) => [code, exchanges.length]),
    [
      [11210, 1],
      [11210, 2],
    ],
  )
})

test('a connection that does not come about ends at ct, and is tried again within tt', async (t) => {
  const server = await rawServer(() => {})
  t.after(server.close)
  const once = await soon(failure(`https://${server.host}/#ct=100&rc=0`))
  assert.deepEqual([once.code, once.exchanges.length], [11205, 1])
  assert.match(once.reason, /within 100 ms/)
  const twice = await soon(failure(`https://${server.host}/#ct=100`))
  assert.deepEqual([twice.code, twice.exchanges.length], [11205, 2])
  const cut = await soon(failure(`https://${server.host}/#ct=5000&tt=120`))
  assert.deepEqual([cut.code, cut.exchanges.length], [11205, 1])
})

test('an answer that does not come ends at rt', async (t) => {
  const server = await recordingServer(() => {})
  t.after(server.close)
  const answer = await soon(failure(`${server.url}/#rt=100`))
  assert.deepEqual([answer.code, answer.status, answer.exchanges.length], [11200, null, 1])
  const again = await soon(failure(`${server.url}/#rt=100&rp=rt`))
  assert.equal(again.exchanges.length, 2)
})

test('an answer that drips ends at tt, head or body', async (t) => {
  const drip = (first: string, next: string) =>
    rawServer((socket) => {
      socket.write(first)
      const timer = setInterval(() => socket.write(next), 30)
      socket.on('close', () => clearInterval(timer))
    })
  const head = await drip('HTTP/1.1 200 OK\r\n', 'X-Slow: 1\r\n')
  const body = await drip('HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n', 'x')
  t.after(() => Promise.all([head.close(), body.close()]))
  for (const [url, status, rt] of [
    [head.url, null, 15000],
    [body.url, 200, 100],
  ] as const) {
    const answer = await soon(failure(`${url}#tt=150&rt=${rt}`))
    assert.deepEqual([answer.code, answer.status, answer.exchanges.length], [11200, status, 1])
    assert.match(answer.reason, /within 150 ms/)
  }
})

test('a body that stops in the middle ends at rt', async (t) => {
  const server = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'))
  t.after(server.close)
  const answer = await soon(failure(`${server.url}#rt=100`))
  assert.deepEqual([answer.code, answer.status, answer.exchanges[0]?.responseBody], [11200, 200, 'abc'])
})

test('a connection that is reset or closed without an answer is 11206 and, being new, not used again', async (t) => {
  const reset = await rawServer((socket) => socket.resetAndDestroy())
  const closed = await rawServer((socket) => socket.end())
  const half = await rawServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'))
  t.after(() => Promise.all([reset.close(), closed.close(), half.close()]))
  for (const server of [reset, closed, half]) {
    const answer = await failure(server.url)
    assert.deepEqual([answer.code, answer.exchanges.length, server.connections()], [11206, 1, 1], answer.reason)
  }
})

test('a kept-alive connection that the server has given up is replaced once, unnoticed by the customer', async (t) => {
  const ok = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok'
  for (const give of ['reset', 'close'] as const) {
    const requests = new Map<number, number>()
    const server = await rawServer((socket, connection) => {
      const count = (requests.get(connection) ?? 0) + 1
      requests.set(connection, count)
      if (count === 1) socket.write(ok)
      else if (give === 'reset') socket.resetAndDestroy()
      else socket.end()
    })
    t.after(server.close)
    assert.equal((await success(server.url)).exchanges.length, 1)
    await givenBack()
    const second = await success(server.url)
    assert.deepEqual(
      second.exchanges.map(({ errorCode }) => errorCode),
      [11206, null],
      give,
    )
    assert.equal(server.connections(), 2)
    await givenBack()
    assert.equal((await failure(`${server.url}#rc=0`)).code, 11206, 'unless retries are switched off')
  }
})

test('what is no HTTP is 11206', async (t) => {
  const answers = [
    'SSH-2.0-OpenSSH\r\n',
    'HTTP/1.1 200 OK\r\nBad Header\r\n\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
  ]
  for (const text of answers) {
    const server = await rawServer((socket) => socket.end(text))
    t.after(server.close)
    assert.equal((await failure(server.url)).code, 11206, text.slice(0, 20))
  }
})

test('a body of 64 kB is read, a larger one is 11750 and not read on', async (t) => {
  let written = 0
  const server = await recordingServer((response, { path }) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    if (path === '/endless') {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384
        response.once('drain', more)
      }
      more()
    } else response.end('x'.repeat(Number(path.slice(1))))
  })
  t.after(server.close)
  assert.equal((await success(`${server.url}/65536`)).body.length, 65536)
  for (const path of ['65537', '66560', '80000', 'endless']) {
    const answer = await failure(`${server.url}/${path}`)
    assert.deepEqual([answer.code, answer.status], [11750, 200], path)
    assert.ok((answer.exchanges[0]?.responseBody.length ?? 0) <= 65536)
  }
  assert.ok(written < 20_000_000)
})

test('gzip is understood, and a small bomb is 11750', async (t) => {
  const bodies: Record<string, Buffer> = {
    '/ok': gzipSync('<Response><Message>ü</Message></Response>'),
    '/bomb': gzipSync(Buffer.alloc(50_000_000)),
    '/edge': gzipSync('x'.repeat(65_536)),
    '/over': gzipSync('x'.repeat(65_537)),
    '/cut': gzipSync('x'.repeat(1000)).subarray(0, 20),
    '/not': Buffer.from('plain'),
    '/none': Buffer.alloc(0),
  }
  const server = await recordingServer((response, { path }) => {
    response.writeHead(200, { 'content-type': 'text/xml', 'content-encoding': 'gzip' }).end(bodies[path])
  })
  const other = await recordingServer((response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'))
  t.after(() => Promise.all([server.close(), other.close()]))
  assert.equal((await success(`${server.url}/ok`)).body, '<Response><Message>ü</Message></Response>')
  assert.equal((await success(`${server.url}/edge`)).body.length, 65_536)
  assert.equal((await success(`${server.url}/none`)).body, '')
  assert.equal((await failure(`${server.url}/bomb`)).code, 11750)
  assert.equal((await failure(`${server.url}/over`)).code, 11750)
  assert.equal((await failure(`${server.url}/cut`)).code, 11206)
  assert.equal((await failure(`${server.url}/not`)).code, 11206)
  assert.equal((await failure(other.url)).code, 11206)
})

test('the charset of the Content-Type is honoured, and an unknown one is read as UTF-8', async (t) => {
  const server = await recordingServer((response, { path }) => {
    const latin = path === '/latin1'
    response.setHeader('content-type', latin ? 'text/plain; charset="ISO-8859-1"' : 'text/plain; charset=nonsense')
    response.end(Buffer.from('Grüße', latin ? 'latin1' : 'utf8'))
  })
  t.after(server.close)
  assert.equal((await success(`${server.url}/latin1`)).body, 'Grüße')
  assert.equal((await success(`${server.url}/other`)).body, 'Grüße')
})

test('an interim answer is not the answer', async (t) => {
  const server = await rawServer((socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n')
  })
  t.after(server.close)
  const answer = await success(server.url)
  assert.deepEqual([answer.status, answer.body, answer.contentType], [204, '', null])
})

test('closing waits for a running call', async (t) => {
  const server = await recordingServer((response) => setTimeout(() => answerTwiml(response), 50))
  t.after(server.close)
  const running = success(server.url)
  await closeCustomerConnections()
  assert.equal((await running).status, 200)
  assert.equal((await success(server.url)).status, 200, 'and a later call opens new connections')
})
