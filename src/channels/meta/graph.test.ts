import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import { createGraph, type Graph, type GraphAnswer, type GraphCall, type GraphOptions } from './graph.ts'
import { answerJson, listen, startStandIn } from './graph-stand-in.ts'

const APP = { appId: '1', appSecret: 'sesame', verifyToken: 'v' }
const CALL: GraphCall = {
  method: 'POST',
  path: '42/messages',
  fields: { message: { text: 'ä' } },
  accessToken: 'a123',
  app: APP,
}

const cleanups: (() => unknown)[] = []
after(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
})

function graphAt(graphUrl: string, options: Partial<GraphOptions> = {}): Graph {
  const graph = createGraph({ graphUrl, graphVersion: 'v25.0', timeoutMs: 1_000, ...options })
  cleanups.push(() => graph.close())
  return graph
}

async function standIn(...how: Parameters<typeof startStandIn>) {
  const server = await startStandIn(...how)
  cleanups.push(() => server.close())
  return server
}

const kindOf = (answer: GraphAnswer): string => answer.kind

test('a POST carries the token in a header, the proof in the body and nothing in the URL', async () => {
  const server = await standIn((_asked, response) => answerJson(response, 200, { message_id: 'm_1' }))
  const answer = await graphAt(`${server.url}/sandbox/graph/`).call(CALL)

  assert.deepEqual(answer, { kind: 'answered', status: 200, json: { message_id: 'm_1' } })
  const [asked] = server.asked
  assert.equal(asked?.method, 'POST')
  assert.equal(asked?.url.href, 'http://stand-in/sandbox/graph/v25.0/42/messages')
  assert.equal(asked?.headers.authorization, 'Bearer a123')
  assert.equal(asked?.headers['content-type'], 'application/json')
  assert.deepEqual(JSON.parse(asked?.body ?? ''), {
    message: { text: 'ä' },
    appsecret_proof: 'afd9a04cbf171723d25ae2df382458e5f8ffd034f78e7e92a88a2fcf681ffb6c',
  })
})

test('a GET has its fields and the proof in the query, and still no token', async () => {
  const server = await standIn((_asked, response) => answerJson(response, 200, {}))
  await graphAt(server.url).call({ ...CALL, method: 'GET', path: '42', fields: { fields: 'id,name' } })
  const query = server.asked[0]?.url.searchParams
  assert.equal(query?.get('fields'), 'id,name')
  assert.match(query?.get('appsecret_proof') ?? '', /^afd9a04c/)
  assert.doesNotMatch(server.asked[0]?.url.href ?? '', /a123/)
})

test('connections are kept and reused', async () => {
  const server = await standIn((_asked, response) => answerJson(response, 200, {}))
  const graph = graphAt(server.url)
  for (let i = 0; i < 10; i += 1) await graph.call(CALL)
  // Two, as an answer is here a moment before its connection is free again.
  assert.ok(server.connections() <= 2)
})

test('connections are bounded and calls beyond them wait', async () => {
  const server = await standIn((_asked, response) => answerJson(response, 200, {}))
  const graph = graphAt(server.url, { maxConnections: 2 })
  const answers = await Promise.all(Array.from({ length: 20 }, () => graph.call(CALL)))
  assert.deepEqual(new Set(answers.map(kindOf)), new Set(['answered']))
  assert.ok(server.connections() <= 2)
})

test('a refused connection is surely unsent', async () => {
  const closed = await startStandIn(() => {})
  await closed.close()
  assert.deepEqual(await graphAt(closed.url).call(CALL), { kind: 'unsent', cause: 'ECONNREFUSED' })
})

test('a failing TLS handshake is surely unsent, with however many bytes exchanged', async () => {
  let received = 0
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      received += data.length
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
  })
  const port = await listen(server)
  cleanups.push(() => server.close())
  assert.equal((await graphAt(`https://127.0.0.1:${port}`).call(CALL)).kind, 'unsent')
  assert.ok(received > 0)
})

test('a handshake that never ends is surely unsent', async () => {
  const sockets: { destroy: () => void }[] = []
  const server = createServer((socket) => sockets.push(socket))
  const port = await listen(server)
  cleanups.push(() => server.close())
  assert.equal((await graphAt(`https://127.0.0.1:${port}`, { timeoutMs: 100 }).call(CALL)).kind, 'unsent')
  for (const socket of sockets) socket.destroy()
})

