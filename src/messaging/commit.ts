/**
 * What a step decided, written. Comes in: units of change from steps that run side by side. Goes out: one transaction
 * for all that arrive together, one statement per table, the work that follows included. A unit is kept or dropped as a
 * whole, and the same unit twice is the same as once. Nothing else in this room writes messages, parts, contacts or jobs.
 */
import { ApiError } from '#core/errors.ts'
import type { Id } from '#core/ids.ts'
import type { Dispatcher } from '#jobs/dispatcher.ts'
import {
  type Begun,
  enqueue,
  finish,
  type Job,
  type JobKind,
  makeHeadsDue,
  makeLaneDue,
  type NewJob,
  type PutBack,
  putBack,
} from '#jobs/queue.ts'
import { insertAlerts, type NewAlert } from '#store/alerts.ts'
import { isStoreAway, type Sql, type Tx } from '#store/connection.ts'
import {
  type ContactCookies,
  type ContactKey,
  contactKey,
  findReceivers,
  lockContacts,
  markUnreachable,
  saveCookies,
} from '#store/contacts.ts'
import { insertEvents, type NewEvent } from '#store/events.ts'
import { insertExchanges, type NewExchange } from '#store/exchanges.ts'
import { gather } from '#store/gather.ts'
import { type IdempotencyKey, returnKeys, takeKeys } from '#store/idempotency.ts'
import { findReady, insertMedia, type MediaResult, settleMedia } from '#store/media.ts'
import { forgetTakenBack, insertMessages, type NewMessage, type StatusMove } from '#store/messages.ts'
import { finishParts, type PartKey, type PartResult, type StartedPart, startParts } from '#store/parts.ts'
import { insertReplays, type NewReplay } from '#store/replays.ts'
import { insertScheduled, type ScheduledKey, unschedule } from '#store/scheduled.ts'
import { type SenderTrouble, troubleSenders } from '#store/senders.ts'
import { alertJob, conversationOf, laneOfSends, mediaJob, profileJob } from './lanes.ts'
import { jobsOfMessages } from './message-jobs.ts'
import { applyReceipts, type Receipt } from './receipts.ts'
import { type Action, recordActions } from './record-actions.ts'
import { type Release, releaseDue } from './release-scheduled.ts'
import { updateStatus } from './update-status.ts'
import { writeCreates } from './write-creates.ts'

export type Unit = {
  /** Dropped whole when this event is known already. */
  event?: NewEvent
  /** Dropped whole when the key was used before. */
  idempotency?: IdempotencyKey
  action?: Action
  /** Inbound ones get a `call-customer` job, outbound ones a `send-message` job; scheduled ones wait on the schedule. */
  messages?: NewMessage[]
  /** Dropped whole, when the person opted out, unless a message is exempt (a confirmation, a help text). */
  exempt?: boolean
  takenBack?: { senderId: Id; channelMessageId: string }[]
  startedParts?: StartedPart[]
  partResults?: (PartResult & ContactKey)[]
  receipts?: Receipt[]
  statuses?: StatusMove[]
  exchanges?: NewExchange[]
  alerts?: NewAlert[]
  unreachable?: ContactKey[]
  cookies?: ContactCookies[]
  /** `alert`: told when the trouble is new. */
  troubles?: (SenderTrouble & { alert: NewAlert })[]
  /** The job that this unit is the result of. */
  finished?: Job
  /** Taken off the schedule; dropped whole when it is not on it any more. */
  unscheduled?: ScheduledKey
  /** Scheduled messages that are due go into their lanes. */
  due?: Release
  putBack?: PutBack
  /** What became of files that waited. */
  media?: MediaResult[]
  /** All files of this message are settled: its place in the lane need not wait. */
  complete?: { lane: string; messageId: Id }
  /** With `putBack`, for the files of this message: it is due at once when they have come meanwhile. */
  awaits?: { accountSid: string; messageId: Id }
  /** Something is done again on purpose. Dropped whole when this was asked for before. */
  replay?: NewReplay
  /** Work that follows beside that of the messages. */
  jobs?: NewJob[]
}

