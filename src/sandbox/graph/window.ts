/** When a Page may write to a person (meta.md 2.8, 7). Pure. */
const DAY_MS = 24 * 60 * 60 * 1000

/** Within 24 hours of the person's last action, as a human agent within 7 days; never to somebody who has not acted. */
export function isWindowOpen(lastActionAt: Date | null, now: Date, humanAgent: boolean): boolean {
  if (lastActionAt === null) return false
  return now.getTime() - lastActionAt.getTime() <= (humanAgent ? 7 * DAY_MS : DAY_MS)
}
