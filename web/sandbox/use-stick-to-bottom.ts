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
 * counts as leaving: the content also grows between two scroll events.
 */
export const useStickToBottom = (): Stick => {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const sticking = useRef(true)
  const [atBottom, setAtBottom] = useState(true)

  const toBottom = useCallback(() => {
    const box = scroller.current
    if (box === null) return
    sticking.current = true
    setAtBottom(true)
    box.scrollTop = box.scrollHeight
  }, [])

  useLayoutEffect(toBottom, [toBottom])

  useEffect(() => {
    const box = scroller.current
    if (box === null || content.current === null) return
    let lastTop = box.scrollTop
    const onScroll = () => {
      const distance = box.scrollHeight - box.clientHeight - box.scrollTop
      if (distance <= NEAR_PX) sticking.current = true
      else if (box.scrollTop < lastTop - 1) sticking.current = false
      lastTop = box.scrollTop
      setAtBottom(sticking.current)
    }
    const observer = new ResizeObserver(() => {
      if (sticking.current) box.scrollTop = box.scrollHeight
    })
    observer.observe(box)
    observer.observe(content.current)
    box.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      box.removeEventListener('scroll', onScroll)
    }
  }, [])

  return { scroller, content, atBottom, toBottom }
}
