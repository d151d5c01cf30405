/** What a run will do, all of it decided by the seed before it begins. */
import { randomOf } from './random.ts'

export type Options = {
  seconds: number
  seed: number
  nodes: number
  /** Conversations; each person writes about every 6 s and is written to as often. */
  people: number
  /** These kinds of disruption and no others. */
  only?: readonly Kind[]
}

export type Conversation = { name: string; page: string; psid: string }

/**
 * `kill`: kill -9, started again after `forMs`. `terminate`: SIGTERM, started again when it has ended. `stop`: SIGSTOP,
 * SIGCONT after `forMs`: a node that was taken for dead and lives. `cut`: connections between node and database are
 * broken and refused. `freeze`: nothing passes on them, and then everything does, or they break.
 */
export type NodeDisruption = 'kill' | 'terminate' | 'stop' | 'cut' | 'freeze' | 'freeze and break'
/** `postmaster`: kill -9. `immediate`: an immediate shutdown. The supervisor starts it again. */
export type StoreDisruption = 'postmaster' | 'immediate'

/** Nobody listens at Meta: `refuse`, connections are refused; `black hole`, nothing is heard. Then it is as it was. */
export type MetaDisruption = 'refuse' | 'black hole'
export type Kind = NodeDisruption | StoreDisruption | MetaDisruption

export type Disruption = { atMs: number; forMs: number } & (
  | { kind: NodeDisruption; node: number }
  | { kind: StoreDisruption | MetaDisruption }
)

/** `clocksWrongByMs`: by node. */
export type Plan = Options & { conversations: Conversation[]; disruptions: Disruption[]; clocksWrongByMs: number[] }

/** How often what is broken. */
const KINDS: Record<Kind, number> = {
  kill: 0.22,
  terminate: 0.13,
  stop: 0.14,
  cut: 0.09,
  freeze: 0.08,
  'freeze and break': 0.07,
  postmaster: 0.09,
  immediate: 0.08,
  refuse: 0.06,
  'black hole': 0.04,
}
export const isKind = (text: string): text is Kind => Object.hasOwn(KINDS, text)

/** Of the first nodes, all through the run. The others' are right. */
const CLOCKS_WRONG_BY_MS = [7 * 60_000, -5 * 60_000]

const PAGES = 5
/** A connect is given up after 10 s: some black holes are longer than that. */
const LENGTHS_MS: Partial<Record<Kind, [least: number, most: number]>> = {
  stop: [2000, 8000],
  refuse: [1000, 8000],
  'black hole': [2000, 15_000],
}
/** The first ones come when everybody has something under way. */
const QUIET_MS = 3000

export function makePlan(options: Options): Plan {
  const conversations = Array.from({ length: options.people }, (_, index) => ({
    name: `c${index}`,
    page: String(100_000_000_000_000 + (index % PAGES)),
    psid: String(2_000_000_000_000_000 + index),
  }))
  const clocksWrongByMs = Array.from({ length: options.nodes }, (_, index) => CLOCKS_WRONG_BY_MS[index] ?? 0)
  return { ...options, conversations, disruptions: disruptionsOf(options), clocksWrongByMs }
}

function disruptionsOf({ seconds, seed, nodes, only = Object.keys(KINDS).filter(isKind) }: Options): Disruption[] {
  const random = randomOf(seed, 'disruptions')
  const sum = only.reduce((total, kind) => total + KINDS[kind], 0)
  const odds = Object.fromEntries(only.map((kind) => [kind, KINDS[kind] / sum])) as Record<Kind, number>
  const list: Disruption[] = []
  for (let atMs = QUIET_MS; atMs < seconds * 1000; atMs += random.int(1500, 6000)) {
    const kind = random.choose(odds)
    if (kind === undefined) continue
    const [least, most] = LENGTHS_MS[kind] ?? [300, 5000]
    const forMs = random.int(least, most)
    if (kind === 'postmaster' || kind === 'immediate') list.push({ atMs, forMs: 0, kind })
    else if (kind === 'refuse' || kind === 'black hole') list.push({ atMs, forMs, kind })
    else list.push({ atMs, forMs, kind, node: random.int(0, nodes - 1) })
  }
  return list
}

export const describe = (disruption: Disruption): string => {
  const { kind, forMs } = disruption
  switch (kind) {
    case 'postmaster':
      return 'kill -9 of PostgreSQL'
    case 'immediate':
      return 'immediate shutdown of PostgreSQL'
    case 'refuse':
      return `Meta refuses connections for ${forMs} ms`
    case 'black hole':
      return `Meta is a black hole for ${forMs} ms`
    case 'terminate':
      return `${kind} node ${disruption.node + 1}`
    default:
      return `${kind} node ${disruption.node + 1} for ${forMs} ms`
  }
}
