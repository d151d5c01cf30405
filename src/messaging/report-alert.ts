/**
 * Tells the account's debugger webhook of an alert. Comes in: a `report-alert` job. Goes out: a signed callback, tried
 * again as status callbacks are, then an alert of which nobody is told. An alert or a webhook that is gone tells nothing.
 */
import { resolveCallbackUrl } from '#core/callback-url.ts'
import { type Id, toSid } from '#core/ids.ts'
import { debuggerParameters } from '#customer/debugger-parameters.ts'
import { callCustomer } from '#customer/request.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import type { Job } from '#jobs/queue.ts'
import { findAlert } from '#store/alerts.ts'
import { findDebuggerWebhook } from '#store/debugger-webhooks.ts'
import { alertAbout } from './alert.ts'
import { commitSurely, type Unit } from './commit.ts'
import { type Flow, mayReachPrivate } from './flow.ts'
import { retryAfterMs } from './report-status.ts'

export function createReportAlert(flow: Flow): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const { accountSid } = job.data
    const keep = (unit: Unit) => commitSurely(flow.commit, unit, flow.signal)
    const alert = await findAlert(flow.sql, accountSid, job.data.alertId as Id)
    const webhook = await findDebuggerWebhook(flow.sql, accountSid)
    const owner = webhook && (await flow.directory.account(webhook.ownerSid))
    if (!alert || !webhook || !owner?.isActive) {
      await keep({ finished: job })
      return 'done'
    }
    const url = resolveCallbackUrl(webhook.url, flow.publicUrl)
    const sid = toSid('NO', alert.id)
    const answer = await callCustomer({
      url,
      method: 'POST',
      params: debuggerParameters({ ...alert, sid, parentSid: webhook.parentSid }),
      authToken: owner.authToken,
      idempotencyToken: `${alert.id}-${job.id}`,
      cookies: null,
      allowPrivate: mayReachPrivate(flow, url),
    })
    const afterMs = answer.ok ? undefined : retryAfterMs(webhook.url, answer, job.attempt)
    if (afterMs !== undefined) {
      await keep({ putBack: { job, afterMs } })
      return 'put back'
    }
    if (answer.ok) await keep({ finished: job })
    else {
      const about = { accountSid: owner.sid, resourceSid: sid }
      const failed = alertAbout(about, answer.code, answer.reason, answer.exchanges.at(-1))
      await keep({ alerts: [{ ...failed, isQuiet: true }], finished: job })
    }
    return 'done'
  }
}
