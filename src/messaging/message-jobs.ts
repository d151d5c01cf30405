/**
 * The jobs of messages that are being written, each with what the transaction knows of its message, so that this node need
 * not read it again.
 */
import type { Json } from '#core/channel.ts'
import type { Id } from '#core/ids.ts'
import type { NewJob } from '#jobs/queue.ts'
import { contactKey, type LockedContact, type Reach } from '#store/contacts.ts'
import type { NewMessage } from '#store/messages.ts'
import { conversationOf, jobOf } from './lanes.ts'
import { asLoaded, type Known, type LoadedMessage } from './load.ts'

export type WrittenWith = {
  createdAt: ReadonlyMap<Id, Date>
  present: ReadonlySet<string>
  /** Of the receivers that were looked for and exist. */
  reach: ReadonlyMap<string, Reach>
  /** The locked ones: all that existed before, of the messages that came in. */
  contacts: ReadonlyMap<string, LockedContact>
  /** What each message that came in came with. */
  events: ReadonlyMap<Id, Json>
}

/** In the order given. */
export function jobsOfMessages(messages: readonly NewMessage[], written: WrittenWith): NewJob[] {
  const at = performance.now()
  return messages.map((message) => {
    const job = jobOf(message, written.present)
    const known = message.media.length > 0 ? undefined : loaded(message, written)
    if (known) job.known = { message: known, at } satisfies Known
    // The answer to what came in earlier may bring cookies for what came in later.
    job.knownLasts = message.direction !== 'inbound'
    return job
  })
}

function loaded(message: NewMessage, { createdAt, reach, contacts, events }: WrittenWith): LoadedMessage | undefined {
  const madeAt = createdAt.get(message.id) as Date
  const key = contactKey(conversationOf(message))
  if (message.direction !== 'inbound') {
    // Any other status moves on in this very transaction.
    const found = message.status === 'queued' ? reach.get(key) : undefined
    return found && asLoaded(message, madeAt, found)
  }
  const event = events.get(message.id)
  if (event === undefined) return undefined
  const { name = null, cookies = null } = contacts.get(key) ?? {}
  return asLoaded(message, madeAt, { contactName: name, cookies, event })
}
