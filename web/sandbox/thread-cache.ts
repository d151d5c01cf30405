/** How what the stream tells and what the person does changes the threads that are already here. Pure. */
import type { Thread, ThreadDetail, ThreadMessage } from '../../src/sandbox/contract.ts'

/**
 * Puts in a new message, or the newer state of a known one. `onlyIfNew` is for answers that may be older than what the
 * stream has told meanwhile.
 */
export const withMessage = (
  thread: ThreadDetail,
  message: ThreadMessage,
  options: { onlyIfNew?: boolean } = {},
): ThreadDetail => {
  const at = thread.messages.findLastIndex(({ mid }) => mid === message.mid)
  if (at !== -1) {
    if (options.onlyIfNew === true) return thread
    return { ...thread, messages: thread.messages.with(at, message) }
  }
  const before = thread.messages.findLastIndex(({ sentAt }) => Date.parse(sentAt) <= Date.parse(message.sentAt))
  return {
    ...thread,
    messages: thread.messages.toSpliced(before + 1, 0, message),
    typing: message.from === 'page' ? false : thread.typing,
    getStarted: false,
  }
}

export const withTakenBack = (thread: ThreadDetail, mid: string): ThreadDetail => ({
  ...thread,
  messages: thread.messages.map((message) => (message.mid === mid ? { ...message, takenBack: true } : message)),
})

/**
 * What reading does, ahead of the server's own word: up to the message that was the newest when it was told, as a later
 * one may have arrived meanwhile.
 */
export const withReadUpTo = (thread: ThreadDetail, mid: string, readAt: string): ThreadDetail => {
  const newest = thread.messages.findIndex((message) => message.mid === mid)
  const read = (message: ThreadMessage, index: number): ThreadMessage =>
    index <= newest && message.from === 'page' && message.readAt === null
      ? { ...message, deliveredAt: message.deliveredAt ?? readAt, readAt }
      : message
  return { ...thread, unread: 0, messages: thread.messages.map(read) }
}

export const withThreadRead = (threads: Thread[], pageId: string): Thread[] =>
  threads.map((thread) => (thread.page.id === pageId ? { ...thread, unread: 0 } : thread))

/** The list with this message as its thread's last one, when it is; a new one brings its thread to the top. */
export const withLastMessage = (threads: Thread[], pageId: string, message: ThreadMessage): Thread[] => {
  const thread = threads.find(({ page }) => page.id === pageId)
  if (thread === undefined) return threads
  const { lastMessage } = thread
  const changed = { ...thread, lastMessage: message }
  if (lastMessage?.mid === message.mid) return threads.map((one) => (one === thread ? changed : one))
  if (lastMessage !== null && Date.parse(lastMessage.sentAt) > Date.parse(message.sentAt)) return threads
  return [changed, ...threads.filter((one) => one !== thread)]
}

export const newestUnreadMid = (thread: ThreadDetail): string | undefined =>
  thread.messages.findLast(({ from, readAt }) => from === 'page' && readAt === null)?.mid
