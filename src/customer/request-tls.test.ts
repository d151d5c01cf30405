import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { after, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { answerTwiml, recordingServer } from './recording-server.ts'
import { callCustomer, closeCustomerConnections } from './request.ts'

after(closeCustomerConnections)

/** One DER element (X.690): tag, length, contents. */
function der(tag: number, ...contents: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(contents.map((content) => Buffer.from(content)))
  const size = body.length
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** A self-signed certificate (RFC 5280) with one subject alternative name, valid until the given day. */
function certificate(commonName: string, subjectAltName: Buffer, notAfter: string): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = der(0x30, der(0x06, hex('2a8648ce3d040302')))
  const name = der(0x30, der(0x31, der(0x30, der(0x06, hex('550403')), der(0x0c, commonName))))
  const extension = (id: string, value: Buffer) => der(0x30, der(0x06, hex(id)), der(0x04, value))
  const body = der(
    0x30,
    der(0xa0, der(0x02, hex('02'))),
    der(0x02, hex('01')),
    ecdsaWithSha256,
    name,
    der(0x30, der(0x18, '20200101000000Z'), der(0x18, `${notAfter}000000Z`)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      der(0x30, extension('551d13', der(0x30, der(0x01, hex('ff')))), extension('551d11', der(0x30, subjectAltName))),
    ),
  )
  const signature = sign('sha256', body, privateKey)
  const bytes = der(0x30, body, ecdsaWithSha256, der(0x03, hex('00'), signature))
  const cert = `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert }
}

const LOOPBACK = der(0x87, hex('7f000001'))
const OTHER_NAME = der(0x82, 'other.example')

async function listen(server: Server): Promise<string> {
  after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const serve = (options: { key: string; cert: string }) =>
  listen(createServer(options, (_, response) => answerTwiml(response)))

const ask = (url: string) => {
  const call = { url, params: { Body: 'Hi' }, authToken: 'token', idempotencyToken: 'once', cookies: null }
  return callCustomer({ ...call, method: 'POST', allowPrivate: true })
}

async function codeOf(url: string): Promise<number> {
  const answer = await ask(url)
  assert.ok(!answer.ok, JSON.stringify(answer))
  assert.equal(answer.exchanges.length, 1, 'what cannot change is not tried again')
  return answer.code
}

const good = certificate('good', LOOPBACK, '21200101')
const expired = certificate('expired', LOOPBACK, '20210101')
const otherName = certificate('otherName', OTHER_NAME, '21200101')
const untrusted = certificate('untrusted', LOOPBACK, '21200101')
setDefaultCACertificates([...getCACertificates('default'), good.cert, expired.cert, otherName.cert])

test('a certificate with a path to a trusted root is accepted', async () => {
  const answer = await ask(`https://${await serve(good)}/`)
  assert.equal(answer.ok && answer.status, 200)
})

test('a certificate for another name, an expired one and a self-signed one each have their code', async () => {
  assert.equal(await codeOf(`https://${await serve(otherName)}/`), 11235)
  assert.equal(await codeOf(`https://${await serve(expired)}/`), 11236)
  assert.equal(await codeOf(`https://${await serve(untrusted)}/`), 11237)
})

test('https to a port that speaks plain HTTP is 11220, http to one that speaks TLS is 11206', async (t) => {
  const plain = await recordingServer((response) => answerTwiml(response))
  t.after(plain.close)
  assert.equal(await codeOf(plain.url.replace('http:', 'https:')), 11220)
  assert.equal(await codeOf(`http://${await serve(good)}/`), 11206)
})

test('a connection that is dropped during the handshake is tried twice', async () => {
  const host = await listen(createTcpServer((socket) => void socket.once('data', () => socket.destroy())))
  const answer = await ask(`https://${host}/`)
  assert.deepEqual([!answer.ok && answer.code, answer.exchanges.length], [11205, 2])
})

test('a new TLS connection that ends without an answer is not used again', async (t) => {
  const server = createServer(good, (request) => void request.socket.destroy())
  const host = await listen(server)
  t.after(() => server.closeAllConnections())
  assert.equal(await codeOf(`https://${host}/`), 11206)
})
