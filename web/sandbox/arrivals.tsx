import { VisuallyHidden } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { ThreadDetail } from '../../src/sandbox/contract.ts'
import { texts } from '../texts/texts.ts'
import { gistOf } from './gist.ts'

/** Speaks the Page's new messages to assistive technology; what was there on opening stays silent. */
export const Arrivals = ({ thread }: { thread: ThreadDetail }) => {
  const newest = thread.messages.findLast(({ from }) => from === 'page')
  const spokenMid = useRef(newest?.mid)
  const [words, setWords] = useState('')
  useEffect(() => {
    if (newest === undefined || newest.mid === spokenMid.current) return
    spokenMid.current = newest.mid
    setWords(texts.sandbox.arrived(thread.page.name, gistOf(newest)))
  }, [newest, thread.page.name])
  return (
    <VisuallyHidden aria-live="polite" aria-atomic="true">
      {words}
    </VisuallyHidden>
  )
}
