/**
 * Fetches what a person sent, as the provider's links expire. Comes in: a `fetch-media` job of an inbound message. Goes
 * out: our own copies, and the message's place in its conversation set free, where the customer is told of it. What
 * cannot be fetched is tried again while that makes sense; nobody waits for that beyond the first few tries, nor for long
 * for a slow one (`call-customer`).
 */
import { backOff } from '#jobs/back-off.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import type { Job } from '#jobs/queue.ts'
import { kindOf } from '#media/content-type.ts'
import { download, type NoDownload } from '#media/download.ts'
import { detectType, keepFile } from '#media/keep-file.ts'
import type { NewAlert } from '#store/alerts.ts'
import { findMediaOf, type MediaResult, type MediaRow } from '#store/media.ts'
import { alertOf } from './alert.ts'
import { commitSurely, type Unit } from './commit.ts'
import type { Flow } from './flow.ts'
import { conversationOf, laneOfReplies } from './lanes.ts'
import type { Load, LoadedMessage } from './load.ts'

/** Files of one message that are fetched side by side. */
const AT_ONCE = 4
const RETRY_MS = 2_000
/** About four hours: the provider's links live longer as a rule (meta.md 1.8), and so may a failure of our own store. */
const MAX_RETRIES = 30
/** Some fifteen seconds: a host that is away for longer is not worth the person's waiting. */
const AWAITED_RETRIES = 3

export function createFetchMedia(flow: Flow, load: Load): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const message = await load(job)
    const keep = (unit: Unit) => commitSurely(flow.commit, unit, flow.signal)
    if (!message) {
      await keep({ finished: job })
      return 'done'
    }
    const all = await findMediaOf(flow.sql, message.accountSid, message.id)
    const waiting = all.filter(({ state }) => state === 'waiting')
    let left = 0
    for (let from = 0; from < waiting.length; from += AT_ONCE) {
      const some = waiting.slice(from, from + AT_ONCE)
      const settled = (await Promise.all(some.map((media) => fetchOne(flow, message, media, job.attempt)))).flat()
      left += some.length - settled.length
      await keep({ media: settled.map(({ result }) => result), alerts: settled.flatMap(({ alerts }) => alerts) })
    }
    const complete = { lane: laneOfReplies(conversationOf(message)), messageId: message.id }
    if (left > 0) {
      if (job.attempt === AWAITED_RETRIES) {
        const late = (await findMediaOf(flow.sql, message.accountSid, message.id)).filter(({ isAwaited }) => isAwaited)
        await keep({
          media: late.map(({ accountSid, id }) => ({ accountSid, id, ...NOTHING, state: 'waiting' })),
          complete,
        })
      }
      await keep({ putBack: { job, afterMs: backOff(RETRY_MS, job.attempt) } })
      return 'put back'
    }
    await keep({ finished: job, complete })
    return 'done'
  }
}

const NOTHING = { fileId: null, contentType: null, fileName: null }

type Settled = { result: MediaResult; alerts: NewAlert[] }

/** Empty while it is worth another try. */
async function fetchOne(flow: Flow, message: LoadedMessage, media: MediaRow, attempt: number): Promise<Settled[]> {
  const fetched = await fetchAndKeep(flow, message, media)
  if ('state' in fetched) return [{ result: fetched, alerts: [] }]
  if (fetched.retry && attempt < MAX_RETRIES) return []
  const { accountSid, id } = media
  const alert = alertOf(message, 63019, `What the person sent could not be fetched: ${fetched.reason}`)
  return [{ result: { accountSid, id, state: 'failed', ...NOTHING }, alerts: [alert] }]
}

async function fetchAndKeep(flow: Flow, message: LoadedMessage, media: MediaRow): Promise<MediaResult | NoDownload> {
  const { url = '', contentType: guess = null } = message.media[media.nth] ?? {}
  const { incoming: folder, maxBytes } = flow.media.settings
  const mayReachPrivate = (each: string) => flow.allowPrivateCallbacks || flow.media.isTrusted(each)
  try {
    const file = await download({ url, folder, maxBytes, mayReachPrivate, signal: flow.signal })
    if (!file.ok) return file
    const { accountSid, id } = media
    const found = await detectType(file.path)
    const kept = await keepFile(flow.media, accountSid, {
      ...file,
      found,
      expected: guess === null ? null : kindOf(guess),
    })
    const { fileId, contentType, fileName } = kept
    return { accountSid, id, state: 'stored', fileId, contentType, fileName }
  } catch (error) {
    flow.signal.throwIfAborted()
    flow.log.error({ err: error, messageId: message.id }, 'a file of a person could not be kept')
    return { ok: false, code: 63019, reason: 'it could not be kept', retry: true }
  }
}
