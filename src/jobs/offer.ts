/** This node's offer to a transaction: what it begins, or adds to lanes in hand, is worked on here without being looked for. */
import type { Holder, Node } from './node.ts'
import { type Begun, type ClaimedLane, type JobKind, takesNothing } from './queue.ts'
import type { Wake } from './wake.ts'

/** After the commit `keep` it, after a failure `drop` it; one of them always. */
export type Offer = Begun & {
  /** Takes what was added, and wakes those who do the rest. */
  keep: () => void
  /** `committed`: it may have been, nobody knows. */
  drop: (committed: boolean) => void
}

/** What does the work of one kind on this node. */
export type Taker = {
  hasRoom: (group: string) => boolean
  take: (claimed: ClaimedLane, holder: Holder) => void
  /** The group has more than there was room for. */
  expect: (group: string) => void
}

/** Of a node that does not dispatch. Without `wake` nobody hears of the work: who dispatches finds it by polling. */
export function noOffer(wake?: Wake): Offer {
  const begun = takesNothing()
  return { ...begun, keep: () => wakeAll(begun, wake), drop: () => {} }
}

export function makeOffer(holder: Holder, node: Node, wake: Wake, takers: ReadonlyMap<JobKind, Taker>): Offer {
  holder.claims += 1
  const declined = new Map<Taker, Set<string>>()
  /** Lanes may have begun in our name, also when the answer that names them was lost. */
  let mayHold = false
  const begun: Begun = {
    ...takesNothing(),
    id: holder.id,
    wants(kind, group) {
      const taker = takers.get(kind)
      if (!taker) return false
      if (taker.hasRoom(group)) {
        mayHold = true
        return true
      }
      declined.set(taker, (declined.get(taker) ?? new Set()).add(group))
      return false
    },
  }
  return {
    ...begun,
    keep() {
      holder.claims -= 1
      for (const claimed of begun.taken) {
        const [first] = claimed.jobs
        if (first) takers.get(first.kind)?.take(claimed, holder)
      }
      for (const [taker, groups] of declined) for (const group of groups) taker.expect(group)
      wakeAll(begun, wake)
    },
    drop(committed) {
      holder.claims -= 1
      if (committed && mayHold) node.doubt(holder)
    },
  }
}

function wakeAll({ due, left }: Begun, wake: Wake | undefined): void {
  wake?.say(due)
  wake?.tellOthers(left)
}
