/** Which partitions a set of ids lies in, said so that PostgreSQL can leave the others closed (decision 13). */
import { type Id, madeAt } from '#core/ids.ts'
import type { Tx } from './connection.ts'

/** A range of ids may be read as a whole: so wide it may be, at most. */
const NEAR_MS = 250

/**
 * `and column between the first and the last of the ids`, for a statement that finds each of them by its key besides;
 * nothing when they were not made at about the same time. A plan may take the range for the way to the rows (it was made
 * for an empty table), which costs as much as the range holds: with the ids of a backlog, each set would read all of it.
 */
export function near(tx: Tx, column: 'm.id' | 'p.message_id', ids: readonly Id[]) {
  let [first, last] = [ids[0] as Id, ids[0] as Id]
  for (const id of ids) {
    if (id < first) first = id
    if (id > last) last = id
  }
  if (madeAt(last).getTime() - madeAt(first).getTime() > NEAR_MS) return tx``
  return tx`and ${tx.unsafe(column)} between ${first} and ${last}`
}
