/**
 * Work in hand that waits for its turn. Groups take turns, so that one with a thousand lanes waits no longer nor shorter
 * for its next one than one with a single lane; what is urgent goes first within its group. A server that hangs holds up
 * its own group only: no group has more than `perGroup` at work at once, and less of that, down to one, as less than half
 * of all places is free, so that when many hang there is still one for the next (Choudhury and Hahne, "Dynamic queue
 * length thresholds", 1998).
 */
export type FairLimits = {
  perGroup: number
  /** All groups' together: at work; in hand, which is at work or waiting for it. */
  working: number
  held: number
}

export type FairQueue<Item> = {
  /** How many are at work, and how many in hand. */
  readonly working: number
  readonly held: number
  push: (group: string, urgent: boolean, item: Item) => void
  /** The next item whose group may work; it counts as at work until `done`. */
  next: () => Item | undefined
  done: (group: string) => void
  /** How many more of a group may be taken in hand. */
  room: (group: string) => number
  /** Is there room for as many more of a group as are in hand? */
  isHalfFree: (group: string) => boolean
  /** Groups with work in hand, and how many more of each may be taken. */
  busy: () => { group: string; room: number }[]
  clear: () => void
}

type Group<Item> = { urgent: Item[]; usual: Item[]; working: number }

export function createFairQueue<Item>(limits: FairLimits): FairQueue<Item> {
  const groups = new Map<string, Group<Item>>()
  /** Groups with waiting items, in the order of their turns. */
  let turns: string[] = []
  const listed = new Set<string>()
  let working = 0
  let held = 0
  const waiting = ({ urgent, usual }: Group<Item>) => urgent.length + usual.length
  /** Of what is free, a group may have this much. */
  const ofWorking = (2 * limits.perGroup) / limits.working
  const ofHeld = (2 * limits.perGroup) / limits.held
  const isFull = (group: Group<Item>) =>
    group.working > 0 && group.working >= Math.min(limits.perGroup, ofWorking * (limits.working - working))
  const list = (name: string, group: Group<Item>) => {
    if (listed.has(name) || waiting(group) === 0 || group.working >= limits.perGroup) return
    listed.add(name)
    turns.push(name)
  }
  /** As many as keep its own within that share of what is free after them. */
  const roomBeside = (own: number) => {
    const shared = Math.floor((ofHeld * (limits.held - held) - own) / (1 + ofHeld))
    return Math.max(0, Math.min(limits.perGroup - own, Math.max(shared, own === 0 ? 1 : 0)))
  }
  const inHand = (group: Group<Item> | undefined) => (group ? group.working + waiting(group) : 0)

  return {
    get working() {
      return working
    },
    get held() {
      return held
    },
    push(name, urgent, item) {
      const group = groups.get(name) ?? { urgent: [], usual: [], working: 0 }
      groups.set(name, group)
      ;(urgent ? group.urgent : group.usual).push(item)
      held += 1
      list(name, group)
    },
    next() {
      if (working >= limits.working) return undefined
      const turn = turns.findIndex((name) => !isFull(groups.get(name) as Group<Item>))
      const [name] = turn < 0 ? [] : turns.splice(turn, 1)
      if (name === undefined) return undefined
      listed.delete(name)
      const group = groups.get(name) as Group<Item>
      const item = group.urgent.shift() ?? group.usual.shift()
      group.working += 1
      working += 1
      list(name, group)
      return item
    },
    done(name) {
      const group = groups.get(name)
      if (!group) return
      group.working -= 1
      working -= 1
      held -= 1
      if (group.working === 0 && waiting(group) === 0) groups.delete(name)
      else list(name, group)
    },
    room: (name) => roomBeside(inHand(groups.get(name))),
    isHalfFree: (name) => {
      const own = inHand(groups.get(name))
      return roomBeside(own) >= own
    },
    busy: () => [...groups].map(([group, each]) => ({ group, room: roomBeside(inHand(each)) })),
    clear() {
      turns = []
      listed.clear()
      for (const [name, group] of groups) {
        held -= waiting(group)
        group.urgent = []
        group.usual = []
        if (group.working === 0) groups.delete(name)
      }
    },
  }
}
