import { memo } from 'react'
import { piecesOf } from './links.ts'
import styles from './message-text.module.css'

/** A text with its web addresses as links. */
export const MessageText = memo(({ text, tabIndex }: { text: string; tabIndex: number }) =>
  piecesOf(text).map((piece, index) =>
    piece.href === undefined ? (
      piece.text
    ) : (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text keep their order
        key={index}
        className={styles.link}
        href={piece.href}
        target="_blank"
        rel="noopener noreferrer"
        tabIndex={tabIndex}
      >
        {piece.text}
      </a>
    ),
  ),
)
