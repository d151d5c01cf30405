/** Several events in one webhook (meta.md 1.5): of one Page in one entry or in several, those of other Pages apart. Pure. */
import type { Item } from './events.ts'
import { webhookJson } from './json.ts'

type Body = { object: string; entry: { id: string; time: number; messaging: Item[] }[] }

/** In the order given. `random` decides which neighbours share an entry. */
export function joinBodies(bodies: readonly string[], random: () => number): string {
  const entries: Body['entry'] = []
  for (const entry of bodies.flatMap((body) => (JSON.parse(body) as Body).entry)) {
    const last = entries.at(-1)
    const shares = last?.id === entry.id && random() < 0.5
    if (shares) last.messaging.push(...entry.messaging)
    else entries.push(entry)
  }
  return webhookJson({ object: 'page', entry: entries } satisfies Body)
}
