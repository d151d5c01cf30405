/**
 * Work in hand that waits for its turn. Groups take turns, so that one with a thousand lanes waits no longer nor shorter
 * for its next one than one with a single lane; what is urgent goes first within its group. No group has more than
 * `perGroup` at work at once: a server that hangs holds up its own group only.
 */
export type FairQueue<Item> = {
  push: (group: string, urgent: boolean, item: Item) => void
  /** The next item whose group may work; it counts as at work until `done`. */
  next: () => Item | undefined
  done: (group: string) => void
  /** How many more of a group may be taken in hand. */
  room: (group: string) => number
  /** Groups with work in hand, and how many more of each may be taken. */
  busy: () => { group: string; room: number }[]
  clear: () => void
}

type Group<Item> = { urgent: Item[]; usual: Item[]; working: number }

export function createFairQueue<Item>(perGroup: number): FairQueue<Item> {
  const groups = new Map<string, Group<Item>>()
  /** Groups with waiting items that may work, in the order of their turns. */
  let turns: string[] = []
  const listed = new Set<string>()
  const waiting = ({ urgent, usual }: Group<Item>) => urgent.length + usual.length
  const list = (name: string, group: Group<Item>) => {
    if (listed.has(name) || waiting(group) === 0 || group.working >= perGroup) return
    listed.add(name)
    turns.push(name)
  }
  const roomOf = (group: Group<Item>) => Math.max(0, perGroup - group.working - waiting(group))

  return {
    push(name, urgent, item) {
      const group = groups.get(name) ?? { urgent: [], usual: [], working: 0 }
      groups.set(name, group)
      ;(urgent ? group.urgent : group.usual).push(item)
      list(name, group)
    },
    next() {
      const name = turns.shift()
      if (name === undefined) return undefined
      listed.delete(name)
      const group = groups.get(name) as Group<Item>
      const item = group.urgent.shift() ?? group.usual.shift()
      group.working += 1
      list(name, group)
      return item
    },
    done(name) {
      const group = groups.get(name)
      if (!group) return
      group.working -= 1
      if (group.working === 0 && waiting(group) === 0) groups.delete(name)
      else list(name, group)
    },
    room: (name) => {
      const group = groups.get(name)
      return group ? roomOf(group) : perGroup
    },
    busy: () => [...groups].map(([group, each]) => ({ group, room: roomOf(each) })),
    clear() {
      turns = []
      listed.clear()
      for (const [name, group] of groups) {
        group.urgent = []
        group.usual = []
        if (group.working === 0) groups.delete(name)
      }
    },
  }
}