test('a reset of a plain connection at once is unknown, as the request was written by then', async () => {
  const server = await standIn(
    () => {},
    (socket) => setImmediate(() => socket.resetAndDestroy()),
  )
  assert.equal((await graphAt(server.url).call(CALL)).kind, 'unknown')
})

test('a reset after the request was read is unknown', async () => {
  const server = await standIn((_asked, response) => response.socket?.resetAndDestroy())
  assert.equal((await graphAt(server.url).call(CALL)).kind, 'unknown')
  assert.equal(server.asked.length, 1)
})

test('an answer cut off in the middle is unknown', async () => {
  const server = await standIn((_asked, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"message_id":', () => response.socket?.destroy())
  })
  assert.equal((await graphAt(server.url).call(CALL)).kind, 'unknown')
})

test('no answer in time is unknown, also when it drips', async () => {
  const silent = await standIn(() => {})
  assert.deepEqual(await graphAt(silent.url, { timeoutMs: 80 }).call(CALL), {
    kind: 'unknown',
    cause: 'no answer within 80 ms',
  })
  const dripping = await standIn((_asked, response) => {
    const timer = setInterval(() => response.write(' '), 10)
    response.on('close', () => clearInterval(timer))
  })
  assert.equal((await graphAt(dripping.url, { timeoutMs: 80 }).call(CALL)).kind, 'unknown')
})

test('a call with media may take longer', async () => {
  const server = await standIn((_asked, response) => setTimeout(() => answerJson(response, 200, {}), 100))
  const graph = graphAt(server.url, { timeoutMs: 40, mediaTimeoutMs: 2_000 })
  assert.equal((await graph.call(CALL)).kind, 'unknown')
  assert.equal((await graph.call({ ...CALL, withMedia: true })).kind, 'answered')
})

test('a call given up while it waited for a connection is never written', async () => {
  let release = () => {}
  const server = await standIn((asked, response) => {
    if (asked.body.includes('first')) release = () => answerJson(response, 200, {})
    else answerJson(response, 200, {})
  })
  const graph = graphAt(server.url, { timeoutMs: 80, mediaTimeoutMs: 2_000, maxConnections: 1 })
  const first = graph.call({ ...CALL, fields: { text: 'first' }, withMedia: true })
  assert.equal((await graph.call({ ...CALL, fields: { text: 'second' } })).kind, 'unsent')
  release()
  assert.equal((await first).kind, 'answered')
  assert.equal((await graph.call({ ...CALL, fields: { text: 'third' } })).kind, 'answered')
  assert.deepEqual(
    server.asked.map((asked) => JSON.parse(asked.body).text),
    ['first', 'third'],
  )
})

test('an answer without end is unknown', async () => {
  const server = await standIn((_asked, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    }
    response.on('drain', more)
    more()
  })
  assert.deepEqual(await graphAt(server.url).call(CALL), { kind: 'unknown', cause: 'the answer is too large' })
})

test('an answer that is not JSON is answered, without JSON', async () => {
  const server = await standIn((_asked, response) => response.writeHead(500).end('<html>Sorry</html>'))
  assert.deepEqual(await graphAt(server.url).call(CALL), { kind: 'answered', status: 500, json: undefined })
})

test('a token that no header can carry fails as a value', async () => {
  const server = await standIn((_asked, response) => answerJson(response, 200, {}))
  const answer = await graphAt(server.url).call({ ...CALL, accessToken: 'a\r\nb' })
  assert.equal(answer.kind, 'unsent')
  assert.doesNotMatch(JSON.stringify(answer), /a\\r/)
  assert.equal(server.asked.length, 0)
})

test('closing waits for the call under way', async () => {
  const server = await standIn((_asked, response) => setTimeout(() => answerJson(response, 200, {}), 30))
  const graph = createGraph({ graphUrl: server.url, graphVersion: 'v25.0' })
  const call = graph.call(CALL)
  await graph.close()
  assert.equal((await call).kind, 'answered')
  assert.equal((await graph.call(CALL)).kind, 'unsent')
})
