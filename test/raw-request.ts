/** A request as it is, byte for byte: nothing added, encoded or mended by a client library. */
import { Agent, request } from 'node:http'
import type { Answer } from './gateway.ts'

/** Connections stay open until the gateway that they lead to is stopped. */
const agent = new Agent({ keepAlive: true })

/** `path` may hold any character from `!` to `~`, header values any of Latin-1 but control characters. */
export function requestRaw(
  baseUrl: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Uint8Array,
): Promise<Answer> {
  const bytes = body === undefined ? undefined : Buffer.from(body)
  // Without a length, a body on DELETE would be taken for the next request.
  const length: Record<string, string> =
    bytes && !('Transfer-Encoding' in headers) ? { 'Content-Length': String(bytes.length) } : {}
  return new Promise((resolve, reject) => {
    const asked = request(baseUrl, { method, path, headers: { ...length, ...headers }, agent }, async (response) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      const all = Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)])
      resolve({ status: response.statusCode ?? 0, headers: new Headers(all), text, json: () => JSON.parse(text) })
    })
    asked.on('error', reject).end(bytes)
  })
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
