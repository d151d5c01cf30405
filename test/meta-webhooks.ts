/** Webhooks as Meta posts them: its escaping, its signature over the escaped bytes, its envelope (meta.md 1.3, 1.6). */
import { createHmac } from 'node:crypto'
import { META_APP } from './meta-stand-in.ts'

export type WebhookAnswer = { status: number; text: string }

/** Code units beyond ASCII, slashes, `<`, `%` and `@` escaped, as Meta writes JSON. */
export function metaJson(value: unknown): string {
  const escapes: Record<string, string> = { '/': '\\/', '<': '\\u003C', '%': '\\u0025', '@': '\\u0040' }
  const unit = (one: string) => escapes[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(value).replace(/[/<%@\u0080-\uffff]/g, unit)
}

export const signatureOf = (body: string | Buffer, secret: string = META_APP.appSecret): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** Posts these bytes, signed unless `headers` say otherwise. */
export async function postRaw(
  gatewayUrl: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<WebhookAnswer> {
  const response = await fetch(`${gatewayUrl}/webhooks/messenger`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Hub-Signature-256': signatureOf(body), ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
  return { status: response.status, text: await response.text() }
}

export type Item = Record<string, unknown>

/** What a person did at a Page. */
export const fromPerson = (pageId: string, psid: string, event: Item, at = Date.now()): Item => ({
  sender: { id: psid },
  recipient: { id: pageId },
  timestamp: at,
  ...event,
})

/** What was sent as the Page, by this app or another. */
export const echoOf = (pageId: string, psid: string, message: Item, at = Date.now()): Item => ({
  sender: { id: pageId },
  recipient: { id: psid },
  timestamp: at,
  message: { is_echo: true, ...message },
})

export const entryOf = (pageId: string, ...messaging: Item[]): Item => ({ id: pageId, time: Date.now(), messaging })

export const postEntries = (gatewayUrl: string, ...entry: Item[]): Promise<WebhookAnswer> =>
  postRaw(gatewayUrl, metaJson({ object: 'page', entry }))
