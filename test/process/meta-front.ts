/** Takes sends for the stand-in for Meta, notes when they arrive, and can be shut; all else it passes on. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Door, doorOf } from '../door.ts'

/** A call of the Send API; `atMs` of `performance.now()`. */
export type Arrival = { atMs: number; page: string; psid: string; text: string | undefined }
export type Refusal = { code: number; error_subcode?: number }

export type MetaFront = {
  url: string
  arrivals: Arrival[]
  /** Asked about every send from now on. */
  refuse: (refusalOf: (arrival: Arrival) => Refusal | undefined) => void
  door: Door
  stop: () => Promise<void>
}

export async function startMetaFront(metaUrl: string): Promise<MetaFront> {
  const arrivals: Arrival[] = []
  let refusalOf: (arrival: Arrival) => Refusal | undefined = () => undefined
  const server = createServer(async (asked, answer) => {
    const atMs = performance.now()
    const body = await readBody(asked)
    if (asked.url?.endsWith('/messages')) {
      const { recipient, message } = JSON.parse(body) as { recipient: { id: string }; message: { text?: string } }
      const page = asked.url.split('/').at(-2) ?? ''
      const arrival = { atMs, page, psid: recipient.id, text: message.text }
      arrivals.push(arrival)
      const refusal = refusalOf(arrival)
      const error = { message: 'refused', type: 'OAuthException', ...refusal }
      const taken = { recipient_id: recipient.id, message_id: `m_front_${arrivals.length}` }
      answer.writeHead(refusal ? 400 : 200, { 'Content-Type': 'application/json' })
      return void answer.end(JSON.stringify(refusal ? { error } : taken))
    }
    const { host: _, ...headers } = asked.headers
    const passed = request(metaUrl + asked.url, { method: asked.method ?? 'GET', headers }, (response) => {
      const { connection: __, 'keep-alive': ___, ...own } = response.headers
      answer.writeHead(response.statusCode ?? 500, own)
      response.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    passed.end(body)
  })
  server.keepAliveTimeout = 30_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const door = doorOf(server)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    refuse(decide) {
      refusalOf = decide
    },
    door,
    async stop() {
      await door.open()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}
