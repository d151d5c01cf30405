/**
 * Random numbers that can be had again: the same key gives the same sequence, in every process and version of Node.
 * FNV-1a makes a number of the key, mulberry32 (Tommy Ettinger, public domain) the sequence. Pure.
 */
export function randomOf(...key: (string | number)[]): () => number {
  let state = 0x811c_9dc5
  for (const character of key.join('\0')) {
    state = Math.imul(state ^ character.codePointAt(0)!, 0x0100_0193)
  }
  const next = () => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  // Keys that differ in their last character only begin alike.
  next()
  return next
}
