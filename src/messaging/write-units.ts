/**
 * A set of units, written in the transaction of `commit`: one statement per table, in an order of locks that is always
 * the same.
 */
import type { Id } from '#core/ids.ts'
import { type Begun, enqueue, finish, makeHeadsDue, makeLaneDue, putBack } from '#jobs/queue.ts'
import { insertAlerts } from '#store/alerts.ts'
import type { Tx } from '#store/connection.ts'
import {
  type ContactKey,
  contactKey,
  findReceivers,
  lockContacts,
  markUnreachable,
  saveCookies,
} from '#store/contacts.ts'
import { type EventKey, findEventKeys, insertEvents } from '#store/events.ts'
import { insertExchanges } from '#store/exchanges.ts'
import { forgetTakenBack } from '#store/forget-messages.ts'
import { returnKeys, takeKeys } from '#store/idempotency.ts'
import { findReady, insertMedia, settleMedia } from '#store/media.ts'
import { insertMessages } from '#store/messages.ts'
import { finishParts, type PartKey, type PartResult, startParts } from '#store/parts.ts'
import { insertReplays } from '#store/replays.ts'
import { insertScheduled, unschedule } from '#store/scheduled.ts'
import { troubleSenders } from '#store/senders.ts'
import { together } from '#store/together.ts'
import type { Unit, UnitResult } from './commit.ts'
import { alertJob, conversationOf, laneOfSends, mediaJob, profileJob } from './lanes.ts'
import { jobsOfMessages } from './message-jobs.ts'
import { applyReceipts } from './receipts.ts'
import { recordActions } from './record-actions.ts'
import { releaseDue } from './release-scheduled.ts'
import { updateStatus } from './update-status.ts'

/** In the order of the list. A unit is kept or dropped as a whole; its result says which. */
export async function writeUnits(tx: Tx, all: Unit[], begun: Begun): Promise<UnitResult[]> {
  const results = new Map<Unit, UnitResult>()
  const drop = (unit: Unit, result: UnitResult) => results.set(unit, result)
  const kept = () => all.filter((unit) => !results.has(unit))

  // Conversations are locked early, always in the same order: receipts and answers about one message wait for each other
  // here. What stands in one `together` goes to the database in one go, and is done there in this order.
  // A message and the event that takes it back look for each other after that, so that neither order loses anything.
  const deletions = new Map<Unit, EventKey>()
  for (const unit of all)
    if (unit.event && unit.deletionKey) deletions.set(unit, keyOfDeletion(unit.event, unit.deletionKey))
  const [fresh, contacts, known] = await together([
    insertEvents(tx, pick(all, 'event')),
    lockContacts(tx, all.flatMap(conversationsOf)),
    findEventKeys(tx, [...deletions.values()]),
  ])
  const isTakenBack = (unit: Unit) => known.has(deletions.get(unit) as EventKey)
  for (const unit of all) if (unit.event && !fresh.has(unit.event.id)) drop(unit, { outcome: 'duplicate' })

  const taken = await takeKeys(tx, pick(kept(), 'idempotency'))
  for (const unit of kept()) {
    const earlier = unit.idempotency && taken.get(unit.idempotency)
    if (earlier) drop(unit, { outcome: 'repeated', ...earlier })
  }

  const { newContacts, confirmations } = await recordActions(tx, pick(kept(), 'action'), contacts)

  const asked = kept().filter((unit) => !unit.exempt && unit.messages?.some((m) => m.direction !== 'inbound'))
  const { optedOut, present, reach } = await findReceivers(
    tx,
    asked.flatMap((unit) => (unit.messages ?? []).map(conversationOf)),
  )
  for (const unit of asked) {
    const refused = (unit.messages ?? []).filter((m) => optedOut.has(contactKey(conversationOf(m)))).map((m) => m.id)
    if (refused.length > 0) drop(unit, { outcome: 'opted out', refused })
  }
  // A refused create leaves no trace: with the same key it may be tried again.
  await returnKeys(
    tx,
    pick(
      asked.filter((unit) => results.has(unit)),
      'idempotency',
    ),
  )

  const finished = await finish(tx, pick(kept(), 'finished'))
  for (const unit of kept()) {
    // Once: a node that stood still may do a job twice, and both results may come in one set.
    if (unit.finished && !finished.delete(unit.finished.id)) drop(unit, { outcome: 'superseded' })
  }
  const offSchedule = await unschedule(tx, pick(kept(), 'unscheduled'))
  for (const unit of kept()) {
    if (unit.unscheduled && !offSchedule.delete(unit.unscheduled.messageId)) drop(unit, { outcome: 'superseded' })
  }

  const isNewReplay = await insertReplays(tx, pick(kept(), 'replay'))
  for (const unit of kept()) if (unit.replay && !isNewReplay(unit.replay)) drop(unit, { outcome: 'duplicate' })

  const units = kept()
  const messages = [...flat(units, 'messages'), ...confirmations]
  const partResults = flat(units, 'partResults')
  const released = await releaseDue(tx, pick(units, 'due')[0])
  const [inserted, started, settled] = await together([
    insertMessages(tx, messages),
    startParts(tx, flat(units, 'startedParts')),
    settledLanes(tx, partResults),
    updateStatus(tx, [...released.statuses, ...flat(units, 'statuses')], begun),
    insertExchanges(tx, flat(units, 'exchanges')),
    saveCookies(tx, flat(units, 'cookies')),
    markUnreachable(tx, flat(units, 'unreachable')),
    settleMedia(tx, flat(units, 'media')),
  ])
  await applyReceipts(tx, flat(units, 'receipts'), partResults, contacts, begun)

  const made = messages.filter((message) => inserted.has(message.id))
  await insertScheduled(
    tx,
    made.filter((message) => message.status === 'scheduled'),
  )
  await insertMedia(tx, made)
  await forgetTakenBack(tx, [...flat(units, 'takenBack'), ...flat(units.filter(isTakenBack), 'messages')])

  const troubles = flat(units, 'troubles')
  const news = await troubleSenders(tx, troubles)
  const bad = troubles.flatMap((trouble) => (news.has(trouble.id) ? [trouble.alert] : []))
  const toTell = await insertAlerts(tx, [...flat(units, 'alerts'), ...bad, ...released.alerts])

  await putBack(tx, pick(units, 'putBack'))
  for (const lane of settled) await makeLaneDue(tx, lane)
  if (settled.size > 0) begun.due.add('send-message')
  await releaseComplete(tx, units, begun)
  // What fails as it is made (its sender's queue is full) has nothing to wait for.
  const failed = new Set(flat(units, 'statuses').flatMap((move) => (move.to === 'failed' ? move.messageId : [])))
  const waiting = made.filter((message) => message.status !== 'scheduled' && !failed.has(message.id))
  const came = units.flatMap((unit) => {
    const { event, action, messages } = unit
    return event && action && !isTakenBack(unit) ? (messages ?? []).map(({ id }) => [id, event.raw] as const) : []
  })
  const jobs = [
    ...jobsOfMessages(waiting, { createdAt: inserted, present, reach, contacts, events: new Map(came) }),
    ...released.jobs,
    ...made.flatMap((message) => mediaJob(message) ?? []),
    ...newContacts.map(profileJob),
    ...flat(units, 'jobs'),
    ...toTell.map(alertJob),
  ]
  await enqueue(tx, jobs, begun)

  const startedKeys = new Set(started.map(partKey))
  for (const unit of units) {
    results.set(unit, {
      outcome: 'kept',
      started: (unit.startedParts ?? []).filter((part) => startedKeys.has(partKey(part))),
      createdAt: inserted.get(unit.messages?.[0]?.id as Id),
      ...(unit.due !== undefined && { released: released.count }),
    })
  }
  return all.map((unit) => results.get(unit) as UnitResult)
}

