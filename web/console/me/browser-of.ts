/** A user agent in two words: enough to know one's own browsers apart. */
const BROWSERS: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
]

const first = (list: [RegExp, string][], text: string) => list.find(([mark]) => mark.test(text))?.[1]

export const browserOf = (userAgent: string): string | undefined => {
  const words = [first(BROWSERS, userAgent), first(SYSTEMS, userAgent)].filter((word) => word !== undefined)
  return words.length === 0 ? undefined : words.join(' · ')
}
