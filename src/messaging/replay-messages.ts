/**
 * Does all messages of a filter again, set after set. Comes in: a `replay-messages` job that names its batch. Goes out:
 * one replay each, and how far the batch is. A set that is done twice, as when a node dies, repeats nothing: the batch's
 * id is that of each replay. Oldest first, so that conversations keep their order. What might reach a person twice is left alone and counted.
 */
import { ApiError } from '#core/errors.ts'
import type { AccountSid, Id } from '#core/ids.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import { enqueue, type Job } from '#jobs/queue.ts'
import { type AuditActor, insertAuditEntry } from '#store/audit.ts'
import { countMessages, type LogFilter, searchForward } from '#store/message-log.ts'
import { advanceBatch, findBatch, insertBatch, type ReplayKind } from '#store/replays.ts'
import type { Flow } from './flow.ts'
import { replayMessage } from './replay-message.ts'

const SET_SIZE = 50
const SEARCH_MS = 500
/** A sender's queue is full: it empties in its own time. */
const FULL_WAIT_MS = 5_000

export type BatchRequest = {
  accountSid: AccountSid
  id: Id
  kind: ReplayKind
  filter: LogFilter
  replies: boolean
  /** Messages before this one. */
  beforeId: Id
  total: number
  actor: AuditActor
}

/** False when a batch has this id already. */
export async function startReplays(flow: Flow, request: BatchRequest): Promise<boolean> {
  const { accountSid, id, kind, filter, replies, beforeId, total, actor } = request
  return await flow.sql.begin(async (tx) => {
    const options = { replies }
    const given = JSON.parse(JSON.stringify(filter))
    if (
      !(await insertBatch(tx, { accountSid, id, kind, filter: given, options, beforeId, total, madeBy: actor.name }))
    ) {
      return false
    }
    await enqueue(tx, [{ kind: 'replay-messages', lane: `replay:${id}`, group: accountSid, data: { accountSid, id } }])
    await insertAuditEntry(tx, {
      accountSid,
      actor,
      source: 'console',
      eventType: 'messages.replayed',
      resourceType: 'messages',
      resourceSid: id,
      after: { kind, ...options, filter: withoutContent(filter), messages: total },
    })
    return true
  })
}

export function createReplayMessages(flow: Flow): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const batch = await findBatch(flow.sql, job.data.accountSid, job.data.id as Id)
    if (batch?.state !== 'running') {
      await flow.commit({ finished: job })
      return 'done'
    }
    const filter = narrowed(revive(batch.filter), batch.kind)
    const span = { after: batch.cursorId, before: batch.beforeId }
    const { entries, next } = await searchForward(flow.sql, filter, span, SET_SIZE, SEARCH_MS)
    let skipped = 0
    let reached = batch.cursorId
    const request = { id: batch.id, kind: batch.kind, replies: batch.options.replies, madeBy: batch.madeBy }
    for (const [nth, entry] of entries.entries()) {
      try {
        const outcome = await replayMessage(flow, batch.accountSid, entry.id, { ...request, knowingly: false })
        if (!outcome.ok) skipped += 1
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        await advanceBatch(flow.sql, batch, { cursorId: reached, done: nth - skipped, skipped })
        await flow.commit({ putBack: { job, afterMs: FULL_WAIT_MS } })
        return 'put back'
      }
      reached = entry.id
    }
    await advanceBatch(flow.sql, batch, { cursorId: next, done: entries.length - skipped, skipped })
    if (next === null) {
      await flow.commit({ finished: job })
      return 'done'
    }
    await flow.commit({ putBack: { job, afterMs: 0 } })
    return 'put back'
  }
}

/** Those of the filter that can be done again in this way. */
export function narrowed(filter: LogFilter, kind: ReplayKind): LogFilter {
  const directions = (filter.directions ?? DIRECTIONS).filter((one) => (one === 'inbound') === (kind === 'inbound'))
  if (kind !== 'send') return { ...filter, directions }
  const statuses = (filter.statuses ?? FAILED).filter((status) => FAILED.includes(status))
  return { ...filter, directions, statuses }
}

const DIRECTIONS: NonNullable<LogFilter['directions']> = ['inbound', 'outbound-api', 'outbound-reply']
const FAILED: NonNullable<LogFilter['statuses']> = ['failed', 'undelivered']

const MAX_COUNTED = 100_000
const COUNT_MS = 2_000

/** How many messages a batch would be about; `atLeast`: or more. */
export async function countReplays(
  flow: Flow,
  filter: LogFilter,
  kind: ReplayKind,
  before: Id,
): Promise<{ count: number; atLeast: boolean }> {
  const { count, next } = await countMessages(flow.sql, narrowed(filter, kind), before, MAX_COUNTED, COUNT_MS)
  return { count, atLeast: next !== null }
}

const revive = (filter: Record<string, unknown>): LogFilter => {
  const date = (value: unknown) => (typeof value === 'string' ? new Date(value) : null)
  return { ...(filter as LogFilter), from: date(filter.from), before: date(filter.before) }
}

/** What people wrote does not belong into the audit trail, nor what somebody looked for in it. */
const withoutContent = ({ text, ...rest }: LogFilter): object => ({ ...rest, text: text === null ? null : '…' })
