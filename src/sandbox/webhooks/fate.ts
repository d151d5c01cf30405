/** How an event travels to the apps: once, in the order of its thread, unless the dial makes it otherwise. Pure but for new tracks. */
import { randomInt } from 'node:crypto'
import type { FaultRow, Hit } from '../dial/faults.ts'
import { envelope, type Item, type WebhookEvent } from './events.ts'
import { webhookJson } from './json.ts'

export type Journey = {
  field: WebhookEvent['field']
  body: string
  /** 0: behind the others of its thread; else a queue of its own, which waits for nobody and lets everybody pass. */
  track: number
  delayMs: number
  /** With so many events at most it may share one webhook. */
  batchSize: number | null
  isCopy: boolean
}

/** Long enough that what happens meanwhile travels along. */
const BATCH_GATHER_MS = 150
/** Other copies than the first come within this. */
const COPIES_WITHIN_MS = 2000
const OVERTAKEN_MS = { min: 50, max: 500 }

/** The faults that can befall this event. */
export const concerning = ({ field }: WebhookEvent, faults: readonly FaultRow[]): readonly FaultRow[] =>
  faults.length === 0
    ? faults
    : faults.filter(({ name }) => {
        if (name === 'echo-first' || name === 'no-echo') return field === 'message_echoes'
        return name !== 'no-mids' || field === 'message_deliveries'
      })

export function journeysOf(
  pageId: string,
  { field, item }: WebhookEvent,
  hits: readonly Hit[],
  options: { sentAt: Date; delayMs: number },
): Journey[] {
  const { sentAt } = options
  if (hits.length === 0) {
    const body = webhookJson(envelope(pageId, sentAt.getTime(), [item]))
    return [{ field, body, track: 0, delayMs: options.delayMs, batchSize: null, isCopy: false }]
  }
  const find = (name: Hit['name']) => hits.find((hit) => hit.name === name)
  if (find('no-echo')) return []
  const told = find('no-mids') ? withoutMids(item) : item
  const body = find('seconds')
    ? envelope(pageId, seconds(sentAt.getTime()), [inSeconds(told)])
    : envelope(pageId, sentAt.getTime(), [told])
  const delayMs = find('echo-first') ? 0 : options.delayMs
  const base = { field, body: webhookJson(body), delayMs, batchSize: null, isCopy: false }

  const [late, reorder, batch, duplicate] = [find('late'), find('reorder'), find('batch'), find('duplicate')]
  const original: Journey = { ...base, track: 0 }
  if (late !== undefined || reorder !== undefined) {
    original.track = newTrack()
    original.delayMs += late?.amount ?? 0
    if (reorder) original.delayMs += between(OVERTAKEN_MS.min, OVERTAKEN_MS.max, reorder.random)
  } else if (batch !== undefined) {
    original.batchSize = batch.amount
    original.delayMs += BATCH_GATHER_MS
  }
  const journeys = [original]
  for (let copy = 1; copy <= (duplicate?.amount ?? 0); copy += 1) {
    const laterMs = copy === 1 ? 0 : between(0, COPIES_WITHIN_MS, duplicate!.random)
    journeys.push({ ...base, track: newTrack(), delayMs: delayMs + laterMs, isCopy: true })
  }
  return journeys
}

const newTrack = (): number => randomInt(1, 2 ** 47)

const between = (min: number, max: number, random: () => number): number => Math.floor(min + random() * (max - min))

const seconds = (epochMs: number): number => Math.floor(epochMs / 1000)

function withoutMids(item: Item): Item {
  const { mids: _, ...delivery } = item.delivery as { mids: string[]; watermark: number }
  return { ...item, delivery }
}

function inSeconds(item: Item): Item {
  const told: Item = { ...item, timestamp: seconds(item.timestamp) }
  for (const name of ['delivery', 'read']) {
    const receipt = item[name] as { watermark: number } | undefined
    if (receipt !== undefined) told[name] = { ...receipt, watermark: seconds(receipt.watermark) }
  }
  return told
}
