/**
 * Tells the customer that a usage trigger has fired. Comes in: a `report-usage` job. Goes out: a signed callback, logged,
 * tried again as status callbacks are, then an alert. A trigger that is gone, or whose account is not active, tells nothing.
 */
import { resolveCallbackUrl } from '#core/callback-url.ts'
import { type Id, newId, toSid } from '#core/ids.ts'
import { usageParameters } from '#customer/parameters.ts'
import { callCustomer } from '#customer/request.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import type { Job } from '#jobs/queue.ts'
import { findUsageTrigger } from '#store/usage-triggers.ts'
import { alertAbout } from './alert.ts'
import { commitSurely, type Unit } from './commit.ts'
import { type Flow, mayReachPrivate } from './flow.ts'
import { retryAfterMs } from './report-status.ts'

export function createReportUsage(flow: Flow): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const { accountSid, triggerId, current, firedAt } = job.data
    const keep = (unit: Unit) => commitSurely(flow.commit, unit, flow.signal)
    const trigger = await findUsageTrigger(flow.sql, accountSid, triggerId as Id)
    const account = await flow.directory.account(accountSid)
    if (!trigger || !account?.isActive) {
      await keep({ finished: job })
      return 'done'
    }
    const url = resolveCallbackUrl(trigger.callbackUrl, flow.publicUrl)
    const idempotencyToken = `${trigger.id}-${job.id}`
    const answer = await callCustomer({
      url,
      method: trigger.callbackMethod,
      params: usageParameters({
        accountSid,
        triggerSid: toSid('UT', trigger.id),
        current: current as string,
        value: trigger.triggerValue,
        category: trigger.usageCategory,
        by: trigger.triggerBy,
        recurring: trigger.recurring,
        firedAt: new Date(firedAt as string),
        idempotencyToken,
      }),
      authToken: account.authToken,
      idempotencyToken,
      cookies: null,
      allowPrivate: mayReachPrivate(flow, url),
    })
    const about = { accountSid, resourceSid: toSid('UT', trigger.id) }
    const exchanges = answer.exchanges.map((exchange) => {
      const id = newId()
      return { ...exchange, ...about, id, messageId: id, purpose: 'usage' as const }
    })
    const afterMs = answer.ok ? undefined : retryAfterMs(trigger.callbackUrl, answer, job.attempt)
    if (afterMs !== undefined) {
      await keep({ exchanges, putBack: { job, afterMs } })
      return 'put back'
    }
    const alerts = answer.ok ? [] : [alertAbout(about, answer.code, answer.reason, answer.exchanges.at(-1))]
    await keep({ exchanges, alerts, finished: job })
    return 'done'
  }
}
