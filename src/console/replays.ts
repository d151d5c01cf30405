/** Doing it again: one message, or all of a filter; and a callback as a command for a terminal. */
import { Type } from 'typebox'
import { sharedNowMs } from '#core/clock.ts'
import { firstIdAt, fromSid, type Id, messageSid, newId, toSid } from '#core/ids.ts'
import { curlOf } from '#messaging/curl-callback.ts'
import { replayMessage } from '#messaging/replay-message.ts'
import { countReplays, startReplays } from '#messaging/replay-messages.ts'
import { insertAuditEntry } from '#store/audit.ts'
import { findExchanges } from '#store/exchanges.ts'
import { type Batch, findBatch, type ReplayKind, stopBatch } from '#store/replays.ts'
import type { CurlCommand, MessageCount, Replayed, ReplayProgress } from './contract/messages.ts'
import { messageIdOf, readLogFilter, readMessageId, readUuid } from './log-filter.ts'
import { Refusal, type Routes } from './route.ts'

const KINDS: ReplayKind[] = ['inbound', 'status', 'send']
const short = Type.String({ maxLength: 400 })
const Again = {
  id: short,
  kind: Type.Unsafe<ReplayKind>(Type.String({ enum: KINDS })),
  replies: Type.Optional(Type.Boolean()),
}
const BatchBody = Type.Object({
  ...Again,
  filter: Type.Record(Type.String({ maxLength: 20 }), short),
  beforeSid: short,
  total: Type.Integer({ minimum: 0 }),
})

export function replayRoutes({ flow, add }: Routes): void {
  const { sql } = flow
  const url = '/accounts/:accountSid'

  add(
    { method: 'POST', url: `${url}/messages/:sid/replay`, needs: 'configure', body: Type.Object(Again) },
    async ({ account, actor, params, body }): Promise<Replayed> => {
      const messageId = messageIdOf(params.sid)
      const { kind, replies = true } = body
      const request = { id: readUuid(body.id), kind, replies, madeBy: actor.name, knowingly: true }
      const outcome = await replayMessage(flow, account.sid, messageId, request)
      if (!outcome.ok) throw new Refusal(409, outcome.reason)
      const madeSid = outcome.madeId && messageSid(outcome.madeId, 0)
      await insertAuditEntry(sql, {
        accountSid: account.sid,
        actor,
        source: 'console',
        eventType: 'message.replayed',
        resourceType: 'message',
        resourceSid: params.sid ?? '',
        after: { kind, ...(kind === 'inbound' && { replies }), ...(madeSid && { madeSid }) },
      })
      return { messageSid: params.sid ?? '', madeSid }
    },
  )

  add(
    { method: 'GET', url: `${url}/messages/count`, needs: 'configure' },
    async ({ account, query }): Promise<MessageCount> => {
      const kind = KINDS.find((each) => each === query.kind)
      if (!kind) throw new Refusal(400, 'What shall be done again?', 'kind')
      const filter = readLogFilter(account.sid, query)
      // What is made from now on, such as the repeated sends themselves, is not meant.
      const before = readMessageId(query.before) ?? firstIdAt(new Date(sharedNowMs() + 1))
      return { ...(await countReplays(flow, filter, kind, before)), beforeSid: toSid('SM', before) }
    },
  )

  add(
    { method: 'POST', url: `${url}/replays`, needs: 'configure', body: BatchBody },
    async ({ account, actor, body }): Promise<ReplayProgress> => {
      const id = readUuid(body.id)
      const beforeId = readMessageId(body.beforeSid)
      if (!beforeId || beforeId > newId()) throw new Refusal(400, 'Messages that are not made yet cannot be meant')
      await startReplays(flow, {
        accountSid: account.sid,
        id,
        kind: body.kind,
        filter: readLogFilter(account.sid, body.filter),
        replies: body.replies ?? true,
        beforeId,
        total: body.total,
        actor,
      })
      return progressOf(await findBatch(sql, account.sid, id))
    },
  )

  add(
    { method: 'GET', url: `${url}/replays/:id`, needs: 'configure' },
    async ({ account, params }): Promise<ReplayProgress> =>
      progressOf(await findBatch(sql, account.sid, idOf(params.id))),
  )

  add(
    { method: 'POST', url: `${url}/replays/:id/stop`, needs: 'configure' },
    async ({ account, params, actor }): Promise<ReplayProgress> => {
      const id = idOf(params.id)
      if (await stopBatch(sql, account.sid, id)) {
        await insertAuditEntry(sql, {
          accountSid: account.sid,
          actor,
          source: 'console',
          eventType: 'messages.replay-stopped',
          resourceType: 'messages',
          resourceSid: id,
        })
      }
      return progressOf(await findBatch(sql, account.sid, id))
    },
  )

  add(
    { method: 'GET', url: `${url}/messages/:sid/exchanges/:id/curl`, needs: 'configure' },
    async ({ account, params }): Promise<CurlCommand> => {
      const calls = await findExchanges(sql, account.sid, messageIdOf(params.sid), 1_000)
      const call = calls.find(({ id }) => id === params.id)
      if (!call) throw new Refusal(404, 'There is no such call of this message')
      return { command: await curlOf(flow, account.sid, call) }
    },
  )
}

const idOf = (text: string | undefined): Id => fromSid(`SM${text?.replaceAll('-', '')}`, 'SM') ?? gone()

const gone = (): never => {
  throw new Refusal(404, 'There is no such replay in this account')
}

function progressOf(batch: Batch | undefined): ReplayProgress {
  const { id, kind, state, total, done, skipped } = batch ?? gone()
  return { id, kind, state, total, done, skipped }
}
