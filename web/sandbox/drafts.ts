import type { Lane } from './outbox.ts'

/** What stands in the composer of each chat that one has left meanwhile. */
const drafts = new Map<string, string>()

const keyOf = ({ pageId, personId }: Lane) => JSON.stringify([pageId, personId])

export const draftOf = (lane: Lane): string => drafts.get(keyOf(lane)) ?? ''

export const keepDraft = (lane: Lane, text: string): void => {
  if (text === '') drafts.delete(keyOf(lane))
  else drafts.set(keyOf(lane), text)
}
