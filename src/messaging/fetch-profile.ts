/** Learns a new contact's name, in the background: nothing waits for it, and nothing fails with it. */
import type { Id } from '#core/ids.ts'
import { backOff } from '#jobs/back-off.ts'
import type { JobResult } from '#jobs/dispatcher.ts'
import { finish, type Job, putBack } from '#jobs/queue.ts'
import { saveName } from '#store/contacts.ts'
import type { Flow } from './flow.ts'

/** Meta refuses profiles for a while after a first contact (meta.md 5.1, 10). */
const MAX_RETRIES = 5
const RETRY_MS = 60_000

export function createFetchProfile(flow: Flow): (job: Job) => Promise<JobResult> {
  return async (job) => {
    const { accountSid } = job.data
    const senderId = job.data.senderId as Id
    const address = job.data.address as string
    const sender = await flow.directory.sender(accountSid, senderId)
    const channel = sender && flow.channels.get(sender.channel)
    const app = sender && (await flow.app(sender.providerAppId))
    const profile = channel && app ? await channel.profile(address, sender.accessToken, app) : undefined
    if (profile === undefined && job.attempt < MAX_RETRIES) {
      await putBack(flow.sql, [{ job, afterMs: backOff(RETRY_MS, job.attempt) }])
      return 'put back'
    }
    await flow.sql.begin(async (tx) => {
      await saveName(tx, { accountSid, senderId, address }, profile?.name ?? null)
      await finish(tx, [job])
    })
    return 'done'
  }
}
