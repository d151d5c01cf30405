/** Addresses that come from outside are followed only when they lead to the web. */
export const webUrlOf = (url: string): string | undefined => {
  try {
    const { protocol, href } = new URL(url, 'http://localhost')
    if (protocol !== 'http:' && protocol !== 'https:') return undefined
    return url.startsWith('/') ? url : href
  } catch {
    return undefined
  }
}

const OPENING: Record<string, string> = { ')': '(', ']': '[', '}': '{' }

/** A closing bracket belongs to the address when its opening one is in it. */
const withoutEnd = (address: string): string => {
  const last = address.at(-1) ?? ''
  const opening = OPENING[last]
  const isForeign =
    opening === undefined ? '.,;:!?'.includes(last) : address.split(opening).length < address.split(last).length
  return last !== '' && isForeign ? withoutEnd(address.slice(0, -1)) : address
}

export type TextPiece = { text: string; href?: string }

/** A text cut into plain pieces and web addresses; punctuation that closes a sentence stays outside of the address. */
export const piecesOf = (text: string): TextPiece[] => {
  const pieces: TextPiece[] = []
  let end = 0
  for (const match of text.matchAll(/https?:\/\/[^\s<>"']+/gi)) {
    const address = withoutEnd(match[0])
    const href = webUrlOf(address)
    if (href === undefined) continue
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) })
    pieces.push({ text: address, href })
    end = match.index + address.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}
