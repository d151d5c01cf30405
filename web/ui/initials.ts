const firstLetter = (word: string): string => word.match(/[\p{L}\p{N}]/u)?.[0].toLocaleUpperCase() ?? ''

/** First letters of the first and the last word; `?` when there is none. */
export const initialsOf = (name: string): string => {
  const letters = name.split(/\s+/).map(firstLetter).filter(Boolean)
  if (letters.length === 0) return '?'
  return letters[0]! + (letters.length > 1 ? letters.at(-1)! : '')
}

/** The same name always gives the same hue, in degrees. */
export const hueOf = (name: string): number => {
  let hash = 0x811c9dc5
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0
  return (Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 8) % 360
}
