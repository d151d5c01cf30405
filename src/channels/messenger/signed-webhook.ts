/** For tests: webhooks signed as Meta signs them. */
import { createHmac } from 'node:crypto'
import type { ChannelEvent, Json, WebhookResult } from '#core/channel.ts'
import { readWebhook } from './read.ts'

export const APP = { appId: '1', appSecret: 'sesame', verifyToken: 'open' }
export const PAGE = '1234567890'
export const PERSON = '9876543210'
export const RECEIVED_AT = new Date('2026-08-01T12:00:00Z')
export const AT_MS = 1_785_500_000_000

export const signed = (rawBody: Buffer): { 'x-hub-signature-256': string } => ({
  'x-hub-signature-256': `sha256=${createHmac('sha256', APP.appSecret).update(rawBody).digest('hex')}`,
})

export function postSigned(body: string | Buffer): WebhookResult {
  const rawBody = Buffer.from(body)
  return readWebhook(rawBody, signed(rawBody), APP, RECEIVED_AT)
}

export function eventsOf(body: string | Buffer): ChannelEvent[] {
  const result = postSigned(body)
  if (!result.ok) throw new Error(`refused: ${result.reason}`)
  return result.events
}

export const item = (event: { [key: string]: Json }): { [key: string]: Json } => ({
  sender: { id: PERSON },
  recipient: { id: PAGE },
  timestamp: AT_MS,
  ...event,
})

export const webhook = (...items: Json[]): string =>
  JSON.stringify({ object: 'page', entry: [{ id: PAGE, time: AT_MS + 500, messaging: items }] })

type EventOf<Kind, Event = ChannelEvent> = Event extends { kind: infer Kinds }
  ? Kind extends Kinds
    ? Event
    : never
  : never

/** The one event of a kind that the item becomes. */
export function readAs<Kind extends ChannelEvent['kind']>(kind: Kind, event: { [key: string]: Json }): EventOf<Kind> {
  const [read, ...more] = eventsOf(webhook(item(event)))
  if (read?.kind !== kind || more.length > 0) throw new Error(`became ${JSON.stringify([read, ...more])}`)
  return read as EventOf<Kind>
}
