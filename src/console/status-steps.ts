/**
 * When a message entered each of its statuses, and why. Only the newest status is kept; the others are told by the rows
 * of what brought them about, which are written in the same transaction and so have the same time to the microsecond.
 */
import type { Message } from '#store/messages.ts'
import type { PartRecord } from '#store/parts.ts'
import type { MessageStatusName, StatusCause, Step } from './contract/messages.ts'
import type { Traces } from './message-steps.ts'

type Rows = Pick<Traces, 'parts' | 'alerts' | 'exchanges'>
type Entered = { status: MessageStatusName; at: Date; cause: StatusCause; bound?: NonNullable<Step['bound']> }

export const plain = (id: string, kind: Step['kind'], at: Date): Step => ({
  id,
  kind,
  at: at.toISOString(),
  durationMs: null,
  outcome: 'plain',
})

export function statusSteps(message: Message, rows: Rows): Step[] {
  const [first, ...later] = entered(message, rows)
  const made: Step = {
    ...plain('made', 'made', message.createdAt),
    status: first?.status ?? 'received',
    cause: first?.cause ?? 'webhook',
  }
  return [made, ...later.map(stepOf)]
}

const BAD: readonly MessageStatusName[] = ['failed', 'undelivered']
const PLAIN: readonly MessageStatusName[] = ['queued', 'sending', 'canceled']

const stepOf = ({ status, at, cause, bound }: Entered): Step => ({
  ...plain(`status-${status}`, 'status', at),
  status,
  cause,
  ...(bound && { bound }),
  outcome: BAD.includes(status) ? 'bad' : PLAIN.includes(status) ? 'plain' : 'good',
})

function entered(message: Message, rows: Rows): Entered[] {
  const { status, createdAt, sentAt, direction, causeId } = message
  if (direction === 'inbound') return [{ status: 'received', at: createdAt, cause: 'webhook' }]
  const made = direction === 'outbound-reply' ? 'reply' : causeId ? 'replayed' : 'request'
  const { parts } = rows
  const all: Entered[] = [{ status: firstStatusOf(message), at: createdAt, cause: made }]
  const queued = queuedIn(message, rows)
  if (queued) all.push(queued)
  const [call] = parts
  if (call) {
    // A repeated call is dated by its last attempt.
    const isFirst = call.attempt === 1
    all.push({ status: 'sending', at: call.startedAt, cause: 'firstCall', ...(!isFirst && { bound: 'not after' }) })
  }
  if (sentAt) {
    all.push({ status: 'sent', at: sentAt, cause: 'taken' })
    const deliveredAt = lastOf(parts, ({ deliveredAt: at }) => at)
    const readAt = lastOf(parts, ({ readAt: at }) => at)
    // Receipts may come before the answer of the last call: what they tell counts from then on.
    if (deliveredAt && (status === 'delivered' || status === 'read')) {
      const cause = deliveredAt.getTime() === readAt?.getTime() ? 'read' : 'delivery'
      all.push({ status: 'delivered', at: laterOf(deliveredAt, sentAt), cause })
    }
    if (readAt && status === 'read') all.push({ status, at: laterOf(readAt, sentAt), cause: 'read' })
  }
  if (status === 'canceled') all.push({ status, ...changedAt(message), cause: 'cancel' })
  if (status === 'failed' || status === 'undelivered') {
    const ended = endedAt(message, rows)
    const cause = status === 'undelivered' ? 'noEcho' : parts.length > 0 ? 'refused' : 'notCalled'
    all.push({ status, ...ended, cause })
  }
  return all
}

function firstStatusOf({ sendAt, serviceId, direction }: Message): MessageStatusName {
  if (sendAt) return 'scheduled'
  return serviceId && direction === 'outbound-api' ? 'accepted' : 'queued'
}

/** For a message that began as something else. */
function queuedIn(message: Message, { parts, exchanges }: Rows): Entered | undefined {
  const first = firstStatusOf(message)
  if (first === 'queued') return undefined
  if (first === 'accepted') return { status: 'queued', at: message.createdAt, cause: 'service' }
  if (message.status === 'queued') return { status: 'queued', at: message.updatedAt, cause: 'schedule' }
  const wasTold = exchanges.some(({ requestParams }) => requestParams.MessageStatus === 'queued')
  if (!message.sendAt || (parts.length === 0 && !wasTold)) return undefined
  return { status: 'queued', at: message.sendAt, cause: 'schedule', bound: 'not before' }
}

/** The alert is made with the failure. Alerts are gone after 30 days. */
function endedAt(message: Message, { alerts, parts }: Rows): Pick<Entered, 'at' | 'bound'> {
  const alert = alerts.find(({ code, createdAt }) => code === message.errorCode && createdAt <= message.updatedAt)
  if (alert) return { at: alert.createdAt }
  const refused = parts.findLast(({ state }) => state === 'failed')
  return refused?.finishedAt ? { at: refused.finishedAt } : changedAt(message)
}

/** What was redacted has been changed since. */
const changedAt = ({ updatedAt, body, numMedia, contentRetention }: Message): Pick<Entered, 'at' | 'bound'> =>
  body === '' && numMedia === 0 && contentRetention === 'retain'
    ? { at: updatedAt, bound: 'not after' }
    : { at: updatedAt }

function lastOf(parts: readonly PartRecord[], timeOf: (part: PartRecord) => Date | null): Date | null {
  const times = parts.map(timeOf)
  if (times.length === 0) return null
  return times.reduce((last, at) => (last && at ? laterOf(last, at) : null))
}

const laterOf = (a: Date, b: Date): Date => (a > b ? a : b)
