/**
 * Sends one message, part by part. Comes in: a `send-message` job at the head of its conversation. Goes out: each
 * provider call written down before it is made and after, and the message's status. Must never make a call whose
 * earlier try may have arrived: such a part waits for its echo, at most `SETTLE_MS`.
 */
import type { Channel, Part, ProviderApp, SendMode, SendOutcome } from '#core/channel.ts'
import { errorText } from '#core/error-codes.ts'
import { type Id, newId } from '#core/ids.ts'
import { backOff } from '#jobs/back-off.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import type { Job } from '#jobs/queue.ts'
import { type Account, findAccount } from '#store/accounts.ts'
import type { NewAlert } from '#store/alerts.ts'
import type { ContactKey } from '#store/contacts.ts'
import type { StatusMove } from '#store/messages.ts'
import { findSender, type Sender } from '#store/senders.ts'
import { alertOf } from './alert.ts'
import { type CheckedMedia, checkMedia } from './check-media.ts'
import { commitSurely, type Unit } from './commit.ts'
import type { Flow } from './flow.ts'
import type { Load, LoadedMessage } from './load.ts'
import { partMark } from './part-mark.ts'

/** An answer that was lost is looked for in the echoes for so long (contract.md, "What Meta's errors become"). */
const SETTLE_MS = 5 * 60_000
const SETTLE_LOOK_MS = 10_000
/** A sender that is offline, or whose account is suspended, is looked at again after this; its return wakes its messages. */
const OFFLINE_LOOK_MS = 60_000
/** What was found out before a call (window, validity, sender, account) holds for so long. */
const DECIDED_FOR_MS = 10_000
/** A file that cannot be fetched is tried once more. */
const MEDIA_RETRY_MS = 2_000
/** Whatever a provider says: after this it is asked again. */
const LONGEST_REGAIN_MS = 60 * 60_000

type Refused = Extract<SendOutcome, { ok: false }>

