/** Removes what is no longer needed: media that are too old, files that no media uses. Comes again until all is done. */
import { setTimeout as wait } from 'node:timers/promises'
import { sharedClock } from '#core/clock.ts'
import { firstIdAt } from '#core/ids.ts'
import { deleteOldMedia } from '#store/media.ts'
import { findUnwanted, forgetUnwanted, markUnwanted } from '#store/media-files.ts'
import { keyOf, type MediaRoom, sweepIncoming } from './media.ts'

const AT_ONCE = 200
const DAY_MS = 24 * 3_600_000

const EVERY_MS = 60_000
/** A store that does not answer holds up no stop: the next sweep goes on where this one was. */
const STOP_WITHIN_MS = 1000

/** Answers how to stop. */
export function startSweeping(room: MediaRoom, onError: (error: unknown) => void): () => Promise<void> {
  const stopping = new AbortController()
  let sweeping: Promise<void> | undefined
  const timer = setInterval(() => {
    sweeping ??= sweepMedia(room, stopping.signal)
      .catch((error) => {
        if (!stopping.signal.aborted) onError(error)
      })
      .finally(() => {
        sweeping = undefined
      })
  }, EVERY_MS)
  return async () => {
    clearInterval(timer)
    stopping.abort()
    await Promise.race([sweeping, wait(STOP_WITHIN_MS, undefined, { ref: false })])
  }
}

/** Whatever it is interrupted in, the next one takes it up. Several nodes may do it at the same time. */
export async function sweepMedia(room: MediaRoom, signal: AbortSignal): Promise<void> {
  const { sql, store, settings } = room
  const all = async (some: () => Promise<number>) => {
    while (!signal.aborted && (await some()) === AT_ONCE);
  }
  const { keptForDays } = settings
  if (keptForDays !== 'forever') {
    // By the real clock, as messages go (store/retention.ts): one that the built-in Messenger has moved deletes nothing.
    const before = firstIdAt(new Date(sharedClock.now().getTime() - keptForDays * DAY_MS))
    await all(() => deleteOldMedia(sql, before, AT_ONCE))
  }
  await all(() => markUnwanted(sql, AT_ONCE))
  await all(async () => {
    const files = await findUnwanted(sql, AT_ONCE)
    for (const { accountSid, id } of files) {
      signal.throwIfAborted()
      await store.delete(keyOf(accountSid, id))
    }
    if (files.length > 0) await forgetUnwanted(sql, files)
    return files.length
  })
  await sweepIncoming(settings.incoming, sharedClock)
}
