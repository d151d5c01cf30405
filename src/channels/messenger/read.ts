import type { ChannelEvent, Json, ProviderApp, WebhookResult } from '#core/channel.ts'
import { asId, asInstant, asList, asObject, asText, isObject, type JsonObject, parseJson } from '../meta/json.ts'
import { secretsEqual, verifySignature } from '../meta/signature.ts'
import { eventName, type Place, strayEvent } from './item.ts'
import { readItem } from './read-item.ts'

/** Meta's challenge is an integer; nothing that a browser could take for markup goes back. */
const CHALLENGE = /^[\w-]{1,256}$/

export function verifySubscription(query: Record<string, unknown>, app: ProviderApp): string | undefined {
  const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': challenge } = query
  if (mode !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string') return undefined
  if (app.verifyToken === '' || !secretsEqual(token, app.verifyToken)) return undefined
  return CHALLENGE.test(challenge) ? challenge : undefined
}

/** Whatever a signed body holds becomes at least one event, so that nothing of it is lost. */
export function readWebhook(
  rawBody: Buffer,
  headers: Record<string, unknown>,
  app: ProviderApp,
  receivedAt: Date,
): WebhookResult {
  if (!verifySignature(rawBody, headers['x-hub-signature-256'], app.appSecret)) {
    return { ok: false, status: 403, reason: 'The signature is missing or does not match the body' }
  }
  const body = parseJson(rawBody.toString('utf8'))
  if (body === undefined) return { ok: false, status: 400, reason: 'The body is not JSON' }
  if (!isObject(body)) return { ok: false, status: 400, reason: 'The body is not a JSON object' }
  const events = asList(body.entry).flatMap((entry) => readEntry(entry, asText(body.object), receivedAt))
  if (events.length > 0) return { ok: true, events }
  const place: Place = { pageId: undefined, entryAt: undefined, standby: false, receivedAt }
  return { ok: true, events: [strayEvent(body, 'webhook', 'A webhook without an entry: kept, not acted on', place)] }
}

function readEntry(entry: Json, object: string, receivedAt: Date): ChannelEvent[] {
  const place: Place = {
    pageId: asId(asObject(entry)?.id),
    entryAt: asInstant(asObject(entry)?.time),
    standby: false,
    receivedAt,
  }
  if (object !== 'page') {
    return [strayEvent(entry, eventName(object), 'Not about a Facebook Page: kept, not acted on', place)]
  }
  const events = isObject(entry) ? readItems(entry, place) : []
  if (events.length > 0) return events
  return [strayEvent(entry, 'entry', 'An entry without an event: kept, not acted on', place)]
}

const readItems = (entry: JsonObject, place: Place): ChannelEvent[] => [
  ...asList(entry.messaging).map((item) => readItem(item, place)),
  ...asList(entry.standby).map((item) => readItem(item, { ...place, standby: true })),
  ...asList(entry.changes).map((change) => {
    const name = eventName(`changes.${asText(asObject(change)?.field)}`)
    return strayEvent(change, name, 'A change of the Page, not a message: kept, not forwarded', place)
  }),
]