/**
 * Messages that waited for their files and need not any more. Both sides lock the lane, and look for the other after
 * that: a file that comes just as its message is put back is missed by neither.
 */
async function releaseComplete(tx: Tx, units: Unit[], begun: Begun): Promise<void> {
  const complete = pick(units, 'complete')
  await makeHeadsDue(tx, complete)
  const ready = await findReady(tx, pick(units, 'awaits'))
  for (const { awaits, putBack: back } of units) {
    if (awaits && back && ready.has(awaits.messageId)) await makeLaneDue(tx, back.job.lane)
  }
  if (complete.length > 0 || ready.size > 0) begun.due.add('call-customer')
}

/** Lanes whose first send had no known answer and now has one: they need not wait any longer. */
async function settledLanes(tx: Tx, results: (PartResult & ContactKey)[]): Promise<Set<string>> {
  const settled = new Set((await finishParts(tx, results)).map(partKey))
  return new Set(results.filter((result) => settled.has(partKey(result))).map(laneOfSends))
}

const partKey = ({ messageId, part }: PartKey) => `${messageId}:${part}`

function pick<K extends keyof Unit>(units: Unit[], key: K): NonNullable<Unit[K]>[] {
  return units.flatMap((unit) => (unit[key] === undefined ? [] : [unit[key] as NonNullable<Unit[K]>]))
}

type ListKey = { [K in keyof Unit]-?: NonNullable<Unit[K]> extends readonly unknown[] ? K : never }[keyof Unit]

export function flat<K extends ListKey>(units: Unit[], key: K): NonNullable<Unit[K]> {
  return units.flatMap((unit) => (unit[key] ?? []) as unknown[]) as NonNullable<Unit[K]>
}

const keyOfDeletion = ({ channel, senderAddress }: EventKey, dedupeKey: string): EventKey => ({
  channel,
  senderAddress,
  dedupeKey,
})

const conversationsOf = (unit: Unit): ContactKey[] => [
  ...(unit.action ? [unit.action] : []),
  ...(unit.takenBack ?? []),
  ...(unit.receipts ?? []),
  ...(unit.partResults ?? []),
  ...(unit.unreachable ?? []),
  ...(unit.cookies ?? []),
]
