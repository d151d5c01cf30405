/**
 * What this node remembers of the dial: the faults that are set and the offset of the clock. Asked with every send and
 * every event, so it answers from memory; a change is told by `notify`, and found by polling where that is lost.
 */
import type { Clock } from '#core/clock.ts'
import type { Tx, World } from '../world/world.ts'
import { isWebhookFault } from './catalogue.ts'
import { ALL_PAGES, type FaultRow, listFaults } from './faults.ts'

export type Dial = {
  clock: Clock
  /** Those that may befall the Page. */
  sendFaults(pageId: string): readonly FaultRow[]
  webhookFaults(pageId: string): readonly FaultRow[]
  /** Tells all nodes of a change, in the transaction that makes it. */
  announce(tx: Tx): Promise<void>
  /** Looks for changes now. */
  refresh(): Promise<void>
  /** Begins to hear of changes. */
  listen(): void
  close(): Promise<void>
}

const CHANNEL = 'pagewire_sandbox_dial'
const POLL_MS = 1000
const NONE: readonly FaultRow[] = []

/** `changed` runs after a change was seen, whoever made it. */
export function createDial(world: () => World, real: Clock, changed: () => void): Dial {
  let version: string | undefined
  let offsetMs = 0
  let sending: readonly FaultRow[] = NONE
  let telling: readonly FaultRow[] = NONE
  let poll: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let listening: Promise<{ unlisten(): Promise<void> } | undefined> | undefined

  async function look(): Promise<void> {
    const { sql } = world()
    const [row] = await sql<{ version: string; offsetMs: number }[]>`
      select version::text, clock_offset_ms::float8 as "offsetMs" from sandbox.dial`
    if (row === undefined || row.version === version) return
    // The version was read first: what changes in between is seen by the next look.
    const faults = (await listFaults(sql)).filter(({ countLeft }) => countLeft !== 0)
    const isNews = version !== undefined
    version = row.version
    offsetMs = row.offsetMs
    sending = faults.filter(({ name }) => !isWebhookFault(name))
    telling = faults.filter(({ name }) => isWebhookFault(name))
    if (isNews) changed()
  }

  /** A look that is under way may be too early: then another one follows. */
  function refresh(): Promise<void> {
    const next: Promise<void> = (looking ?? Promise.resolve())
      .catch(() => {})
      .then(look)
      .finally(() => {
        if (looking === next) looking = undefined
      })
    looking = next
    return next
  }

  const refreshQuietly = () => {
    refresh().catch((error: unknown) => world().log.warn({ err: error }, 'sandbox: cannot read the dial'))
  }

  const of = (faults: readonly FaultRow[], page: string): readonly FaultRow[] =>
    faults.length === 0 ? NONE : faults.filter(({ pageId }) => pageId === page || pageId === ALL_PAGES)

  return {
    clock: { now: () => new Date(real.now().getTime() + offsetMs) },
    sendFaults: (pageId) => of(sending, pageId),
    webhookFaults: (pageId) => of(telling, pageId),
    refresh,
    async announce(tx) {
      await tx`update sandbox.dial set version = version + 1`
      await tx`select pg_notify(${CHANNEL}, '')`
    },
    listen() {
      poll ??= setInterval(() => looking ?? refreshQuietly(), POLL_MS)
      listening ??= world()
        .sql.listen(CHANNEL, refreshQuietly, refreshQuietly)
        .catch((error: unknown) => {
          world().log.warn({ err: error }, 'sandbox: cannot hear of changes of the dial')
          return undefined
        })
    },
    async close() {
      clearInterval(poll)
      await (await listening)?.unlisten().catch(() => {})
      await looking?.catch(() => {})
    },
  }
}
