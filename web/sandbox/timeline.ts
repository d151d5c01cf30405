/** Turns a thread's messages into the rows of the chat: a separator for each day, messages in groups. Pure. */
import type { ThreadMessage } from '../../src/sandbox/contract.ts'

const GROUP_GAP_MS = 5 * 60_000

export type TimelineRow =
  | { kind: 'day'; key: string; at: Date }
  | { kind: 'message'; key: string; message: ThreadMessage; first: boolean; last: boolean }

/** A local calendar day, as text that compares and sorts. */
export const dayKeyOf = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-')

const sameGroup = (one: ThreadMessage | undefined, other: ThreadMessage | undefined): boolean => {
  if (one === undefined || other === undefined || one.from !== other.from) return false
  const [earlier, later] = [new Date(one.sentAt), new Date(other.sentAt)]
  return later.getTime() - earlier.getTime() <= GROUP_GAP_MS && dayKeyOf(earlier) === dayKeyOf(later)
}

export const timelineOf = (messages: ThreadMessage[]): TimelineRow[] => {
  const rows: TimelineRow[] = []
  let day = ''
  messages.forEach((message, index) => {
    const at = new Date(message.sentAt)
    if (dayKeyOf(at) !== day) {
      day = dayKeyOf(at)
      rows.push({ kind: 'day', key: `day ${day}`, at })
    }
    const first = !sameGroup(messages[index - 1], message)
    const last = !sameGroup(message, messages[index + 1])
    rows.push({ kind: 'message', key: message.mid, message, first, last })
  })
  return rows
}
