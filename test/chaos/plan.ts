/** What a run will do, all of it decided by the seed before it begins. */
import { randomOf } from './random.ts'

export type Options = {
  seconds: number
  seed: number
  nodes: number
  /** Conversations; each person writes about every 6 s and is written to as often. */
  people: number
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

export type Disruption = { atMs: number; forMs: number } & (
  | { kind: NodeDisruption; node: number }
  | { kind: StoreDisruption }
)

export type Plan = Options & { conversations: Conversation[]; disruptions: Disruption[] }

const PAGES = 5
/** The first ones come when everybody has something under way. */
const QUIET_MS = 3000

export function makePlan(options: Options): Plan {
  const conversations = Array.from({ length: options.people }, (_, index) => ({
    name: `c${index}`,
    page: String(100_000_000_000_000 + (index % PAGES)),
    psid: String(2_000_000_000_000_000 + index),
  }))
  return { ...options, conversations, disruptions: disruptionsOf(options) }
}

function disruptionsOf({ seconds, seed, nodes }: Options): Disruption[] {
  const random = randomOf(seed, 'disruptions')
  const list: Disruption[] = []
  for (let atMs = QUIET_MS; atMs < seconds * 1000; atMs += random.int(1500, 6000)) {
    const kind = random.choose({
      kill: 0.24,
      terminate: 0.14,
      stop: 0.16,
      cut: 0.1,
      freeze: 0.08,
      'freeze and break': 0.08,
      postmaster: 0.1,
      immediate: 0.1,
    })
    if (kind === undefined) continue
    const forMs = kind === 'stop' ? random.int(2000, 8000) : random.int(300, 5000)
    if (kind === 'postmaster' || kind === 'immediate') list.push({ atMs, forMs: 0, kind })
    else list.push({ atMs, forMs, kind, node: random.int(0, nodes - 1) })
  }
  return list
}

export const describe = (disruption: Disruption): string =>
  'node' in disruption
    ? `${disruption.kind} node ${disruption.node + 1}${disruption.kind === 'terminate' ? '' : ` for ${disruption.forMs} ms`}`
    : `${disruption.kind === 'postmaster' ? 'kill -9' : 'immediate shutdown'} of PostgreSQL`