export function createSendMessage(flow: Flow, load: Load): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const message = await load(job)
    const keep = async (unit: Unit) => {
      const result = await commitSurely(flow.commit, unit, flow.signal)
      if (unit.troubles) flow.directory.forget()
      return result
    }
    if (message?.status !== 'queued') {
      await keep({ finished: job })
      return 'done'
    }
    const fail = async (code: number, reason: string | null, more: Unit = {}): Promise<JobResult> => {
      const detail = more.statuses?.[0]?.detail
      const status: StatusMove = {
        ...idOf(message),
        to: 'failed',
        errorCode: code,
        errorText: reason ?? errorText(code),
      }
      await keep({
        ...more,
        statuses: [detail ? { ...status, detail } : status],
        alerts: [alertOf(message, code, reason)],
        finished: job,
      })
      return 'done'
    }
    const wait = async (afterMs: number, unit: Unit = {}): Promise<JobResult> => {
      await keep({ ...unit, putBack: { job, afterMs } })
      return 'put back'
    }

    const account = await accountNow(flow, message.accountSid)
    if (account?.status === 'closed') return fail(30002, 'The account has been closed')
    const sender = await senderNow(flow, message.accountSid, message.senderId)
    if (!sender) return fail(63007, 'The Page of this message is no longer connected')
    const channel = flow.channels.get(sender.channel) as Channel
    const app = await flow.app(sender.providerAppId)
    if (!app) return fail(63001, `There is no secret for the Meta app ${sender.providerAppId} in this installation`)
    const parts = channel.partsOf({ body: message.body, mediaUrls: message.media.map((media) => media.url) })
    if (parts.length === 0) return fail(63005, 'The message has neither text nor media')

    const leftMs = message.validitySeconds * 1000 - message.ageMs
    // What was begun is brought to its end first: its outcome does not depend on what holds now.
    const begun = message.parts.some((part) => part.state === 'started' || part.state === 'unknown')
    const allSent = message.parts.filter((part) => part.state === 'sent').length === parts.length
    const mayWait = !begun && !allSent
    if (mayWait && !account?.isActive) {
      return leftMs <= 0 ? fail(30002, null) : wait(Math.min(OFFLINE_LOOK_MS, leftMs))
    }
    if (leftMs <= 0 && mayWait) {
      const refusal = () =>
        sender.status === 'OFFLINE' ? sender.offlineCode : flow.trials.codeWithin(sender.id, message.ageMs)
      const last = message.parts.at(-1)?.code ?? refusal()
      return fail(last ?? 30036, last ? `${errorText(last)}; the message's validity period ended` : null)
    }
    const pausedMs = message.pausedMs ?? 0
    if (mayWait && sender.status === 'OFFLINE') return wait(Math.min(OFFLINE_LOOK_MS, leftMs))
    if (mayWait && pausedMs > 0) return wait(Math.min(pausedMs, leftMs))
    const mode = modeOf(sender, message.actedMsAgo)

    let checked: CheckedMedia | undefined
    for (const [index, planned] of parts.entries()) {
      const known = message.parts.find((each) => each.part === index)
      const isLast = index === parts.length - 1
      const key = { ...idOf(message), part: index }
      const contact: ContactKey = { ...idOf(message), senderId: message.senderId, address: message.contactAddress }
      if (known?.state === 'sent') {
        // Told by an echo, or by an earlier run that was cut off: the receipts that came meanwhile count now.
        if (isLast) {
          const sent = { channelMessageId: known.channelMessageId, happenedAt: null, code: null, detail: null }
          await keep({
            partResults: [{ ...contact, ...key, ...sent, state: 'sent' }],
            statuses: [{ ...idOf(message), to: 'sent' }],
            finished: job,
          })
        }
        continue
      }
      if (known?.state === 'started' || known?.state === 'unknown') {
        if (known.startedMsAgo < SETTLE_MS) return wait(Math.min(SETTLE_LOOK_MS, SETTLE_MS - known.startedMsAgo))
        return giveUpUnsettled(message, key, contact, job, keep)
      }
      if (mode === 'closed') return fail(63016, closedReason(sender, message.actedMsAgo))
      checked ??= await checkMedia(flow, channel, message, parts, index)
      if (!checked.ok) {
        if (checked.retry && job.attempt === 0 && leftMs > MEDIA_RETRY_MS) return wait(MEDIA_RETRY_MS)
        return fail(checked.code, checked.reason)
      }
      const part = checked.parts[index] ?? planned
      // Before it is written down: a node that dies here has sent nothing.
      if (!(await flow.trials.admit(sender.id))) return wait(0)
      const admittedAt = performance.now()
      await flow.pace.turn(sender.id, channel.rateOf(part))
      if (flow.trials.refusedSince(sender.id, admittedAt)) return wait(0)
      const askedAt = performance.now()
      // Whether it was written down must be known: it is asked again until that is told, with the same start id.
      const written = await keep({
        startedParts: [
          { ...key, senderId: message.senderId, contactAddress: message.contactAddress, startId: newId() },
        ],
        media: checked.results.splice(0),
      })
      // Another holder of this lane was faster: what it began must be settled first.
      if (written.outcome !== 'kept' || written.started.length === 0) return wait(1000)
      // The store was away meanwhile, or the provider paused the sender: whether it may still be sent is decided anew.
      const late = performance.now() - askedAt > Math.min(leftMs, DECIDED_FOR_MS)
      if (!late) await flow.pace.spread(sender.id, channel.rateOf(part))
      if (late || flow.trials.refusedSince(sender.id, admittedAt)) {
        const unsent = { channelMessageId: null, happenedAt: null, code: null, detail: null }
        return wait(0, { partResults: [{ ...contact, ...key, ...unsent, state: 'waiting' }] })
      }

      const outcome = await send(channel, app, sender, message, part, index, mode)
      if (outcome.usage) flow.pace.learn(sender.id, outcome.usage)
      const trials = trialsAfter(flow, sender.id, outcome, admittedAt)
      if (outcome.ok) {
        const sent = { channelMessageId: outcome.channelMessageId, happenedAt: null, code: null, detail: null }
        await keep({
          partResults: [{ ...contact, ...key, ...sent, state: 'sent' }],
          ...(isLast && { statuses: [{ ...idOf(message), to: 'sent' as const }], finished: job }),
        })
        continue
      }
      const { code, reason, detail } = outcome
      const refused = { channelMessageId: null, happenedAt: null, code, detail }
      const retry = retryOf(outcome, known?.attempt ?? 0, Math.max(job.attempt, trials))
      const result = (state: 'unknown' | 'waiting' | 'failed') => [{ ...contact, ...key, ...refused, state }]
      flow.log.warn({ messageId: message.id, part: index, code, detail, retry }, 'a send was refused or not answered')
      if (retry === 'unknown') return wait(SETTLE_LOOK_MS, { partResults: result('unknown') })
      const alert = alertOf(message, code, reason)
      const trouble = troubleOf(outcome, sender, retry === 'never' ? 60_000 : retry.afterMs, alert)
      if (retry !== 'never' && retry.afterMs < leftMs) {
        return wait(retry.afterMs, { ...trouble, partResults: result('waiting') })
      }
      const unreachable = outcome.effect === 'contact_unreachable' ? [contact] : []
      const status = { ...idOf(message), to: 'failed' as const, detail }
      return fail(code, reason, { ...trouble, unreachable, partResults: result('failed'), statuses: [status] })
    }
    return 'done'
  }
}