export type UnitResult =
  /** `released`: how many scheduled messages went into their lanes, when the unit asked for it. */
  | { outcome: 'kept'; started: PartKey[]; createdAt: Date | undefined; released?: number }
  | { outcome: 'duplicate' }
  /** Its job was finished by another node, while this one was thought to be dead; or it is not on the schedule. */
  | { outcome: 'superseded' }
  /** `refused`: the messages whose receivers opted out. */
  | { outcome: 'opted out'; refused: Id[] }
  | { outcome: 'repeated'; messageId: Id; sameRequest: boolean }

/** Keeps the order of the list: what it holds of one conversation is done in that order. */
export type CommitAll = (units: Unit[]) => Promise<UnitResult[]>
export type Commit = (unit: Unit) => Promise<UnitResult>

export type CommitDeps = {
  sql: Sql
  /** Hears of the kinds of new work that nobody holds, after the commit. */
  wake: (kinds: Iterable<JobKind>) => void
  /** Takes new work into this node's own hands, where it can. */
  offer: Dispatcher['offer']
  /** Hears of what was committed, for those who watch. Must be quick, and never throw. */
  tell?: (units: readonly Unit[]) => void
}

export type CommitDoors = {
  /** For the steps: their results are never refused. */
  commit: Commit
  /**
   * For what comes from outside, in the order of the list. Throws `ApiError` (20429), and keeps nothing, when so much
   * waits for the store already that this would wait too long: memory stays bounded, and the caller tries again.
   * `bytes`: of what the units were made of, where that may be much.
   */
  accept: (units: Unit[], bytes?: number) => Promise<UnitResult[]>
}

/** About a second's work of a slow store. */
const MAX_WAITING = 5000
/** In memory it is several times that. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024

export function createCommit({ sql, wake, offer, tell }: CommitDeps): CommitDoors {
  type Write = (units: Unit[], begun: Begun) => Promise<UnitResult[]>
  const sets = (write: Write, maxRunning: number) => {
    const attempt = async (lists: Unit[][]): Promise<UnitResult[][]> => {
      const begun = offer()
      let results: UnitResult[]
      try {
        results = await write(lists.flat(), begun)
      } catch (error) {
        // A lost connection may have lost the answer to the commit.
        begun.drop(isStoreAway(error))
        throw error
      }
      begun.keep()
      wake(begun.free)
      if (tell) for (const units of lists) tell(units)
      let from = 0
      return lists.map((units) => {
        from += units.length
        return results.slice(from - units.length, from)
      })
    }
    type Settled = { results: UnitResult[] } | { error: unknown }
    return gather<Unit[], Settled>(
      async (lists) => {
        try {
          return (await attempt(lists)).map((results) => ({ results }))
        } catch (error) {
          if (lists.length === 1 || isStoreAway(error)) throw error
          // One bad unit must not take the others with it; a deadlock's victim finds the way free.
          const settled: Settled[] = []
          for (const units of lists) {
            settled.push(
              await attempt([units]).then(
                ([results]) => ({ results: results as UnitResult[] }),
                (reason) => ({ error: reason }),
              ),
            )
          }
          return settled
        }
      },
      { maxItems: 250, maxRunning },
    )
  }
  const creates = sets((units, begun) => writePlainCreates(sql, units, begun), 2)
  const others = sets((units, begun) => sql.begin((tx) => writeUnits(tx, units, begun)), 3)
  let waiting = 0
  let waitingBytes = 0
  const commitAll: CommitAll = async (units) => {
    waiting += units.length
    const settled = await (units.every(isPlainCreate) ? creates : others)(units).finally(() => {
      waiting -= units.length
    })
    if ('error' in settled) throw settled.error
    return settled.results
  }
  return {
    commit: async (unit) => (await commitAll([unit]))[0] as UnitResult,
    accept: async (units, bytes = 0) => {
      if (waiting >= MAX_WAITING || waitingBytes + bytes > MAX_WAITING_BYTES) {
        throw new ApiError('too_many_requests', undefined, { retryAfterSeconds: 1 })
      }
      waitingBytes += bytes
      return await commitAll(units).finally(() => {
        waitingBytes -= bytes
      })
    },
  }
}

/** One outbound message that may go at once, and nothing else. */
const isPlainCreate = ({ messages, ...rest }: Unit): boolean =>
  messages?.length === 1 &&
  messages[0]?.direction === 'outbound-api' &&
  messages[0].status === 'queued' &&
  messages[0].media.length === 0 &&
  Object.keys(rest).length === 0

