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

export type TextPiece = { text: string; href?: string }

/** A text cut into plain pieces and web addresses; punctuation that closes a sentence stays outside of the address. */
export const piecesOf = (text: string): TextPiece[] => {
  const pieces: TextPiece[] = []
  let end = 0
  for (const match of text.matchAll(/https?:\/\/[^\s<>"']+/gi)) {
    const address = match[0].replace(/[.,;:!?)\]}]+$/, '')
    const href = webUrlOf(address)
    if (href === undefined) continue
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) })
    pieces.push({ text: address, href })
    end = match.index + address.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}
