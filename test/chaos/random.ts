/**
 * Dice that fall the same way for the same seed and the same question, whenever and in whatever order they are thrown:
 * so a run's plan does not depend on how fast the machine is.
 */
export type Random = {
  /** 0 to 1, without 1. */
  next: () => number
  chance: (probability: number) => boolean
  /** A whole number, both ends included. */
  int: (from: number, to: number) => number
  pick: <T>(list: readonly T[]) => T
  /** One of the keys, each with its probability; undefined for the rest. */
  choose: <T extends string>(probabilities: Record<T, number>) => T | undefined
}

/** `about` names the question, such as `customer`, `c12`, 3. */
export function randomOf(seed: number, ...about: (string | number)[]): Random {
  let state = hash(`${seed}|${about.join('|')}`)
  // Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for one question.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    chance: (probability) => next() < probability,
    int,
    pick: (list) => list[int(0, list.length - 1)] as (typeof list)[number],
    choose(probabilities) {
      let left = next()
      for (const [name, probability] of Object.entries(probabilities) as [never, number][]) {
        left -= probability
        if (left < 0) return name
      }
      return undefined
    },
  }
}

/** FNV-1a with a last mix, as short texts that differ at their end would give similar numbers. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}
