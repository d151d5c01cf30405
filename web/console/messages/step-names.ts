import type { MessageDetail, Step } from '../../../src/console/contract/messages.ts'
import { texts } from '../../texts/texts.ts'
import { sayDuration } from '../../ui/durations.ts'

const t = texts.console.message.step
const statuses = texts.console.seeing.status

export const nameOf = (step: Step, message: Pick<MessageDetail, 'direction'>): string => {
  const { kind, event, media, exchange, part, status, replay } = step
  if (media) {
    const { nth, state } = media
    return state === 'stored' ? t.media(nth) : state === 'failed' ? t.mediaFailed(nth) : t.mediaWaiting(nth)
  }
  if (exchange) return exchange.purpose === 'status' ? t.status(exchange.status) : t[exchange.purpose]
  if (part) return t.part(part.part, part.parts)
  if (replay) return t.replay[replay.kind](replay.by)
  if (kind === 'made')
    return message.direction === 'inbound' ? t.made.inbound : t.made.out(statuses[status ?? 'queued'])
  if (status) return t.becomes(statuses[status])
  return event?.isReplay ? t.eventAgain : t.event
}

/** What came of it, in few words. */
export const noteOf = ({ at, event, exchange, part, media, cause, bound }: Step): string => {
  if (exchange) {
    const answer = exchange.httpStatus === null ? t.noAnswer : String(exchange.httpStatus)
    return exchange.error ? `${answer} · ${exchange.error.code} ${exchange.error.title}` : answer
  }
  if (part) {
    const attempts = t.attempts(part.attempts)
    const error = part.error && `${part.error.code} ${part.error.title}`
    return [t.partState[part.state], error, attempts].filter(Boolean).join(' · ')
  }
  if (cause) return [t.cause[cause], bound && t.bound[bound]].filter(Boolean).join(' · ')
  if (event) {
    const tookMs = Date.parse(at) - Date.parse(event.happenedAt)
    const way = tookMs >= 0 && !event.isReplay && texts.console.message.event.onTheWay(sayDuration(tookMs))
    return [way, event.note].filter(Boolean).join(' · ')
  }
  return media?.contentType ?? ''
}
