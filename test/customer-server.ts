/** A customer's web server: records every request, checks Twilio's signature with the official package, answers as told. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import twilio from 'twilio'

export type Received = {
  method: string
  /** Path and query. */
  path: string
  headers: IncomingHttpHeaders
  params: Record<string, string>
  /** By twilio's own validator, for the URL as the customer configured it. */
  signatureIsValid: (authToken: string) => boolean
}

export type Answer = {
  status?: number
  type?: string
  body?: string
  headers?: Record<string, string>
  delayMs?: number
}

export type CustomerServer = {
  url: string
  requests: Received[]
  /** What a path answers from now on; a function is asked for every request. Nothing set: an empty 204. */
  answer: (path: string, answer: Answer | ((request: Received) => Answer)) => void
  /** The first request, past or to come, that fits; each is given out once. */
  next: (fits?: (request: Received) => boolean) => Promise<Received>
  stop: () => Promise<void>
}

export async function startCustomerServer(): Promise<CustomerServer> {
  const answers = new Map<string, (request: Received) => Answer>()
  const requests: Received[] = []
  const unseen: Received[] = []
  let waiting: { fits: (request: Received) => boolean; resolve: (request: Received) => void }[] = []

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = request.url ?? '/'
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()))
    const query = Object.fromEntries(new URL(path, 'http://x').searchParams)
    const received: Received = {
      method: request.method ?? '',
      path,
      headers: request.headers,
      params: request.method === 'POST' ? form : query,
      signatureIsValid: (authToken) =>
        twilio.validateRequest(authToken, String(request.headers['x-twilio-signature']), url + path, form),
    }
    requests.push(received)
    const heard = waiting.find(({ fits }) => fits(received))
    if (heard) {
      waiting = waiting.filter((each) => each !== heard)
      heard.resolve(received)
    } else unseen.push(received)
    const answer = answers.get(path.split('?')[0] ?? '')?.(received) ?? { status: 204 }
    const { status = 200, type = 'text/xml', body = '', headers = {}, delayMs = 0 } = answer
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    response.writeHead(status, { ...(status !== 204 && { 'Content-Type': type }), ...headers }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    requests,
    answer: (path, answer) => answers.set(path, typeof answer === 'function' ? answer : () => answer),
    next(fits = () => true) {
      const index = unseen.findIndex(fits)
      if (index >= 0) return Promise.resolve(unseen.splice(index, 1)[0] as Received)
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the expected request did not come within 10 s')), 10_000)
        waiting.push({
          fits,
          resolve: (request) => {
            clearTimeout(timer)
            resolve(request)
          },
        })
      })
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
