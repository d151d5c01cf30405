import assert from 'node:assert/strict'
import { test } from 'node:test'
import { guardedAgent, isPublicAddress } from './address-guard.ts'
import { recordingServer } from './recording-server.ts'

const PRIVATE = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '100.100.100.200',
  '168.63.129.16',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '100::1',
  'localhost',
  '',
  '2130706433',
  '0x7f.1',
]

test('only addresses that the whole Internet reaches are public', () => {
  for (const address of PRIVATE) assert.equal(isPublicAddress(address), false, address)
  for (const address of [
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '::ffff:1.1.1.1',
    '2606:4700:4700::1111',
    '2a00:1450::1',
  ]) {
    assert.equal(isPublicAddress(address), true, address)
  }
})

type Resolve = Parameters<typeof guardedAgent>[1]

/** Answers the first lookup with the first list, and so on; the last one stays. */
function resolver(...answers: string[][]): { resolve: NonNullable<Resolve>; count: () => number } {
  let count = 0
  return {
    count: () => count,
    resolve: (_, __, callback) => {
      const addresses = answers[Math.min(count++, answers.length - 1)] ?? []
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    },
  }
}

const get = (agent: ReturnType<typeof guardedAgent>, port: number) =>
  agent
    .request({ origin: `http://rebind.test:${port}`, path: '/', method: 'GET', reset: true })
    .then(({ body }) => body.text())

test('a name that changes its address is judged anew for each connection, on the very address connected to', async (t) => {
  const server = await recordingServer((response) => response.end('reached'))
  const dns = resolver(['127.0.0.1'], ['127.0.0.2'])
  const agent = guardedAgent((address) => address === '127.0.0.1', dns.resolve)
  t.after(() => Promise.all([agent.close(), server.close()]))
  assert.equal(await get(agent, server.port), 'reached')
  assert.equal(dns.count(), 1)
  await assert.rejects(
    get(agent, server.port),
    /rebind\.test is not a public address; PAGEWIRE_ALLOW_PRIVATE_CALLBACKS/,
  )
  assert.equal(server.seen.length, 1)
})

test('of a name with several addresses only the permitted ones are tried', async (t) => {
  const server = await recordingServer((response) => response.end('reached'))
  const agent = guardedAgent(
    (address) => address === '127.0.0.1',
    resolver(['127.0.0.2', '127.0.0.1', '10.0.0.1']).resolve,
  )
  t.after(() => Promise.all([agent.close(), server.close()]))
  assert.equal(await get(agent, server.port), 'reached')
})