/** What is remembered may be a second old: who has just come back must not wait for the next look. */
async function accountNow(flow: Flow, sid: string): Promise<Account | undefined> {
  const known = await flow.directory.account(sid)
  return known?.isActive ? known : await findAccount(flow.sql, flow.vault, sid)
}

async function senderNow(flow: Flow, accountSid: string, id: Id): Promise<Sender | undefined> {
  const known = await flow.directory.sender(accountSid, id)
  return known?.status === 'ONLINE' ? known : await findSender(flow.sql, flow.vault, accountSid, id)
}

const idOf = (message: LoadedMessage) => ({ accountSid: message.accountSid, messageId: message.id })

function send(
  channel: Channel,
  app: ProviderApp,
  sender: Sender,
  message: LoadedMessage,
  part: Part,
  index: number,
  mode: SendMode,
): Promise<SendOutcome> {
  return channel.send(
    {
      senderAddress: sender.address,
      contactAddress: message.contactAddress,
      accessToken: sender.accessToken,
      part,
      mode,
      metadata: partMark(message.id, index),
    },
    app,
  )
}

const DAY_MS = 24 * 3_600_000

/** The window counts from the person's newest action (contract.md, "The 24-hour window"). */
export function modeOf(sender: Pick<Sender, 'outsideWindow'>, actedMsAgo: number | null): SendMode | 'closed' {
  if (actedMsAgo === null) return 'closed'
  if (actedMsAgo < DAY_MS) return 'response'
  if (sender.outsideWindow === 'account_update') return 'account_update'
  if (sender.outsideWindow === 'human_agent' && actedMsAgo < 7 * DAY_MS) return 'human_agent'
  return 'closed'
}

function closedReason({ outsideWindow }: Sender, actedMsAgo: number | null): string {
  if (actedMsAgo === null) return 'This person has never written to the Page: only a person can begin a conversation'
  if (outsideWindow === 'human_agent') return 'The person last wrote more than 7 days ago'
  return 'The person last wrote more than 24 hours ago, and outside_window of the sender is "refuse"'
}

/** How many refusals of the whole sender have come in a row before this answer. */
function trialsAfter(flow: Flow, senderId: Id, outcome: SendOutcome, admittedAt: number): number {
  if (!outcome.ok && isPausing(outcome)) return flow.trials.refused(senderId, admittedAt, outcome.code)
  // A refusal of this one message is an answer, too.
  if (outcome.ok || outcome.retry === 'never') flow.trials.accepted(senderId, admittedAt)
  return 0
}

const isPausing = ({ effect }: Refused): boolean => effect === 'sender_paused' || effect === 'sender_slow'

function retryOf(
  outcome: Refused,
  partAttempts: number,
  jobAttempts: number,
): 'never' | 'unknown' | { afterMs: number } {
  if (typeof outcome.retry === 'string') return outcome.retry
  if (outcome.retry.limit !== undefined && partAttempts >= outcome.retry.limit) return 'never'
  const afterMs = backOff(outcome.retry.afterMs, jobAttempts)
  if (outcome.effect !== 'sender_slow') return { afterMs }
  // The provider knows when there is room again; calls until then are refused, and count.
  return { afterMs: Math.max(afterMs, Math.min(outcome.usage?.regainMs ?? 0, LONGEST_REGAIN_MS)) }
}

function troubleOf(outcome: Refused, sender: Sender, pauseMs: number, alert: NewAlert): Pick<Unit, 'troubles'> {
  const who = { accountSid: sender.accountSid, id: sender.id }
  if (outcome.effect === 'sender_offline') {
    return {
      troubles: [
        { ...who, kind: 'offline', code: outcome.code, reason: outcome.reason, seenAt: sender.updatedAt, alert },
      ],
    }
  }
  if (isPausing(outcome)) {
    return { troubles: [{ ...who, kind: 'paused', forMs: pauseMs, alert }] }
  }
  return {}
}

async function giveUpUnsettled(
  message: LoadedMessage,
  key: { accountSid: string; messageId: Id; part: number },
  contact: ContactKey,
  job: Job,
  keep: (unit: Unit) => Promise<unknown>,
): Promise<JobResult> {
  const code = 63012
  const reason =
    'The answer to this send was lost, and no echo told within 5 minutes whether it arrived; it is not repeated'
  const failed = { channelMessageId: null, happenedAt: null, code, detail: null }
  await keep({
    partResults: [{ ...contact, ...key, ...failed, state: 'failed' }],
    statuses: [{ ...idOf(message), to: 'undelivered', errorCode: code, errorText: reason }],
    alerts: [alertOf(message, code, reason)],
    finished: job,
  })
  return 'done'
}
