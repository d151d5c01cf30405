/** A server that takes webhooks: answers the challenge of a subscription, keeps every post, and refuses when told to. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Item } from '../../src/sandbox/webhooks/events.ts'

export type Taken = { headers: IncomingHttpHeaders; body: string; item: Item; at: number }

export async function startReceiver() {
  const taken: Taken[] = []
  const waiting: { isMet: () => boolean; resolve: () => void }[] = []
  /** The status of the next answers; `hang`: none at all. */
  const mood: { answers: (number | 'hang')[] } = { answers: [] }

  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams
      const known = query.get('hub.verify_token') === 'owl'
      response.writeHead(known ? 200 : 403).end(known ? query.get('hub.challenge') : 'no')
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString('latin1')
    const parsed = JSON.parse(body) as { entry: { messaging: Item[] }[] }
    taken.push({ headers: request.headers, body, item: parsed.entry[0]!.messaging[0]!, at: Date.now() })
    const answer = mood.answers.shift() ?? 200
    if (answer !== 'hang') response.writeHead(answer).end('EVENT_RECEIVED')
    for (const waiter of waiting.splice(0)) waiter.isMet() ? waiter.resolve() : waiting.push(waiter)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  /** Fails after ten seconds. */
  function wait(isMet: () => boolean, what: string): Promise<void> {
    if (isMet()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const failure = () => reject(new Error(`${taken.length} webhooks came, not ${what}`))
      const timer = setTimeout(failure, 10_000)
      waiting.push({
        isMet,
        resolve: () => {
          clearTimeout(timer)
          resolve()
        },
      })
    })
  }

  return {
    taken,
    mood,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`,
    /** Resolves when so many posts have come. */
    async until(count: number): Promise<Taken[]> {
      await wait(() => taken.length >= count, `${count} webhooks`)
      return taken
    },
    /** Resolves with the first post that fits, whenever it came. */
    async find(fits: (item: Item) => boolean): Promise<Taken> {
      const found = () => taken.find(({ item }) => fits(item))
      await wait(() => found() !== undefined, 'the webhook looked for')
      return found()!
    },
    async close(): Promise<void> {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
