/**
 * Meta as the gateway may meet it on a bad day. Keeps what it accepts, in that order; answers late, wrongly or not at
 * all; then tells of each copy by echo, delivery and read, in any order.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { type Door, doorOf } from '../door.ts'
import type { Deliveries } from './deliveries.ts'
import { randomOf } from './random.ts'
import type { World } from './world.ts'

/** `mark` is the metadata that came with it, `text` empty for an attachment. `atMs` is Meta's clock. */
export type Copy = { mark: string; text: string; psid: string; mid: string; atMs: number; fault: string }

export type Meta = {
  url: string
  door: Door
  copies: Copy[]
  /** By person: everything up to this time of Meta's clock was read. */
  readUntil: Map<string, number>
  /** The marks of calls whose connection was broken. */
  broken: Set<string>
  /** What was answered how often, beside ordinary answers. */
  faults: Map<string, number>
  /** Copies that Meta has accepted and not yet told of by an accepted echo and its receipts. */
  untold: () => number
  hurry: () => void
  stop: () => Promise<void>
}

const FAULTS = {
  slow: 0.08,
  html: 0.03,
  transient: 0.03,
  limited: 0.004,
  'reset before': 0.006,
  'reset after': 0.02,
  'unknown outcome': 0.015,
  'not JSON': 0.015,
}
/** Kept although the answer does not say so. */
const KEPT: (string | undefined)[] = ['reset after', 'unknown outcome', 'not JSON', 'slow', undefined]

type Send = { recipient: { id: string }; message: { text?: string; metadata?: string } }

export async function startMeta(world: World, deliveries: Deliveries): Promise<Meta> {
  const { seed } = world.plan
  const copies: Copy[] = []
  const readUntil = new Map<string, number>()
  const faults = new Map<string, number>()
  const tries = new Map<string, number>()
  const broken = new Set<string>()
  const hurried = new AbortController()
  let untold = 0
  const pause = (ms: number) => wait(ms, undefined, { signal: hurried.signal }).catch(() => {})

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://meta').pathname
    const [, , id = '', edge = ''] = path.split('/')
    const body = await readBody(request).catch(() => undefined)
    // The caller has gone before it had said everything.
    if (body === undefined) return
    if (edge === 'subscribed_apps') return answer(response, 200, { success: true })
    if (edge === 'messages') return takeSend(id, JSON.parse(body) as Send, request, response)
    answer(response, 200, { id, name: `Name ${id.slice(-4)}`, first_name: 'Name', last_name: id.slice(-4) })
  })
  server.keepAliveTimeout = 30_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const door = doorOf(server)

  async function takeSend(page: string, send: Send, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { text = '', metadata: mark = '' } = send.message
    // The same question for the same words, whatever id the message was given.
    const about = text || `attachment to ${send.recipient.id}`
    const nth = (tries.get(about) ?? 0) + 1
    tries.set(about, nth)
    const random = randomOf(seed, 'meta', about, nth)
    const fault = world.faulty ? random.choose(FAULTS) : undefined
    if (fault) faults.set(fault, (faults.get(fault) ?? 0) + 1)
    if (fault === 'slow') await pause(random.int(200, 3000))
    let mid = ''
    if (KEPT.includes(fault)) {
      mid = `m_${copies.length}_${send.recipient.id}`
      const copy = { mark, text, psid: send.recipient.id, mid, atMs: Date.now() + world.aheadMs, fault: fault ?? '' }
      copies.push(copy)
      // Sometimes all of the world knows before the caller does.
      const early = world.faulty && random.chance(0.15)
      const told = tell(page, copy, early)
      if (early) await Promise.race([told, wait(300)])
    }
    switch (fault) {
      case 'reset before':
      case 'reset after':
        broken.add(mark)
        request.socket.resetAndDestroy()
        return
      case 'html':
        response
          .writeHead(500, { 'Content-Type': 'text/html' })
          .end('<html><body>Sorry, something went wrong.</body></html>')
        return
      case 'not JSON':
        response.writeHead(200, { 'Content-Type': 'text/plain' }).end('for (;;);')
        return
      case 'transient':
        return answer(response, 500, graphError(2, undefined, true))
      case 'limited':
        return answer(response, 400, graphError(613))
      case 'unknown outcome':
        return answer(response, 500, graphError(1, 1357046))
      default:
        return answer(response, 200, { recipient_id: send.recipient.id, message_id: mid })
    }
  }

  async function tell(page: string, copy: Copy, early: boolean): Promise<void> {
    untold += 1
    const random = randomOf(seed, 'receipts', copy.mid)
    const timestamp = copy.atMs
    const person = { sender: { id: copy.psid }, recipient: { id: page } }
    const later = async (mostMs: number, item: () => object, kind: string, people: object = person) => {
      if (world.faulty && !early) await pause(random.int(0, random.chance(0.2) ? mostMs * 5 : mostMs))
      await deliveries.deliver(page, [{ ...people, ...item() }], `${kind} ${copy.mid}`)
    }
    const message = { mid: copy.mid, is_echo: true, app_id: 1, metadata: copy.mark, text: copy.text || undefined }
    const echo = { sender: { id: page }, recipient: { id: copy.psid } }
    const withMids = random.chance(0.6)
    const watermark = () => Math.max(timestamp, random.chance(0.5) ? Date.now() + world.aheadMs : 0)
    const isRead = random.chance(0.7)
    await Promise.all([
      later(600, () => ({ timestamp, message }), 'echo', echo),
      later(1000, () => ({ delivery: { watermark: watermark(), ...(withMids && { mids: [copy.mid] }) } }), 'delivery'),
      isRead &&
        later(
          2000,
          () => {
            const until = watermark()
            readUntil.set(copy.psid, Math.max(readUntil.get(copy.psid) ?? 0, until))
            return { timestamp: Date.now() + world.aheadMs, read: { watermark: until } }
          },
          'read',
        ),
    ])
    untold -= 1
  }

  return {
    url,
    door,
    copies,
    readUntil,
    broken,
    faults,
    untold: () => untold,
    hurry: () => hurried.abort(),
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

function answer(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=UTF-8' }).end(JSON.stringify(json))
}

const graphError = (code: number, subcode?: number, transient = false) => ({
  error: {
    message: `(#${code}) refused`,
    type: 'OAuthException',
    code,
    ...(subcode && { error_subcode: subcode }),
    ...(transient && { is_transient: true }),
    fbtrace_id: 'Atrace',
  },
})
