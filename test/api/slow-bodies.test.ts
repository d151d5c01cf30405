import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { eventually } from '../eventually.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { basic, requestRaw } from '../raw-request.ts'
import { readTwilioError } from '../twilio-error.ts'

let gateway: Gateway
before(async () => {
  gateway = await startGateway()
})
after(() => gateway.stop())

const MIB = 1024 * 1024

/** Announces a body and sends the first byte of it. */
async function announce(path: string, headers: string[]): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write([`POST ${path} HTTP/1.1`, 'Host: pagewire', ...headers, '', ''].join('\r\n'))
  return socket
}

const ping = (bytes: number) =>
  requestRaw(
    gateway.url,
    'POST',
    '/webhooks/messenger',
    { 'Content-Type': 'application/json' },
    Buffer.alloc(bytes, 32),
  )
const create = (body: string) =>
  requestRaw(
    gateway.url,
    'POST',
    `/2010-04-01/Accounts/${gateway.account.sid}/Messages.json`,
    {
      'Content-Type': 'application/x-www-form-urlencoded',
      Authorization: basic(gateway.account.sid, gateway.account.authToken),
    },
    new URLSearchParams({ From: 'messenger:1', To: 'messenger:2', Body: body }).toString(),
  )

test('large bodies that do not arrive leave the memory free, and small requests go on', async () => {
  const chunked = ['Content-Type: application/json', 'Transfer-Encoding: chunked']
  const announced = ['Content-Type: application/json', `Content-Length: ${4 * MIB}`]
  const slow = await Promise.all(
    Array.from({ length: 16 }, (_, nth) => announce('/webhooks/messenger', nth % 2 ? chunked : announced)),
  )
  await eventually('all of them to be counted', async () => (await ping(2 * MIB)).status === 503)

  const refused = await ping(2 * MIB)
  assert.equal(refused.headers.get('retry-after'), '1')
  const told = await create('x'.repeat(100_000))
  assert.equal(readTwilioError(told).code, 20429)
  assert.equal(told.headers.get('retry-after'), '1')
  assert.equal((await ping(200)).status, 403, 'it is read, and not signed')
  assert.notEqual((await create('hi')).status, 429)

  for (const socket of slow) socket.destroy()
  await eventually('room for large ones', async () => (await ping(2 * MIB)).status === 403)
})
