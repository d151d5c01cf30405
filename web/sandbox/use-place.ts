import { useMemo, useSyncExternalStore } from 'react'
import { hrefOf, type Place, placeOf } from './place.ts'

const listeners = new Set<() => void>()
const announce = () => {
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}

const currentHref = () => window.location.pathname + window.location.search

/** `replace` leaves no step in the history: for what the page decides itself. */
export const goTo = (place: Place, how: 'push' | 'replace' = 'push'): void => {
  const href = hrefOf(place)
  if (href === currentHref()) return
  if (how === 'push') window.history.pushState(null, '', href)
  else window.history.replaceState(null, '', href)
  announce()
}

export const usePlace = (): Place => {
  const href = useSyncExternalStore(subscribe, currentHref)
  return useMemo(() => placeOf(new URL(href, window.location.origin)), [href])
}
