/** A gateway with 25 Pages and 2,000 people who have all written, so that they may be written to. */
import { createHmac } from 'node:crypto'
import type { Running } from './processes.ts'

export const ACCOUNT = { sid: `AC${'b'.repeat(32)}`, token: 'c'.repeat(32) }
export const APP = { id: '1234567890', secret: 'the app secret', verify: 'the verify token' }
export const PAGES = Array.from({ length: 25 }, (_, index) => String(100_000_000_000_000 + index))
export const PEOPLE = Array.from({ length: 2000 }, (_, index) => ({
  psid: String(2_000_000_000_000_000 + index),
  page: PAGES[index % PAGES.length] as string,
}))

export const gatewayEnvironment = (metaUrl: string): Record<string, string> => ({
  PAGEWIRE_SANDBOX: 'off',
  PAGEWIRE_ALLOW_PRIVATE_CALLBACKS: 'true',
  PAGEWIRE_ACCOUNT_SID: ACCOUNT.sid,
  PAGEWIRE_AUTH_TOKEN: ACCOUNT.token,
  PAGEWIRE_SECRET_KEY: 'the secret key of the benchmarks',
  META_APP_ID: APP.id,
  META_APP_SECRET: APP.secret,
  META_VERIFY_TOKEN: APP.verify,
  META_GRAPH_URL: metaUrl,
})

export const authorization = `Basic ${Buffer.from(`${ACCOUNT.sid}:${ACCOUNT.token}`).toString('base64')}`

/** Connects the Pages, or gives those that are connected other URLs. */
export async function connectPages(gateway: Running, webhook: object = {}): Promise<void> {
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${gateway.url}/messaging/v2/Channels/Senders${path}`, {
      method,
      headers: { Authorization: authorization, ...(body && { 'Content-Type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`connecting a Page: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as { senders: { sid: string }[] }
  }
  const { senders } = await call('GET', '?Channel=messenger')
  for (const { sid } of senders) await call('POST', `/${sid}`, { webhook })
  if (senders.length > 0) return
  for (const page of PAGES) {
    await call('POST', '', { sender_id: `messenger:${page}`, configuration: { page_access_token: 'token' }, webhook })
  }
}

/** Everybody writes once. */
export async function everybodyWrites(gateway: Running): Promise<void> {
  for (let from = 0; from < PEOPLE.length; from += 200) {
    const requests = PEOPLE.slice(from, from + 200).map(({ psid, page }) => webhookRequest(page, psid, `first ${psid}`))
    await Promise.all(
      requests.map(async ({ body, signature }) => {
        const answer = await fetch(`${gateway.url}/webhooks/messenger`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'X-Hub-Signature-256': signature },
          body,
        })
        if (answer.status !== 200) throw new Error(`a webhook: ${answer.status} ${await answer.text()}`)
      }),
    )
  }
}

let mids = 0
function webhookRequest(page: string, psid: string, text: string): { body: string; signature: string } {
  mids += 1
  const timestamp = Date.now()
  const body = JSON.stringify({
    object: 'page',
    entry: [
      {
        id: page,
        time: timestamp,
        messaging: [
          {
            sender: { id: psid },
            recipient: { id: page },
            timestamp,
            message: { mid: `m_${process.pid}_${mids}`, text },
          },
        ],
      },
    ],
  })
  return { body, signature: `sha256=${createHmac('sha256', APP.secret).update(body).digest('hex')}` }
}

/** Whole HTTP requests for the load generator. */
export function createRequests(port: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const { psid, page } = PEOPLE[index % PEOPLE.length] as (typeof PEOPLE)[number]
    const body = new URLSearchParams({
      To: `messenger:${psid}`,
      From: `messenger:${page}`,
      Body: `Message ${index}: your table is ready.`,
    }).toString()
    return http(port, `/2010-04-01/Accounts/${ACCOUNT.sid}/Messages.json`, 'application/x-www-form-urlencoded', body, {
      Authorization: authorization,
    })
  })
}

export function webhookRequests(port: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const { psid, page } = PEOPLE[index % PEOPLE.length] as (typeof PEOPLE)[number]
    const { body, signature } = webhookRequest(page, psid, `Hello ${index}`)
    return http(port, '/webhooks/messenger', 'application/json', body, { 'X-Hub-Signature-256': signature })
  })
}

function http(port: number, path: string, type: string, body: string, headers: Record<string, string>): string {
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    'Content-Type': type,
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}
