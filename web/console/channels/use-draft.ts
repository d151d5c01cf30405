import { useCallback, useEffect, useState } from 'react'

/**
 * What was typed and not saved yet: a way to Facebook and back, or a reload, must not lose it. Of this window alone.
 * `forget` begins anew.
 */
export const useDraft = <T extends object>(
  key: string,
  initial: T,
): [draft: T, change: (changes: Partial<T>) => void, forget: () => void] => {
  const [draft, setDraft] = useState<T>(() => ({ ...initial, ...read(key) }))
  useEffect(() => {
    write(key, draft === initial ? null : draft)
  }, [key, draft, initial])
  const change = useCallback((changes: Partial<T>) => setDraft((now) => ({ ...now, ...changes })), [])
  const forget = useCallback(() => {
    setDraft(initial)
    write(key, null)
  }, [key, initial])
  return [draft, change, forget]
}

/** For whoever signs in here next. */
export const forgetDrafts = (): void => {
  try {
    window.sessionStorage.clear()
  } catch {
    // Without storage there are none.
  }
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
