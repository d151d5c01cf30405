/**
 * What changes in an account, as server-sent events. A word says that there is something new; the pages then ask for it.
 * A session or membership that ends while the stream is open is noticed at the next heartbeat.
 */
import type { ServerResponse } from 'node:http'
import { messageSid, toSid } from '#core/ids.ts'
import type { Change } from '#messaging/changes.ts'
import { findRole } from '#store/memberships.ts'
import type { StreamEvent } from './contract/stream.ts'
import { Refusal, type Routes, visitorOf } from './route.ts'

/** Proxies close silent connections, often after a minute. */
const HEARTBEAT_MS = 15_000
const MAX_STREAMS = 1_000
/** A reader that lags so far behind is cut off; it connects again and asks for everything anew. */
const MAX_BACKLOG_BYTES = 256 * 1024

export function streamRoutes({ flow, add, onClose }: Routes): void {
  const open = new Set<ServerResponse>()
  onClose(() => {
    for (const response of open) response.end()
  })

  add(
    { method: 'GET', url: '/accounts/:accountSid/stream', needs: 'view' },
    async ({ raw, reply, account, visitor }) => {
      if (open.size >= MAX_STREAMS) throw new Refusal(503, 'Too many pages are open: this one is not kept up to date')
      reply.hijack()
      const response = reply.raw
      // Gone while we asked who it is: nobody would tell us again.
      if (response.destroyed) return
      response.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      })
      const write = (text: string) => {
        if (response.writableLength > MAX_BACKLOG_BYTES) response.destroy()
        else response.write(text)
      }
      write('retry: 2000\n\n: open\n\n')
      open.add(response)
      const unwatch = flow.changes.watch(account.sid, (change) => write(eventOf(change)))
      const beat = async () => {
        const now = await visitorOf(flow, raw)
        const reached = now && (await findRole(flow.sql, visitor.user.id, account.sid))
        if (reached) write(': still here\n\n')
        else response.end()
      }
      const heartbeat = setInterval(() => beat().catch(() => response.destroy()), HEARTBEAT_MS)
      response.on('error', () => response.destroy())
      response.on('close', () => {
        clearInterval(heartbeat)
        unwatch()
        open.delete(response)
      })
    },
  )
}

function eventOf({ kind, accountSid, id }: Change): string {
  const sid = id && { message: messageSid(id, 0), alert: toSid('NO', id), sender: toSid('XE', id) }[kind]
  const event: StreamEvent = { kind, accountSid, sid }
  return `event: ${kind}\ndata: ${JSON.stringify(event)}\n\n`
}
