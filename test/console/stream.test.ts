import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { type Gateway, startGateway } from '../gateway.ts'
import { signIn, type Visitor, WITH_ADMIN } from './visitor.ts'

let gateway: Gateway
let owner: Visitor
before(async () => {
  gateway = await startGateway(WITH_ADMIN)
  owner = await signIn(gateway)
})
after(() => gateway.stop())

const path = () => `/console/api/accounts/${gateway.account.sid}/stream`

/** Asks for the stream, and is gone before anybody has looked at the session. */
async function askAndGo(): Promise<void> {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.end(`GET ${path()} HTTP/1.1\r\nHost: pagewire\r\nCookie: ${owner.cookie()}\r\n\r\n`)
  socket.destroySoon()
  socket.resume()
  await once(socket, 'close')
}

test('pages that are gone before their stream begins take no place from others', async () => {
  for (let set = 0; set < 21; set += 1) await Promise.all(Array.from({ length: 50 }, askAndGo))

  const stream = await fetch(gateway.url + path(), { headers: { Cookie: owner.cookie() } })
  assert.equal(stream.status, 200)
  await stream.body?.cancel()
})
