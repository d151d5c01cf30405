/** What came in and made no message. */
import type { Page } from '../contract.ts'

/** GET …/events?sender=&person=&after=: newest first. */
export type EventPage = Page<EventRow> & {
  /** Only the newest were looked at, and the page is not full; `next` goes on. */
  isCut: boolean
}

export type EventRow = {
  id: string
  /** As the channel calls it, such as `reaction`. */
  kind: string
  /** Why it was not acted on. */
  note: string
  happenedAt: string
  receivedAt: string
  /** The Page's address. */
  page: string
  senderSid: string | null
  person: string | null
  /** No account held the Page when it came. */
  isStray: boolean
  raw: unknown
  /** Why it cannot be replayed; null: it can. */
  obstacle: string | null
  replayed: { by: string; at: string; madeSid: string | null } | null
}

/** POST …/events/:id/replay: what would have come of it then. Once, however often it is asked for. */
export type EventReplayed = { madeSid: string }
