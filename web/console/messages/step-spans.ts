/** Where each step begins and ends on a line from 0 to 100 %. */
import type { Step } from '../../../src/console/contract/messages.ts'

export type Span = { left: number; width: number }

/** So that a moment can be seen. */
const MIN_WIDTH = 0.8

/**
 * Between two instants the line grows with the logarithm of the time: milliseconds of a send and hours until the
 * reading are seen on the same line, and what was longer is longer.
 */
export const spansOf = (steps: readonly Pick<Step, 'at' | 'durationMs'>[]): Span[] => {
  const starts = steps.map(({ at }) => Date.parse(at))
  const ends = steps.map(({ durationMs }, index) => starts[index]! + (durationMs ?? 0))
  const instants = [...new Set([...starts, ...ends])].sort((a, b) => a - b)
  const places = new Map<number, number>()
  let place = 0
  for (const [index, instant] of instants.entries()) {
    if (index > 0) place += Math.log2(1 + instant - instants[index - 1]!)
    places.set(instant, place)
  }
  const scale = place === 0 ? 0 : (100 - MIN_WIDTH) / place
  return steps.map((_, index) => {
    const [from, to] = [places.get(starts[index]!)!, places.get(ends[index]!)!]
    return { left: from * scale, width: Math.max(MIN_WIDTH, (to - from) * scale) }
  })
}
