import type { Part } from '#core/channel.ts'

/** UTF-16 units: the strictest reading of Meta's "2000 characters" (meta.md 2.3). */
export const MAX_TEXT_LENGTH = 2_000

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

export function partsOf(message: { body: string; mediaUrls: string[] }): Part[] {
  const media = message.mediaUrls.map((url): Part => ({ kind: 'media', url, contentType: null }))
  return [...media, ...splitText(message.body).map((text): Part => ({ kind: 'text', text }))]
}

/** Pieces that join to the text again; a piece of nothing but white space is left out, as Meta refuses it. */
export function splitText(text: string): string[] {
  if (text.length <= MAX_TEXT_LENGTH) return text === '' ? [] : [text]
  const pieces: string[] = []
  for (let rest = text; rest !== ''; ) {
    const length = rest.length <= MAX_TEXT_LENGTH ? rest.length : cutIn(rest)
    pieces.push(rest.slice(0, length))
    rest = rest.slice(length)
  }
  return pieces.filter((piece) => piece.trim() !== '')
}

/** After the last line break in the second half of the piece, else after its last space, else between two characters. */
function cutIn(text: string): number {
  let line = 0
  let space = 0
  let character = 0
  // A few units beyond the limit, so that a character across it is seen to be one.
  for (const { segment, index } of graphemes.segment(text.slice(0, MAX_TEXT_LENGTH + 64))) {
    const end = index + segment.length
    if (end > MAX_TEXT_LENGTH) break
    character = end
    if (segment.includes('\n')) line = end
    if (segment.trim() === '') space = end
  }
  if (line >= MAX_TEXT_LENGTH / 2) return line
  if (space >= MAX_TEXT_LENGTH / 2) return space
  // One "character" longer than a whole piece (endless combining marks): at least no surrogate pair is torn.
  return character || (isHighSurrogate(text.charCodeAt(MAX_TEXT_LENGTH - 1)) ? MAX_TEXT_LENGTH - 1 : MAX_TEXT_LENGTH)
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
