/** One message's way as a list of steps in the order of time, from the rows that each step of the flow has left. */
import type { CallPreview } from '#core/channel.ts'
import { messageSid } from '#core/ids.ts'
import { signedStringOf } from '#messaging/check-signature.ts'
import { AGAIN } from '#messaging/replay-event.ts'
import type { Alert } from '#store/alerts.ts'
import type { EventRecord } from '#store/events.ts'
import type { ExchangeRecord } from '#store/exchanges.ts'
import type { MediaRow } from '#store/media.ts'
import type { Message } from '#store/messages.ts'
import type { PartRecord } from '#store/parts.ts'
import type { ReplayRecord } from '#store/replays.ts'
import type { ExchangeView, MessageStatusName, PartView, Step } from './contract/messages.ts'
import { explain } from './explanations.ts'
import { plain, statusSteps } from './status-steps.ts'

export type Traces = {
  event: EventRecord | undefined
  media: MediaRow[]
  exchanges: ExchangeRecord[]
  parts: PartRecord[]
  previews: CallPreview[]
  replays: ReplayRecord[]
  alerts: Alert[]
}

export function stepsOf(message: Message, traces: Traces): Step[] {
  const steps = [
    ...eventSteps(traces.event),
    ...statusSteps(message, traces),
    ...traces.media.filter(({ state }) => message.direction === 'inbound' || state === 'failed').map(mediaStep),
    ...traces.parts.map((part) => partStep(part, traces, message.status)),
    ...traces.exchanges.map(exchangeStep),
    ...traces.replays.map(replayStep),
  ]
  return steps.sort((a, b) => a.at.localeCompare(b.at) || rankOf(a) - rankOf(b))
}

/** What comes first of what happened in the same instant: a call to the channel follows the statuses that lead to it. */
const rankOf = ({ kind, status }: Step): number =>
  kind === 'status' && (status === 'queued' || status === 'sending') ? RANK.made : RANK[kind]

const RANK: Record<Step['kind'], number> = { event: 0, made: 1, replay: 2, media: 3, exchange: 4, part: 5, status: 6 }

const between = (from: Date, to: Date | null): number | null => to && Math.max(0, to.getTime() - from.getTime())

function eventSteps(event: EventRecord | undefined): Step[] {
  if (!event) return []
  const { kind, note, happenedAt, raw, dedupeKey } = event
  const view = { kind, note, happenedAt: happenedAt.toISOString(), raw, isReplay: dedupeKey.startsWith(AGAIN) }
  // By the provider's clock it was earlier; between is the way to us.
  return [{ ...plain(event.id, 'event', event.receivedAt), event: view, outcome: note === null ? 'good' : 'plain' }]
}

const mediaStep = ({ id, nth, state, contentType, createdAt, updatedAt }: MediaRow): Step => ({
  ...plain(id, 'media', createdAt),
  durationMs: state === 'waiting' ? null : between(createdAt, updatedAt),
  outcome: state === 'stored' ? 'good' : state === 'failed' ? 'bad' : 'waiting',
  media: { nth, contentType, state },
})

function exchangeStep(exchange: ExchangeRecord): Step {
  const isGood = exchange.errorCode === null
  return {
    ...plain(exchange.id, 'exchange', exchange.startedAt),
    durationMs: exchange.durationMs,
    outcome: isGood ? 'good' : 'bad',
    exchange: exchangeView(exchange),
  }
}

export const exchangeView = (exchange: ExchangeRecord): ExchangeView => ({
  id: exchange.id,
  purpose: exchange.purpose,
  status: exchange.purpose === 'status' ? (exchange.requestParams.MessageStatus ?? null) : null,
  method: exchange.method,
  url: exchange.url,
  requestHeaders: exchange.requestHeaders,
  params: exchange.requestParams,
  signedString: signedStringOf(exchange),
  httpStatus: exchange.status,
  responseHeaders: exchange.responseHeaders,
  responseBody: exchange.responseBody,
  error: exchange.errorCode === null ? null : explain(exchange.errorCode, exchange.errorText, 'callback'),
})

function partStep(part: PartRecord, { previews, parts }: Traces, status: MessageStatusName): Step {
  const { state, startedAt, finishedAt, channelMessageId } = part
  const view: PartView = {
    part: part.part,
    parts: Math.max(previews.length, parts.length),
    state,
    attempts: part.attempt,
    channelMessageId,
    deliveredAt: part.deliveredAt?.toISOString() ?? null,
    readAt: part.readAt?.toISOString() ?? null,
    request: previews[part.part] ?? null,
    answer: part.detail ?? (channelMessageId === null ? null : { message_id: channelMessageId }),
    error: part.code === null ? null : explain(part.code, null, 'send', status),
  }
  return {
    ...plain(`part-${part.part}`, 'part', startedAt),
    durationMs: between(startedAt, finishedAt),
    outcome: state === 'sent' ? 'good' : state === 'failed' ? 'bad' : 'waiting',
    part: view,
  }
}

const replayStep = ({ id, kind, madeBy, madeId, createdAt }: ReplayRecord): Step => ({
  ...plain(`replay-${id}`, 'replay', createdAt),
  replay: { kind, by: madeBy, madeSid: madeId && messageSid(madeId, 0) },
})
