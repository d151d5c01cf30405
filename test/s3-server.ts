/**
 * A stand-in for an S3-compatible store: buckets in memory, and every request's signature (AWS Signature Version 4)
 * computed again from what arrived. Objects are written, read whole or in parts, and deleted.
 */
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type S3Server = {
  url: string
  /** By `bucket/key`. */
  objects: Map<string, { body: Buffer; type: string }>
  requests: string[]
  /** The next requests are answered so. */
  failNext: (...statuses: number[]) => void
  stop: () => Promise<void>
}

export const S3_KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Undefined when the request is rightly signed. */
function wrongIn(request: IncomingMessage, body: Buffer): string | undefined {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w{64})$/
  const [, id, day = '', region = '', names = '', signature] = form.exec(request.headers.authorization ?? '') ?? []
  if (id !== S3_KEYS.accessKeyId) return 'InvalidAccessKeyId'
  const hash = String(request.headers['x-amz-content-sha256'])
  if (hash !== 'UNSIGNED-PAYLOAD' && hash !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const url = new URL(request.url ?? '/', 'http://s3')
  const query = [...url.searchParams].map((pair) => pair.map(encodeURIComponent).join('=')).sort()
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
  const canonical = [request.method, url.pathname, query.join('&'), headers.join(''), names, hash].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${S3_KEYS.secretAccessKey}`)
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}

export async function startS3Server(...buckets: string[]): Promise<S3Server> {
  const objects: S3Server['objects'] = new Map()
  const requests: string[] = []
  const failures: number[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://s3').pathname.slice(1))
    requests.push(`${request.method} ${name}`)
    const failure = failures.shift()
    if (failure) return refuse(response, failure, 'InternalError')
    const wrong = wrongIn(request, body)
    if (wrong) return refuse(response, 403, wrong)
    if (!buckets.includes(name.split('/')[0] ?? '')) return refuse(response, 404, 'NoSuchBucket')
    if (request.method === 'PUT') {
      objects.set(name, { body, type: request.headers['content-type'] ?? '' })
      return void response.writeHead(200, { ETag: '"1"' }).end()
    }
    if (request.method === 'DELETE') {
      objects.delete(name)
      return void response.writeHead(204).end()
    }
    const object = objects.get(name)
    if (!object) return refuse(response, 404, 'NoSuchKey')
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    const part = from === undefined ? object.body : object.body.subarray(Number(from), Number(to) + 1)
    response.writeHead(from === undefined ? 200 : 206, { 'Content-Type': object.type, 'Content-Length': part.length })
    response.end(part)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    requests,
    failNext: (...statuses) => failures.push(...statuses),
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>refused</Message></Error>`
  response.writeHead(status, { 'Content-Type': 'application/xml' }).end(body)
}
