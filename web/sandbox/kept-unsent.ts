import type { Unsent } from './outbox.ts'

const KEY = 'pagewire-sandbox-unsent'

/** Survives a reload of this window, with nothing said twice as each has its id. Files are too big to be kept. */
export const keepUnsent = (items: readonly Unsent[]): void => {
  try {
    const kept = items.filter(({ what }) => what.kind !== 'file')
    if (kept.length === 0) window.sessionStorage.removeItem(KEY)
    else window.sessionStorage.setItem(KEY, JSON.stringify(kept))
  } catch {
    // Without storage, or with too much to store, a reload forgets what was under way.
  }
}

/** What did not reach the server is under way again: a reload itself cuts off what was. */
export const keptUnsent = (): Unsent[] => {
  try {
    const kept = JSON.parse(window.sessionStorage.getItem(KEY) ?? '[]') as (Unsent & { createdAt: string })[]
    return kept.map((item) => ({
      ...item,
      createdAt: new Date(item.createdAt),
      problem: item.unreached ? null : item.problem,
      unreached: false,
      leftOver: true,
    }))
  } catch {
    return []
  }
}
