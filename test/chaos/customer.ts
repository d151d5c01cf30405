/**
 * The customer's server: answers every event with a message that names it, checks every signature, keeps every request.
 * Its callback URL is slow, fails, hangs up or hangs; its fallback URL works; its status URL fails sometimes.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import twilio from 'twilio'
import { PNG } from '../file-server.ts'
import { randomOf } from './random.ts'
import { ACCOUNT, type World } from './world.ts'

/** One request; `key` is the event's (`c12 #5`) or the message's SID. */
export type Call = {
  path: string
  key: string
  status: string
  token: string
  fromMs: number
  /** Undefined: not answered with 2xx. */
  answeredMs: number | undefined
  fault: string | undefined
}

export type Customer = { url: string; calls: Call[]; badSignatures: number; stop: () => Promise<void> }

const CALLBACK_FAULTS = { slow: 0.08, error: 0.03, reset: 0.02, hang: 0.005 }
const STATUS_FAULTS = { slow: 0.02, error: 0.03 }

export async function startCustomer(world: World): Promise<Customer> {
  const tries = new Map<string, number>()
  const customer: Customer = { url: '', calls: [], badSignatures: 0, stop }

  const server = createServer(async (request, response) => {
    const body = await readBody(request).catch(() => undefined)
    if (body === undefined) return
    const path = request.url ?? '/'
    if (path.startsWith('/media/')) return void response.writeHead(200, { 'Content-Type': 'image/png' }).end(PNG)
    const params = Object.fromEntries(new URLSearchParams(body))
    const signature = String(request.headers['x-twilio-signature'])
    if (!twilio.validateRequest(ACCOUNT.token, signature, customer.url + path, params)) customer.badSignatures += 1
    const isStatus = path === '/status'
    const key = isStatus ? (params.MessageSid ?? '') : (params.Body ?? '').replace(/^say /, '')
    // Ids differ from run to run, the how-manieth of a person's reports does not matter much.
    const about = isStatus ? `${params.To} ${params.MessageStatus}` : `${path} ${key}`
    const nth = (tries.get(about) ?? 0) + 1
    tries.set(about, nth)
    const random = randomOf(world.plan.seed, 'customer', about, nth)
    const faults = isStatus ? STATUS_FAULTS : path === '/callback' ? CALLBACK_FAULTS : {}
    const fault = world.faulty ? random.choose<string>(faults) : undefined
    const call: Call = {
      path,
      key,
      status: params.MessageStatus ?? '',
      token: String(request.headers['i-twilio-idempotency-token']),
      fromMs: Date.now(),
      answeredMs: undefined,
      fault,
    }
    customer.calls.push(call)
    // Longer than the callback URL's own limits allow.
    if (fault === 'hang') return
    if (fault === 'slow') await wait(random.int(100, 1500))
    if (fault === 'reset') return void request.socket.resetAndDestroy()
    if (fault === 'error') return void response.writeHead(500).end('Something is broken here')
    call.answeredMs = Date.now()
    if (isStatus) response.writeHead(204).end()
    else reply(response, `re ${key}`)
  })
  server.keepAliveTimeout = 30_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  customer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return customer

  async function stop(): Promise<void> {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
}

function reply(response: ServerResponse, text: string): void {
  const twiml = `<?xml version="1.0" encoding="UTF-8"?><Response><Message>${text}</Message></Response>`
  response.writeHead(200, { 'Content-Type': 'text/xml' }).end(twiml)
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}
