import type { ThreadMessage } from '../../src/sandbox/contract.ts'
import type { Outgoing } from './outbox.ts'

/** What the parts of a chat can have done. One stable object for each chat, so that rows need not render again. */
export type ChatActions = {
  send: (what: Outgoing) => void
  takeBack: (mid: string) => Promise<void>
  reply: (message: ThreadMessage) => void
  setBlocked: (blocked: boolean) => Promise<void>
  showPage: () => void
  retry: (unsentId: string) => void
  discard: (unsentId: string) => void
}
