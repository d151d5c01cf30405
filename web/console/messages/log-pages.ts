/** The rows of the log as they are put together from what is asked for: older ones below, newer and changed ones in place. */
import type { MessagePage, MessageRow } from '../../../src/console/contract/messages.ts'

/** What follows the two letters grows with time. */
const placeOf = (sid: string): string => sid.slice(2)

/**
 * With what was asked for anew: the rows after `after` (null: from the newest on), as far down as they go. What is known
 * of that stretch and did not come again is gone. Without a row in common with what is known there may be a gap: then
 * only what came remains, and the rest is asked for again when one gets there. `hold`: what is newer than all that is
 * known is left out.
 */
export const withFresh = (known: MessagePage, fresh: MessagePage, after: string | null, hold = false): MessagePage => {
  const newest = known.items[0]
  if (!newest) return hold ? known : fresh
  const last = fresh.items.at(-1)
  const reachesEnd = fresh.next === null
  const isApart = after === null && last !== undefined && placeOf(last.sid) > placeOf(newest.sid) && !reachesEnd
  if (isApart) return hold ? known : fresh
  const isInside = ({ sid }: MessageRow) =>
    (after === null || placeOf(sid) < placeOf(after)) &&
    (reachesEnd || (last !== undefined && placeOf(sid) >= placeOf(last.sid)))
  const above = known.items.filter((row) => !isInside(row) && after !== null && placeOf(row.sid) >= placeOf(after))
  const below = known.items.filter((row) => !isInside(row) && !above.includes(row))
  const came = hold ? fresh.items.filter(({ sid }) => placeOf(sid) <= placeOf(newest.sid)) : fresh.items
  return { ...known, items: [...above, ...came, ...below] }
}

/** How many rows came that are newer than all that is known. */
export const newerThanKnown = (known: MessagePage, fresh: MessagePage): number => {
  const newest = known.items[0]
  return newest ? fresh.items.filter(({ sid }) => placeOf(sid) > placeOf(newest.sid)).length : fresh.items.length
}
