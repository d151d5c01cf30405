/** Somebody's web server with files: records what was asked for, answers as told. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The smallest picture. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
/** With a film's first bytes: a container that may hold sound alone. */
export const MP4 = Buffer.concat([Buffer.from('0000001c6674797069736f6d0000020069736f6d69736f326d703431', 'hex'), PNG])
export const PDF = Buffer.from('%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n')

export type ServedFile = {
  status?: number
  type?: string | null
  body?: Buffer | string
  headers?: Record<string, string>
  /** The connection breaks after so many bytes of the body. */
  breakAfter?: number
  /** Nothing is answered before this. */
  after?: Promise<unknown>
}

export type FileServer = {
  url: string
  requests: { method: string; path: string; headers: IncomingHttpHeaders }[]
  /** What a path answers from now on; several answers go out one after the other, the last one for good. */
  serve: (path: string, ...files: ServedFile[]) => string
  stop: () => Promise<void>
}

export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, ServedFile[]>()
  const requests: FileServer['requests'] = []
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/'
    requests.push({ method: request.method ?? '', path, headers: request.headers })
    const answers = files.get(path.split('?')[0] ?? '') ?? []
    const file = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 404 }
    const { status = 200, type = 'image/png', body = PNG, headers = {}, breakAfter } = file
    await file.after
    const bytes = Buffer.from(body)
    const length = headers['Transfer-Encoding'] ? {} : { 'Content-Length': bytes.length }
    response.writeHead(status, { ...(type && { 'Content-Type': type }), ...length, ...headers })
    if (breakAfter === undefined) response.end(bytes)
    else response.write(bytes.subarray(0, breakAfter), () => request.socket.resetAndDestroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    requests,
    serve(path, ...answers) {
      files.set(path, answers)
      return url + path
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
