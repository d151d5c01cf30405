/**
 * Brings webhooks to the gateway as Meta does at its worst: batched, several times, at once and late, in any order
 * between conversations, each time to any node, and again until somebody answers 200.
 */
import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { randomOf } from './random.ts'
import { APP, insist, type World } from './world.ts'

export type Item = Record<string, unknown>

export type Deliveries = {
  /** Comes back when the items have been accepted for the first time; they are in one webhook and keep their order. */
  deliver: (page: string, items: Item[], about: string) => Promise<void>
  /** Late ones come now. */
  hurry: () => void
  /** How many are still to be brought, repetitions included. */
  pending: () => number
  counts: { items: number; repetitions: number; webhooks: number }
}

type Parcel = { page: string; items: Item[]; accepted: () => void }

const GATHER_MS = 40
const LATE_MS = 8000

export function createDeliveries(world: World): Deliveries {
  const { seed } = world.plan
  const hurried = new AbortController()
  const counts = { items: 0, repetitions: 0, webhooks: 0 }
  let pending = 0
  let open: Parcel[] = []

  const send = (parcel: Omit<Parcel, 'accepted'>) =>
    new Promise<void>((accepted) => {
      pending += 1
      if (open.push({ ...parcel, accepted }) === 1) setTimeout(flush, GATHER_MS)
    }).finally(() => {
      pending -= 1
    })

  function flush(): void {
    const parcels = shuffled(open)
    open = []
    while (parcels.length > 0) {
      const size = Math.random() < 0.5 ? 1 : 1 + Math.floor(Math.random() * 12)
      void post(parcels.splice(0, size))
    }
  }

  async function post(batch: Parcel[]): Promise<void> {
    counts.webhooks += 1
    const time = Date.now() + world.aheadMs
    const entry = batch.map(({ page, items }) => ({ id: page, time, messaging: items }))
    const body = JSON.stringify({ object: 'page', entry })
    const signature = `sha256=${createHmac('sha256', APP.secret).update(body).digest('hex')}`
    const headers = { 'Content-Type': 'application/json', 'X-Hub-Signature-256': signature }
    await insist(world, 'a webhook', { path: '/webhooks/messenger', headers, body }, 200)
    for (const { accepted } of batch) accepted()
  }

  return {
    async deliver(page, items, about) {
      const random = randomOf(seed, 'delivery', about)
      const copies = world.faulty && random.chance(0.35) ? random.int(2, 5) : 1
      const parcel = { page, items }
      counts.items += items.length
      counts.repetitions += (copies - 1) * items.length
      const repeated: (() => void)[] = []
      for (let copy = 1; copy < copies; copy += 1) {
        const atOnce = random.chance(0.4)
        const lateMs = random.int(50, LATE_MS)
        if (atOnce) void send(parcel)
        else
          repeated.push(() => {
            pending += 1
            void wait(lateMs, undefined, { signal: hurried.signal })
              .catch(() => {})
              .then(() => send(parcel))
              .finally(() => {
                pending -= 1
              })
          })
      }
      await send(parcel)
      for (const repeat of repeated) repeat()
    },
    hurry: () => hurried.abort(),
    pending: () => pending,
    counts,
  }
}

function shuffled<T>(list: readonly T[]): T[] {
  const result = [...list]
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[result[last], result[other]] = [result[other] as T, result[last] as T]
  }
  return result
}
