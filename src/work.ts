/**
 * The work of a node that dispatches: the kinds of jobs and who does each, and what looks at the clock. `undo` gets what
 * ends it, in the order of the start.
 */

import type { pino } from 'pino'
import { startDispatcher } from '#jobs/dispatcher.ts'
import { joinNodes, type Share } from '#jobs/node.ts'
import type { Offer } from '#jobs/offer.ts'
import type { Wake } from '#jobs/wake.ts'
import { startSweeping } from '#media/sweep.ts'
import { createCallCustomer } from '#messaging/call-customer.ts'
import { createFetchMedia } from '#messaging/fetch-media.ts'
import { createFetchProfile } from '#messaging/fetch-profile.ts'
import { watchUsage } from '#messaging/fire-triggers.ts'
import type { Flow } from '#messaging/flow.ts'
import { createLoad } from '#messaging/load.ts'
import { startReleases } from '#messaging/release-scheduled.ts'
import { createReplayMessages } from '#messaging/replay-messages.ts'
import { createReportAlert } from '#messaging/report-alert.ts'
import { createReportStatus } from '#messaging/report-status.ts'
import { createReportUsage } from '#messaging/report-usage.ts'
import { createSendMessage } from '#messaging/send-message.ts'
import { watchHealth } from '#messaging/watch-health.ts'
import type { Config } from './config.ts'

/** Calls to the provider at the same time. */
export const SENDS = 256
/** Work in hand gets so long when the process is asked to stop, which has 10 s in all. */
const STOP_WORK_WITHIN_MS = 6000

/** What a node that dispatches does of itself. */
export type Work = { alive: () => boolean; share: () => Share | undefined; offer: () => Offer }

export async function startWork(
  config: Config,
  flow: Flow,
  wake: Wake,
  log: pino.Logger,
  undo: (() => unknown)[],
  stopping: AbortController,
): Promise<Work> {
  const alone = config.databaseUrl === undefined
  const node = await joinNodes(flow.sql, alone, (error) =>
    log.warn({ err: error }, 'this node could not say that it lives'),
  )
  undo.push(() => node.stop())
  undo.push(() => stopping.abort())
  const load = createLoad(flow.sql)
  const dispatcher = startDispatcher(
    [
      { kind: 'call-customer', concurrency: 512, perGroup: 64, run: createCallCustomer(flow, load) },
      { kind: 'send-message', concurrency: SENDS, perGroup: 64, run: createSendMessage(flow, load) },
      { kind: 'report-status', concurrency: 512, perGroup: 64, run: createReportStatus(flow, load) },
      { kind: 'fetch-profile', concurrency: 16, perGroup: 8, run: createFetchProfile(flow) },
      { kind: 'report-usage', concurrency: 16, perGroup: 8, run: createReportUsage(flow) },
      { kind: 'fetch-media', concurrency: 32, perGroup: 16, run: createFetchMedia(flow, load) },
      { kind: 'report-alert', concurrency: 64, perGroup: 16, run: createReportAlert(flow) },
      { kind: 'replay-messages', concurrency: 4, perGroup: 1, run: createReplayMessages(flow) },
    ],
    {
      sql: flow.sql,
      node,
      wake,
      onError: (error, job) => log.error({ err: error, kind: job?.kind, lane: job?.lane }, 'a job could not be done'),
    },
  )
  undo.push(watchUsage(flow))
  undo.push(() => dispatcher.stop(STOP_WORK_WITHIN_MS))
  undo.push(startSweeping(flow.media, (error) => log.warn({ err: error }, 'media could not be swept')))
  undo.push(startReleases(flow))
  undo.push(watchHealth(flow))
  return { alive: () => node.holder() !== undefined, share: node.share, offer: dispatcher.offer }
}
