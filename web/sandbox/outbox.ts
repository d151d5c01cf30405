/**
 * What the person has said and the server has not yet confirmed. Comes in: things to send. Goes out: requests, one at a
 * time and in order for each chat, and the stored message of each. A failed one stays, with its reason, until it is
 * tried again or discarded; it never holds up the ones behind it. Each carries its own id to the server, so that one
 * whose answer was lost is not there twice after another try.
 */

import type { PostbackRequest, SayRequest, ThreadMessage } from '../../src/sandbox/contract.ts'
import { newUuid } from '../ui/new-id.ts'

export type Outgoing =
  | { kind: 'say'; request: SayRequest }
  | { kind: 'file'; file: File }
  | { kind: 'postback'; request: PostbackRequest }

export type Lane = { pageId: string; personId: string }

export type Unsent = {
  id: string
  lane: Lane
  what: Outgoing
  createdAt: Date
  /** Why it was not sent; null while it is on its way. */
  problem: string | null
  /** Whether the server could not be asked at all: then it goes by itself when the connection is back. */
  unreached: boolean
  /** Left over from before a reload: it may be among the stored messages, so it is not shown while it is on its way. */
  leftOver: boolean
  /** Where the file lies once it is uploaded, so that a retry does not upload it again. */
  uploadedUrl: string | null
}

type Sending = {
  say: (pageId: string, personId: string, request: SayRequest) => Promise<ThreadMessage>
  tap: (pageId: string, personId: string, request: PostbackRequest) => Promise<ThreadMessage>
  upload: (file: File) => Promise<{ url: string }>
  stored: (lane: Lane, message: ThreadMessage) => void
  isUnreached: (error: unknown) => boolean
  /** What the page had not got rid of when it was left; it is sent first. */
  kept: readonly Unsent[]
}

export type Outbox = ReturnType<typeof createOutbox>

const laneKey = ({ pageId, personId }: Lane) => JSON.stringify([pageId, personId])

const wordsOf = (what: Outgoing): string | null => {
  if (what.kind === 'say') return what.request.text ?? null
  return what.kind === 'postback' ? what.request.title : null
}

/** What a file is sent as. */
export const attachmentTypeOf = (mediaType: string): 'image' | 'audio' | 'video' | 'file' => {
  const family = mediaType.split('/')[0]
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'file'
}

const looksLike = ({ what }: Unsent, message: ThreadMessage): boolean =>
  what.kind === 'file' ? message.attachments.length > 0 : message.text === wordsOf(what)

export const createOutbox = ({ say, tap, upload, stored, isUnreached, kept }: Sending) => {
  let items = kept
  const listeners = new Set<() => void>()
  const queues = new Map<string, Promise<void>>()

  const set = (next: readonly Unsent[]) => {
    items = next
    for (const listener of listeners) listener()
  }
  const change = (id: string, by: Partial<Unsent>) =>
    set(items.map((item) => (item.id === id ? { ...item, ...by } : item)))
  const remove = (id: string) => {
    if (items.some((item) => item.id === id)) set(items.filter((item) => item.id !== id))
  }

  const request = async (id: string, { pageId, personId }: Lane, what: Outgoing): Promise<ThreadMessage> => {
    if (what.kind === 'say') return say(pageId, personId, { ...what.request, id })
    if (what.kind === 'postback') return tap(pageId, personId, { ...what.request, id })
    const url = items.find((item) => item.id === id)?.uploadedUrl ?? (await upload(what.file)).url
    change(id, { uploadedUrl: url })
    return say(pageId, personId, { id, attachments: [{ type: attachmentTypeOf(what.file.type), url }] })
  }

  const attempt = async ({ id, lane, what }: Unsent): Promise<void> => {
    if (!items.some((item) => item.id === id)) return
    try {
      const message = await request(id, lane, what)
      // Both in one turn, so that the bubble is replaced without a gap.
      stored(lane, message)
      remove(id)
    } catch (error) {
      change(id, { problem: error instanceof Error ? error.message : String(error), unreached: isUnreached(error) })
    }
  }

  const enqueue = (item: Unsent) => {
    const key = laneKey(item.lane)
    const queue = (queues.get(key) ?? Promise.resolve()).then(() => attempt(item))
    queues.set(key, queue)
    return queue
  }

  const retry = (id: string): Promise<void> => {
    const item = items.find((one) => one.id === id)
    if (item === undefined || item.problem === null) return Promise.resolve()
    change(id, { problem: null, unreached: false })
    return enqueue(item)
  }

  for (const item of kept) if (item.problem === null) void enqueue(item)

  return {
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    items: () => items,
    send: (lane: Lane, what: Outgoing): Promise<void> => {
      const item: Unsent = {
        id: newUuid(),
        lane,
        what,
        createdAt: new Date(),
        problem: null,
        unreached: false,
        leftOver: false,
        uploadedUrl: null,
      }
      set([...items, item])
      return enqueue(item)
    },
    retry,
    /** The connection is there again: what did not get out goes now, in the order in which it was said. */
    retryUnreached: (): void => {
      for (const item of items) if (item.unreached) void retry(item.id)
    },
    discard: remove,
    /** The stream has shown a new message of the person: the one on its way that it stems from needs no bubble any more. */
    settle: (lane: Lane, message: ThreadMessage): void => {
      const key = laneKey(lane)
      const match = items.find(
        (item) => item.problem === null && laneKey(item.lane) === key && looksLike(item, message),
      )
      if (match !== undefined) remove(match.id)
    },
  }
}
