/**
 * The lanes that a node has in hand, each until its last known job is done. What the node's own transactions add to such a
 * lane follows in memory, so that nobody needs to look for it; whatever else is added is for the lane's next holder.
 */
import type { Holder } from './node.ts'
import { type ClaimedLane, JOBS_PER_LANE, type Job } from './queue.ts'

/** `followers`: how many of its jobs came while it was in hand. */
export type Hand = { claimed: ClaimedLane; holder: Holder; followers: number }

export type Hands = {
  hold: (claimed: ClaimedLane, holder: Holder) => Hand
  /** Adds to the jobs of a hand that is at work; else leaves them. */
  follow: (added: ClaimedLane, holder: Holder) => void
  /** No more can follow. */
  end: (hand: Hand) => void
}

/** `maxFollowers`: of all lanes together, as they are in memory. */
export function createHands(maxFollowers: number): Hands {
  const hands = new Map<string, Hand>()
  let followers = 0
  return {
    hold(claimed, holder) {
      const hand = { claimed, holder, followers: 0 }
      holder.lanes.add(claimed.lane)
      hands.set(claimed.lane, hand)
      return hand
    },
    follow(added, holder) {
      const hand = hands.get(added.lane)
      if (hand?.holder !== holder) return
      const jobs = followersOf(hand.claimed, added)
      if (!jobs || followers + jobs.length > maxFollowers) {
        hand.claimed.more = true
        return
      }
      hand.claimed.version = added.version
      hand.claimed.jobs.push(...jobs)
      hand.followers += jobs.length
      followers += jobs.length
    },
    end(hand) {
      // The same lane may be in hand a second time, under a new name of this node.
      if (hands.get(hand.claimed.lane) === hand) hands.delete(hand.claimed.lane)
      followers -= hand.followers
    },
  }
}

/**
 * Those that come behind what is known of a lane already. Undefined when others may have come between, as each addition
 * raises the lane's version by one, or when there are too many for one turn.
 */
function followersOf(own: ClaimedLane, added: ClaimedLane): Job[] | undefined {
  if (own.more || added.more || BigInt(added.version) !== BigInt(own.version) + 1n) return undefined
  // What came while the lane was claimed may be known already. Ids grow within a lane.
  const last = BigInt(own.jobs.at(-1)?.id ?? -1)
  const jobs = added.jobs.filter(({ id }) => BigInt(id) > last)
  return own.jobs.length + jobs.length > JOBS_PER_LANE ? undefined : jobs
}
