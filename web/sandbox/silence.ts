/** Whether the app behind a Page may say nothing for a while because it has said too much. Pure. */
import type { ThreadMessage } from '../../src/sandbox/contract.ts'

/** Pagewire's guard against two machines that answer each other (docs/callbacks.md, "Limits"). */
export const REPLIES_AT_MOST = 15
export const WITHIN_SECONDS = 30

/** True when the Page has just said so much, and the person has the last word or has said even more: a burst. */
export const isTooMuchSaid = (messages: ThreadMessage[]): boolean => {
  const newest = messages.at(-1)
  if (newest === undefined) return false
  const since = new Date(newest.sentAt).getTime() - WITHIN_SECONDS * 1000
  const lately = messages.filter(({ sentAt }) => new Date(sentAt).getTime() > since)
  const replies = lately.filter(({ from }) => from === 'page').length
  return replies >= REPLIES_AT_MOST && (newest.from === 'person' || lately.length - replies > replies)
}
