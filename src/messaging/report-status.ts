/**
 * Tells the customer what became of a message. Comes in: a `report-status` job at the head of its message's lane, so
 * that callbacks of one message leave in order and wait for each other's retries. Goes out: a signed callback, logged;
 * tried again by our own schedule, then an alert.
 */
import { resolveCallbackUrl } from '#core/callback-url.ts'
import { messageSid, newId, toSid } from '#core/ids.ts'
import { statusParameters } from '#customer/parameters.ts'
import { type CustomerFailure, callCustomer } from '#customer/request.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import type { Job } from '#jobs/queue.ts'
import type { Sender } from '#store/senders.ts'
import type { MessagingService } from '#store/services.ts'
import { alertOf } from './alert.ts'
import { commitSurely, type Unit } from './commit.ts'
import { type Flow, mayReachPrivate } from './flow.ts'
import type { Load, LoadedMessage } from './load.ts'

/** Beyond Twilio, which tries once (contract.md, "Outbound"). */
const RETRY_AFTER_MS = [5_000, 30_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000]

/** The URL itself is wrong: nothing changes by waiting. */
const HOPELESS = [11100, 11240, 11243]

export function createReportStatus(flow: Flow, load: Load): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const message = await load(job)
    const keep = (unit: Unit) => commitSurely(flow.commit, unit, flow.signal)
    const sender = message && (await flow.directory.sender(message.accountSid, message.senderId))
    const account = message && (await flow.directory.account(message.accountSid))
    const service = message?.serviceId && (await flow.directory.service(message.accountSid, message.serviceId))
    const target = message && targetOf(message, service || null, sender, job.data.target as string)
    // Of a suspended account nothing is told; its messages keep what became of them.
    if (!message || !account?.isActive || !target) {
      await keep({ finished: job })
      return 'done'
    }
    const url = resolveCallbackUrl(target.url, flow.publicUrl)
    const answer = await callCustomer({
      url,
      method: target.method,
      params: parametersOf(message, job.data.status as string),
      authToken: account.authToken,
      idempotencyToken: `${message.id}-${job.id}`,
      cookies: null,
      allowPrivate: mayReachPrivate(flow, url),
    })
    const exchanges = answer.exchanges.map((exchange) => ({
      ...exchange,
      accountSid: message.accountSid,
      id: newId(),
      messageId: message.id,
      purpose: 'status' as const,
    }))
    const afterMs = answer.ok ? undefined : retryAfterMs(target.url, answer, job.attempt)
    if (afterMs !== undefined) {
      await keep({ exchanges, putBack: { job, afterMs } })
      return 'put back'
    }
    const alerts = answer.ok ? [] : [alertOf(message, answer.code, answer.reason, answer.exchanges.at(-1))]
    await keep({ exchanges, alerts, finished: job })
    return 'done'
  }
}

/** The first of: the message's own, its messaging service's, its sender's. An `action` is told beside them. */
function targetOf(
  message: LoadedMessage,
  service: MessagingService | null,
  sender: Sender | undefined,
  target: string,
): { url: string; method: 'GET' | 'POST' } | undefined {
  if (target === 'action') {
    return message.actionUrl ? { url: message.actionUrl, method: message.actionMethod ?? 'POST' } : undefined
  }
  if (message.statusCallbackUrl) return { url: message.statusCallbackUrl, method: 'POST' }
  if (service?.statusCallbackUrl) return { url: service.statusCallbackUrl, method: 'POST' }
  if (sender?.statusCallbackUrl) return { url: sender.statusCallbackUrl, method: sender.statusCallbackMethod }
  return undefined
}

/** When a callback that failed is tried again; undefined: not. */
export function retryAfterMs(
  url: string,
  { code, isForbidden }: Pick<CustomerFailure, 'code' | 'isForbidden'>,
  attempt: number,
): number | undefined {
  const isHopeless = isForbidden || HOPELESS.includes(code)
  return isHopeless || definesRetries(url) ? undefined : RETRY_AFTER_MS[attempt]
}

/** `#rc` and `#rp` in the URL: the customer has chosen how to retry, and the call has done so. */
const definesRetries = (url: string): boolean => /#(.*&)?r[cp]=/.test(url)

function parametersOf(message: LoadedMessage, status: string): Record<string, string> {
  return statusParameters({
    sid: messageSid(message.id, message.numMedia),
    accountSid: message.accountSid,
    serviceSid: message.serviceId && toSid('MG', message.serviceId),
    from: `${message.channel}:${message.senderAddress}`,
    to: `${message.channel}:${message.contactAddress}`,
    status,
    channel: message.channel,
    senderSid: toSid('XE', message.senderId),
    errorCode: message.errorCode,
    errorText: message.errorText,
    providerDetail: message.providerDetail,
  })
}
