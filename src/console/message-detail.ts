/** A message with everything that is known of it, and its callbacks as commands for a terminal. */
import { type AccountSid, firstIdAt, type Id, messageSid, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { previewParts } from '#messaging/preview-parts.ts'
import { obstacleOf, warningOf } from '#messaging/replay-message.ts'
import { whatWaits } from '#messaging/what-waits.ts'
import { findAlertsOf } from '#store/alerts.ts'
import { findEvent } from '#store/events.ts'
import { findExchanges } from '#store/exchanges.ts'
import { findMediaOf } from '#store/media.ts'
import { findEntries } from '#store/message-log.ts'
import { findEffects, findMessage, type Message } from '#store/messages.ts'
import { findParts } from '#store/parts.ts'
import { findReplays } from '#store/replays.ts'
import { alertView } from './alert-view.ts'
import type { MessageDetail, ReplayKind } from './contract/messages.ts'
import { explain } from './explanations.ts'
import { messageIdOf } from './log-filter.ts'
import { mediaViews } from './media-views.ts'
import { stepsOf } from './message-steps.ts'
import { rowOf } from './messages.ts'
import { Refusal, type Routes } from './route.ts'

/** Callbacks of one message: with redirects, retries and replays there may be many. */
const MAX_EXCHANGES = 200
const MAX_ALERTS = 100

export function messageDetailRoutes({ flow, add }: Routes): void {
  const url = '/accounts/:accountSid/messages/:sid'
  add({ method: 'GET', url, needs: 'view' }, async ({ account, params }) => {
    return await detailOf(flow, account.sid, messageIdOf(params.sid))
  })
}

async function detailOf(flow: Flow, accountSid: AccountSid, id: Id): Promise<MessageDetail> {
  const { sql } = flow
  const message = await findMessage(sql, accountSid, id)
  const [entry] = await findEntries(sql, accountSid, [id])
  if (!message || !entry) throw new Refusal(404, 'There is no such message in this account')
  const [event, media, exchanges, parts, replays, alerts] = await Promise.all([
    message.eventId ? findEvent(sql, accountSid, message.eventId) : undefined,
    message.numMedia > 0 ? findMediaOf(sql, accountSid, id) : [],
    findExchanges(sql, accountSid, id, MAX_EXCHANGES),
    findParts(sql, accountSid, id),
    findReplays(sql, accountSid, id),
    findAlertsOf(sql, accountSid, messageSid(id, message.numMedia), MAX_ALERTS),
  ])
  const isOut = message.direction !== 'inbound'
  const previews = isOut ? await previewParts(flow, message, parts[0]?.startedAt ?? null) : []
  // Replies are drafted right after the answer that they stand in.
  const lastMs = Math.max(0, ...exchanges.map(({ startedAt, durationMs }) => startedAt.getTime() + durationMs))
  const until = firstIdAt(new Date(lastMs + 10_000))
  const effects = await findEntries(sql, accountSid, await findEffects(sql, message, until))
  const [cause] = message.causeId ? await findEntries(sql, accountSid, [message.causeId]) : []
  const sender = await flow.directory.sender(accountSid, message.senderId)
  return {
    ...rowOf(entry),
    // As it was when its error was read: it may have moved on between the two.
    status: message.status,
    errorCode: message.errorCode,
    body: message.body,
    updatedAt: message.updatedAt.toISOString(),
    sendAt: message.sendAt?.toISOString() ?? null,
    senderName: sender?.name ?? null,
    serviceSid: message.serviceId && toSid('MG', message.serviceId),
    statusCallbackUrl: message.statusCallbackUrl,
    tags: message.tags,
    media: mediaViews(flow, message, media),
    error: message.errorCode === null ? null : explain(message.errorCode, message.errorText, 'send', message.status),
    channelDetail: message.providerDetail,
    steps: stepsOf(message, { event, media, exchanges, parts, previews, replays, alerts }),
    waits: (await whatWaits(sql, message)).map((wait) => ({ ...wait, dueAt: wait.dueAt.toISOString() })),
    alerts: alerts.map(alertView),
    cause: cause ? rowOf(cause) : null,
    effects: effects.map(rowOf),
    replays: await replaysOf(flow, message),
  }
}

async function replaysOf(flow: Flow, message: Message): Promise<MessageDetail['replays']> {
  const kinds: ReplayKind[] = message.direction === 'inbound' ? ['inbound'] : ['send', 'status']
  const possible: MessageDetail['replays'] = []
  for (const kind of kinds) {
    if (await obstacleOf(flow, message, kind)) continue
    possible.push({ kind, warning: (await warningOf(flow, message, kind)) ?? null })
  }
  return possible
}
