/**
 * Turns calls that arrive together into sets. While one set runs, later calls wait and become the next: an idle system
 * answers at once, a busy one works in sets of growing size. No timer is involved.
 */
import { isStoreSilent } from './connection.ts'

export type GatherOptions = {
  maxItems: number
  /** How many sets may run at once. */
  maxRunning: number
}

/**
 * `run` gets items in the order of the calls and answers as many results in the same order; when it throws, every
 * caller of that set gets the error. When the store says nothing those that wait get it too: they have waited as long as
 * the set, and would wait as long again.
 */
export function gather<Item, Result>(
  run: (items: Item[]) => Promise<Result[]>,
  { maxItems, maxRunning }: GatherOptions,
): (item: Item) => Promise<Result> {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let running = 0
  let scheduled = false

  const next = () => {
    scheduled = false
    while (running < maxRunning && waiting.length > 0) {
      const set = waiting.slice(0, maxItems)
      waiting = waiting.slice(maxItems)
      running += 1
      run(set.map((each) => each.item))
        .then(
          (results) => {
            for (const [index, each] of set.entries()) each.resolve(results[index] as Result)
          },
          (error) => {
            const failed = isStoreSilent(error) ? [...set, ...waiting.splice(0)] : set
            for (const each of failed) each.reject(error)
          },
        )
        .finally(() => {
          running -= 1
          next()
        })
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (scheduled) return
      scheduled = true
      // After the events of this turn of the loop, so that requests read from several sockets share a set.
      setImmediate(next)
    })
}
