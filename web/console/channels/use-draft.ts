import { useCallback, useEffect, useState } from 'react'

/** What was typed and not saved yet: a way to Facebook and back, or a reload, must not lose it. Of this window alone. */
export const useDraft = <T extends object>(
  key: string,
  initial: T,
): [draft: T, change: (changes: Partial<T>) => void, forget: () => void] => {
  const [draft, setDraft] = useState<T>(() => ({ ...initial, ...read(key) }))
  const [isKept, setIsKept] = useState(true)
  useEffect(() => {
    if (isKept) write(key, draft)
  }, [key, draft, isKept])
  const change = useCallback((changes: Partial<T>) => setDraft((now) => ({ ...now, ...changes })), [])
  const forget = useCallback(() => {
    setIsKept(false)
    write(key, null)
  }, [key])
  return [draft, change, forget]
}

const read = (key: string): object => {
  try {
    const kept: unknown = JSON.parse(window.sessionStorage.getItem(key) ?? '{}')
    return typeof kept === 'object' && kept !== null ? kept : {}
  } catch {
    return {}
  }
}

const write = (key: string, draft: object | null): void => {
  try {
    if (draft === null) window.sessionStorage.removeItem(key)
    else window.sessionStorage.setItem(key, JSON.stringify(draft))
  } catch {
    // Without storage it lives as long as the page.
  }
}
