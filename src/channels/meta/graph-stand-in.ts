/** For tests: a local server in the place of the Graph API, which keeps what it was asked. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type Asked = { method: string; url: URL; headers: IncomingHttpHeaders; body: string }

export type StandIn = {
  url: string
  asked: Asked[]
  connections: () => number
  close: () => Promise<void>
}

type Answer = (asked: Asked, response: ServerResponse) => void

export async function startStandIn(
  answer: Answer,
  onConnection: (socket: Socket) => void = () => {},
): Promise<StandIn> {
  const asked: Asked[] = []
  let connections = 0
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const url = new URL(request.url ?? '', 'http://stand-in')
    const one = { method: request.method ?? '', url, headers: request.headers, body }
    asked.push(one)
    answer(one, response)
  })
  server.on('connection', (socket) => {
    connections += 1
    onConnection(socket)
  })
  const port = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    connections: () => connections,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export const answerJson = (response: ServerResponse, status: number, json: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(json))
}

export const listen = (server: Server | import('node:net').Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
