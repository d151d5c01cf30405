/** What the dial does to a message that a Page sends: before it is looked at, and after it is kept. */
import { setTimeout as wait } from 'node:timers/promises'
import { isErrorName, refusalOf } from '../dial/catalogue.ts'
import { drawAlone, type Hit } from '../dial/faults.ts'
import type { World } from '../world/world.ts'
import { Broken } from './broken.ts'
import type { Call } from './call.ts'
import { GraphError } from './error.ts'

/** Without a fault for this Page it costs a look into memory. */
export async function throwDice(world: World, pageId: string): Promise<Hit[]> {
  const faults = world.dial.sendFaults(pageId)
  if (faults.length === 0) return []
  const { hits, isChanged } = await drawAlone(world.sql, pageId, faults)
  if (isChanged) {
    await world.sql.begin((tx) => world.dial.announce(tx))
    await world.dial.refresh()
  }
  return hits[0] ?? []
}

/**
 * Waits, breaks or refuses (throws) before anything is kept. In this order, whatever else there is: slow, usage, reset,
 * HTML, errors by name, limits.
 */
export async function disturbBefore(
  world: World,
  call: Call,
  hits: readonly Hit[],
  message: { pageId: string; isHeavy: boolean },
): Promise<Broken | undefined> {
  const find = (name: Hit['name']) => hits.find((hit) => hit.name === name)
  const slow = find('slow')
  if (slow !== undefined) await wait(slow.amount ?? 0)
  const usage = find('usage')
  if (usage !== undefined) tellUsage(call, message.pageId, usage.amount ?? 0)
  if (find('reset-before')) return new Broken('reset')
  if (find('html-500')) return new Broken('html')
  for (const { name } of hits) if (isErrorName(name)) throw refusalOf(name)
  if (find('limits') && (await isOverLimit(world, message))) throw refusalOf('error-613')
  return undefined
}

/** The message is kept and its echo will come: only the answer is spoilt. */
export function disturbAfter(hits: readonly Hit[]): Broken | undefined {
  const names = hits.map(({ name }) => name)
  if (names.includes('reset-after')) return new Broken('reset')
  if (names.includes('not-json')) return new Broken('not-json')
  if (names.includes('bad-answer')) {
    throw new GraphError(1, 'An invalid JSON response was received; the message was sent.', { subcode: 1357046 })
  }
  return undefined
}

/** Of the app and of the Page (meta.md 4). From 100 % on, the minutes until there is room again. */
function tellUsage(call: Call, pageId: string, percent: number): void {
  const spent = { call_count: percent, total_cputime: percent, total_time: percent }
  const minutes = percent >= 100 ? 5 : 0
  const ofPage = { [pageId]: [{ type: 'messenger', ...spent, estimated_time_to_regain_access: minutes }] }
  call.setHeader('x-app-usage', JSON.stringify(spent))
  call.setHeader('x-business-use-case-usage', JSON.stringify(ofPage))
}

/** Calls of a Page in a second (meta.md 4); refused ones count too. */
const TEXTS_PER_SECOND = 300
const SOUNDS_AND_FILMS_PER_SECOND = 10

async function isOverLimit(world: World, { pageId, isHeavy }: { pageId: string; isHeavy: boolean }): Promise<boolean> {
  const [rate] = await world.sql<{ calls: number }[]>`
    insert into sandbox.send_rates as r (page_id, kind, second, calls)
    values (${pageId}, ${isHeavy ? 'audio or video' : 'text'}, extract(epoch from clock_timestamp())::bigint, 1)
    on conflict (page_id, kind) do update set second = excluded.second,
      calls = case when r.second = excluded.second then r.calls + 1 else 1 end
    returning calls`
  return rate!.calls > (isHeavy ? SOUNDS_AND_FILMS_PER_SECOND : TEXTS_PER_SECOND)
}
