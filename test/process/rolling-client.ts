/** A client as careful as most: kept-alive connections, nodes in turn, and one more try at the other node. */
import { Agent, request } from 'node:http'
import type { Ask } from './nodes-at-meta.ts'

export type Answer = { status: number; text: string }

export type RollingClient = {
  /** The answer of the first or the second try. Throws what went wrong with the second. */
  post: (ask: Ask) => Promise<Answer>
  /** Why first tries did not do, and how often. */
  retries: Map<string, number>
  stop: () => void
}

/** What a client may try again: nobody was there, the connection broke, or the node says that it cannot. */
const AGAIN = [429, 503]

export function createRollingClient(urls: readonly string[]): RollingClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 12 })
  const retries = new Map<string, number>()
  let turn = 0

  const tryOnce = (url: string, { path, headers, body }: Ask): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', agent, headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } }
      const asked = request(url + path, options, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.on('error', reject)
      })
      asked.on('error', reject)
      asked.setTimeout(8000, () => asked.destroy(new Error('no answer within 8 s')))
      asked.end(body)
    })

  return {
    async post(ask) {
      turn += 1
      const [first, second] = [urls[turn % urls.length] as string, urls[(turn + 1) % urls.length] as string]
      const answer = await tryOnce(first, ask).catch((error: NodeJS.ErrnoException) => error)
      if ('status' in answer && !AGAIN.includes(answer.status)) return answer
      const why = 'status' in answer ? String(answer.status) : (answer.code ?? answer.message)
      retries.set(why, (retries.get(why) ?? 0) + 1)
      return tryOnce(second, ask)
    },
    retries,
    stop: () => agent.destroy(),
  }
}
