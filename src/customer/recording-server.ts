/** A customer's server for tests: keeps what it was sent and answers as it is told. Listens on the loopback only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Seen = {
  method: string
  /** As received: path and query. */
  path: string
  /** As the server itself would rebuild it to check a signature. */
  url: string
  headers: IncomingMessage['headers']
  params: Record<string, string>
}

export type RecordingServer = { url: string; port: number; seen: Seen[]; close: () => Promise<void> }

type Answer = (response: ServerResponse, seen: Seen, count: number) => void

export async function recordingServer(answer: Answer, host = '127.0.0.1'): Promise<RecordingServer> {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { method = '', url: path = '', headers } = request
    const params = Object.fromEntries(new URLSearchParams(body))
    const item: Seen = { method, path, url: `http://${headers.host}${path}`, headers, params }
    seen.push(item)
    answer(response, item, seen.length)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://${host}:${port}`, port, seen, close }
}

/** A valid reply. */
export function answerTwiml(response: ServerResponse, body = '<Response/>'): void {
  response.writeHead(200, { 'content-type': 'text/xml' }).end(body)
}
