import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

const NEAR_PX = 24

type Stick = {
  scroller: RefObject<HTMLDivElement | null>
  content: RefObject<HTMLDivElement | null>
  /** Whether the newest message is before the person's eyes. */
  atBottom: boolean
  toBottom: () => void
}

/**
 * Keeps the end of the content in view for as long as the person has not scrolled away from it. Only a scroll upwards
 * while the content stays as it is counts as leaving: it also grows between two scroll events, and when it shrinks the
 * browser moves the view upwards by itself.
 */
export const useStickToBottom = (): Stick => {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const sticking = useRef(true)
  const last = useRef({ top: 0, height: 0 })
  const [atBottom, setAtBottom] = useState(true)

  const pin = useCallback((box: HTMLDivElement) => {
    box.scrollTop = box.scrollHeight
    last.current = { top: box.scrollTop, height: box.scrollHeight }
  }, [])

  const toBottom = useCallback(() => {
    if (scroller.current === null) return
    sticking.current = true
    setAtBottom(true)
    pin(scroller.current)
  }, [pin])

  useLayoutEffect(toBottom, [toBottom])

  useEffect(() => {
    const box = scroller.current
    if (box === null || content.current === null) return
    const onScroll = () => {
      const { scrollTop: top, scrollHeight: height } = box
      if (height - box.clientHeight - top <= NEAR_PX) sticking.current = true
      else if (top < last.current.top - 1 && height === last.current.height) sticking.current = false
      last.current = { top, height }
      setAtBottom(sticking.current)
    }
    const observer = new ResizeObserver(() => {
      if (sticking.current) pin(box)
    })
    observer.observe(box)
    observer.observe(content.current)
    box.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      box.removeEventListener('scroll', onScroll)
    }
  }, [pin])

  return { scroller, content, atBottom, toBottom }
}