async function writePlainCreates(sql: Sql, units: Unit[], begun: Begun): Promise<UnitResult[]> {
  const messages = flat(units, 'messages')
  const { refused, createdAt } = await writeCreates(sql, messages, begun)
  return messages.map(({ id }) =>
    refused.has(id) ? { outcome: 'opted out', refused: [id] } : { outcome: 'kept', started: [], createdAt },
  )
}

/** For results that must not be forgotten because the store is away: tries until it is back or `signal` says stop. */
export async function commitSurely(commit: Commit, unit: Unit, signal: AbortSignal): Promise<UnitResult> {
  for (;;) {
    try {
      return await commit(unit)
    } catch (error) {
      if (!isStoreAway(error) || signal.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}

async function writeUnits(tx: Tx, all: Unit[], begun: Begun): Promise<UnitResult[]> {
  const results = new Map<Unit, UnitResult>()
  const drop = (unit: Unit, result: UnitResult) => results.set(unit, result)
  const kept = () => all.filter((unit) => !results.has(unit))

  // Conversations are locked early, always in the same order: receipts and answers about one message wait for each other
  // here. What stands in one `Promise.all` goes to the database in one go, and is done there in this order.
  const [fresh, contacts] = await Promise.all([
    insertEvents(tx, pick(all, 'event')),
    lockContacts(tx, all.flatMap(conversationsOf)),
  ])
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
  const [inserted, started, settled] = await Promise.all([
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
  await forgetTakenBack(tx, flat(units, 'takenBack'))

  const troubles = flat(units, 'troubles')
  const news = await troubleSenders(tx, troubles)
  const bad = troubles.flatMap((trouble) => (news.has(trouble.id) ? [trouble.alert] : []))
  const toTell = await insertAlerts(tx, [...flat(units, 'alerts'), ...bad, ...released.alerts])

  await putBack(tx, pick(units, 'putBack'))
  for (const lane of settled) await makeLaneDue(tx, lane)
  if (settled.size > 0) begun.free.add('send-message')
  await releaseComplete(tx, units, begun)
  // What fails as it is made (its sender's queue is full) has nothing to wait for.
  const failed = new Set(flat(units, 'statuses').flatMap((move) => (move.to === 'failed' ? move.messageId : [])))
  const waiting = made.filter((message) => message.status !== 'scheduled' && !failed.has(message.id))
  const came = units.flatMap(({ event, action, messages }) =>
    event && action ? (messages ?? []).map(({ id }) => [id, event.raw] as const) : [],
  )
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
  if (complete.length > 0 || ready.size > 0) begun.free.add('call-customer')
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

function flat<K extends ListKey>(units: Unit[], key: K): NonNullable<Unit[K]> {
  return units.flatMap((unit) => (unit[key] ?? []) as unknown[]) as NonNullable<Unit[K]>
}

const conversationsOf = (unit: Unit): ContactKey[] => [
  ...(unit.action ? [unit.action] : []),
  ...(unit.receipts ?? []),
  ...(unit.partResults ?? []),
  ...(unit.unreachable ?? []),
  ...(unit.cookies ?? []),
]
