import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import type { MessageRow } from '../../../src/console/contract/messages.ts'
import type { SenderChoice } from '../../../src/console/contract/overview.ts'
import { texts } from '../../texts/texts.ts'
import { MessageLine } from './message-line.tsx'
import styles from './message-list.module.css'
import { useIsNarrow } from './use-is-narrow.ts'
import type { Visible } from './use-log.ts'

const t = texts.console.messages

type MessageListProps = {
  rows: readonly MessageRow[]
  senders: readonly SenderChoice[] | undefined
  visible: RefObject<Visible>
  /** The end of what is known is near. */
  onEnd: () => void
  scroller: RefObject<HTMLDivElement | null>
  footer: ReactNode
}

const TOP_PX = 8

/** Only the rows in view exist. Arrow keys, Page keys, Home and End move the focus from row to row. */
export const MessageList = ({ rows, senders, visible, onEnd, scroller, footer }: MessageListProps) => {
  const isNarrow = useIsNarrow()
  const rowPx = isNarrow ? 66 : 42
  const [active, setActive] = useState<string | null>(null)
  const wanted = useRef<string | null>(null)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]!.sid,
    overscan: 12,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows change their height when the page gets narrow
  useEffect(() => virtualizer.measure(), [rowPx])

  const shown = virtualizer.getVirtualItems()
  const first = shown[0]?.index ?? 0
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    visible.current = { atTop: (scroller.current?.scrollTop ?? 0) < TOP_PX, first, last }
    if (rows.length > 0 && last >= rows.length - 20) onEnd()
  })

  const focus = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))]
    if (!row) return
    wanted.current = row.sid
    setActive(row.sid)
    virtualizer.scrollToIndex(rows.indexOf(row), { align: 'auto' })
  }
  useEffect(() => {
    const link = wanted.current && scroller.current?.querySelector<HTMLElement>(`[data-sid="${wanted.current}"]`)
    if (!link) return
    wanted.current = null
    link.focus({ preventScroll: true })
  })
  const onKeyDown = (event: KeyboardEvent) => {
    const now = Math.max(
      0,
      rows.findIndex(({ sid }) => sid === active),
    )
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 1)
    const steps: Record<string, number> = {
      ArrowDown: now + 1,
      j: now + 1,
      ArrowUp: now - 1,
      k: now - 1,
      PageDown: now + page,
      PageUp: now - page,
      Home: 0,
      End: rows.length - 1,
    }
    const target = steps[event.key]
    if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    focus(target)
  }
  // With nothing chosen, or the chosen one gone, the first row in view is where the Tab key leads.
  const isKnown = active !== null && rows.some(({ sid }) => sid === active)
  const tabStop = isKnown ? active : rows[first]?.sid

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys move the focus between the links within
    <div className={styles.scroller} ref={scroller} onKeyDown={onKeyDown}>
      <div className={`${styles.head} ${styles.row}`} aria-hidden="true">
        {(['time', 'person', 'page', 'text', 'status'] as const).map((column) => (
          <span key={column}>{t.columns[column]}</span>
        ))}
      </div>
      <ul
        className={styles.body}
        aria-label={t.table}
        aria-describedby="log-keyboard"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {shown.map(({ index, key, start }) => (
          <MessageLine
            key={key}
            row={rows[index]!}
            index={index}
            count={rows.length}
            top={start}
            height={rowPx}
            senders={senders}
            isTabStop={rows[index]!.sid === tabStop}
            onFocus={setActive}
          />
        ))}
      </ul>
      {footer}
    </div>
  )
}
