/**
 * What a step decided, written. Comes in: units of change from steps that run side by side. Goes out: one transaction
 * for all that arrive together, one statement per table, the work that follows included. A unit is kept or dropped as a
 * whole, and the same unit twice is the same as once. Nothing else in this room writes messages, parts, contacts or jobs.
 */
import { ApiError } from '#core/errors.ts'
import type { Id } from '#core/ids.ts'
import type { Dispatcher } from '#jobs/dispatcher.ts'
import type { Begun, Job, NewJob, PutBack } from '#jobs/queue.ts'
import type { NewAlert } from '#store/alerts.ts'
import { isStoreAway, type Sql } from '#store/connection.ts'
import type { ContactCookies, ContactKey } from '#store/contacts.ts'
import type { NewEvent } from '#store/events.ts'
import type { NewExchange } from '#store/exchanges.ts'
import { gather } from '#store/gather.ts'
import type { IdempotencyKey } from '#store/idempotency.ts'
import type { MediaResult } from '#store/media.ts'
import type { NewMessage, StatusMove } from '#store/messages.ts'
import type { PartKey, PartResult, StartedPart } from '#store/parts.ts'
import type { NewReplay } from '#store/replays.ts'
import type { ScheduledKey } from '#store/scheduled.ts'
import type { SenderTrouble } from '#store/senders.ts'
import type { Receipt } from './receipts.ts'
import type { Action } from './record-actions.ts'
import type { Release } from './release-scheduled.ts'
import { writeCreates } from './write-creates.ts'
import { flat, writeUnits } from './write-units.ts'

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
  takenBack?: (ContactKey & { channelMessageId: string })[]
  /** The key of the event that takes the message of this one back: it may have come before it. */
  deletionKey?: string
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
  /** Takes new work into this node's own hands, where it can, and wakes those who do the rest. */
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

export function createCommit({ sql, offer, tell }: CommitDeps): CommitDoors {
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
