/** `GET /sandbox/api/stream`: what changes, as server-sent events. */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { World } from '../world/world.ts'
import { Refused } from './input.ts'

/** Proxies close silent connections, often after a minute. */
const HEARTBEAT_MS = 15_000
const MAX_STREAMS = 200
/** A reader that lags so far behind is cut off; it connects again and reads everything anew. */
const MAX_BACKLOG_BYTES = 1024 * 1024

export function registerStream(server: FastifyInstance, world: World): void {
  const open = new Set<ServerResponse>()
  server.addHook('preClose', async () => {
    for (const response of open) response.end()
  })
  server.get('/stream', (request, reply) => {
    const { person } = request.query as { person?: unknown }
    if (person !== undefined && typeof person !== 'string') throw new Refused(400, '"person" must be one id')
    if (open.size >= MAX_STREAMS) throw new Refused(409, `more than ${MAX_STREAMS} streams are open`)
    reply.hijack()
    const response = reply.raw
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const write = (text: string) => {
      if (response.writableLength > MAX_BACKLOG_BYTES) response.destroy()
      else response.write(text)
    }
    write('retry: 2000\n\n: open\n\n')
    open.add(response)
    const unsubscribe = world.feed.subscribe(person ?? null, (event) => write(`data: ${JSON.stringify(event)}\n\n`))
    const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS)
    response.on('error', () => response.destroy())
    response.on('close', () => {
      clearInterval(heartbeat)
      unsubscribe()
      open.delete(response)
    })
  })
}
