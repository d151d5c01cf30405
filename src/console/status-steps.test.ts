import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Id } from '#core/ids.ts'
import type { Alert } from '#store/alerts.ts'
import type { Message } from '#store/messages.ts'
import type { PartRecord } from '#store/parts.ts'
import { statusSteps } from './status-steps.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 12, 0, seconds))

const message = (of: Partial<Message>): Message =>
  ({
    direction: 'outbound-api',
    status: 'queued',
    body: 'hi',
    numMedia: 0,
    contentRetention: 'retain',
    createdAt: at(0),
    updatedAt: at(0),
    sentAt: null,
    sendAt: null,
    serviceId: null,
    causeId: null,
    errorCode: null,
    ...of,
  }) as Message

const part = (of: Partial<PartRecord>): PartRecord =>
  ({
    state: 'sent',
    attempt: 1,
    startedAt: at(1),
    finishedAt: at(2),
    deliveredAt: null,
    readAt: null,
    ...of,
  }) as PartRecord

type Rows = { parts?: PartRecord[]; alerts?: Partial<Alert>[]; told?: string[] }

const said = (of: Partial<Message>, { parts = [], alerts = [], told = [] }: Rows = {}) =>
  statusSteps(message(of), {
    parts,
    alerts: alerts as Alert[],
    exchanges: told.map((MessageStatus) => ({ requestParams: { MessageStatus } })) as never,
  }).map(({ status, at: time, cause, bound }) =>
    [status, (Date.parse(time) - at(0).getTime()) / 1000, cause, bound].filter((each) => each !== undefined).join(' '),
  )

test('every status up to the reading has its own time, that of what brought it about', () => {
  const parts = [part({ deliveredAt: at(3), readAt: at(9) }), part({ deliveredAt: at(4), readAt: at(8) })]
  assert.deepEqual(said({ status: 'read', sentAt: at(2), updatedAt: at(9) }, { parts }), [
    'queued 0 request',
    'sending 1 firstCall',
    'sent 2 taken',
    'delivered 4 delivery',
    'read 9 read',
  ])
})

test('a reading that was told first is the delivery too, and neither is before the sending', () => {
  const parts = [part({ deliveredAt: at(2), readAt: at(2) })]
  assert.deepEqual(said({ status: 'read', direction: 'outbound-reply', sentAt: at(3) }, { parts }), [
    'queued 0 reply',
    'sending 1 firstCall',
    'sent 3 taken',
    'delivered 3 read',
    'read 3 read',
  ])
})

test('one that is delivered in part is not delivered', () => {
  const parts = [part({ deliveredAt: at(3) }), part({})]
  assert.deepEqual(said({ status: 'sent', sentAt: at(2) }, { parts }).at(-1), 'sent 2 taken')
})

test('through a messaging service it is accepted, or scheduled, first', () => {
  const serviceId = 'x' as Id
  assert.deepEqual(said({ serviceId }), ['accepted 0 request', 'queued 0 service'])
  const scheduled = { serviceId, sendAt: at(30) }
  assert.deepEqual(said({ ...scheduled, status: 'scheduled' }), ['scheduled 0 request'])
  assert.deepEqual(said({ ...scheduled, status: 'queued', updatedAt: at(31) }), [
    'scheduled 0 request',
    'queued 31 schedule',
  ])
  assert.deepEqual(said({ ...scheduled, status: 'canceled', updatedAt: at(5) }), [
    'scheduled 0 request',
    'canceled 5 cancel',
  ])
})

test('a moment that is not kept is bounded by one that is', () => {
  const scheduled = { serviceId: 'x' as Id, sendAt: at(30), status: 'sent' as const, sentAt: at(40) }
  assert.deepEqual(said(scheduled, { parts: [part({ startedAt: at(39), attempt: 3 })] }), [
    'scheduled 0 request',
    'queued 30 schedule not before',
    'sending 39 firstCall not after',
    'sent 40 taken',
  ])
  assert.deepEqual(said({ status: 'failed', errorCode: 63016, body: '', updatedAt: at(99) }), [
    'queued 0 request',
    'failed 99 notCalled not after',
  ])
})

test('a failure has the time of its alert, whatever changed the message afterwards', () => {
  const alerts = [
    { code: 11200, createdAt: at(80) },
    { code: 63012, createdAt: at(60) },
  ]
  const lost = { status: 'undelivered' as const, errorCode: 63012, updatedAt: at(90), body: '' }
  assert.deepEqual(said(lost, { parts: [part({ state: 'failed' })], alerts }).slice(1), [
    'sending 1 firstCall',
    'undelivered 60 noEcho',
  ])
  const refused = { status: 'failed' as const, errorCode: 63005, updatedAt: at(90), causeId: 'x' as Id }
  assert.deepEqual(said(refused, { parts: [part({ state: 'failed', finishedAt: at(7) })] }), [
    'queued 0 replayed',
    'sending 1 firstCall',
    'failed 7 refused',
  ])
})
