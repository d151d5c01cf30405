/**
 * Keeps what is shown in step with the account: one stream of server-sent events per account, whose words say what kind
 * of thing has changed. A query that is about such things names them: `meta: { live: ['message'] }`.
 */
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import type { StreamEvent } from '../../src/console/contract/stream.ts'

export type LiveKind = StreamEvent['kind']

/** So often at most; the first word counts at once. */
const REFRESH_EVERY_MS = 1_000
const REOPEN_AFTER_MS = 2_000
const KINDS: LiveKind[] = ['message', 'alert', 'sender']

type Listener = (kind: LiveKind) => void
const listeners = new Set<Listener>()
let isLost = false
const watchers = new Set<() => void>()
const setLost = (lost: boolean) => {
  isLost = lost
  for (const watcher of watchers) watcher()
}

/** Once, around all pages of an account. */
export const useLive = (accountSid: string | undefined): void => {
  const client = useQueryClient()
  useEffect(() => {
    if (accountSid === undefined) return
    const tell = throttled(client)
    let source: EventSource | undefined
    let timer: number | undefined
    let wasOpen = false
    const open = () => {
      const opened = new EventSource(`/console/api/accounts/${accountSid}/stream`)
      source = opened
      opened.onopen = () => {
        setLost(false)
        // What happened while there was no connection was not heard.
        if (wasOpen) for (const kind of KINDS) tell.say(kind)
        wasOpen = true
      }
      for (const kind of KINDS) opened.addEventListener(kind, () => tell.say(kind))
      opened.onerror = () => {
        setLost(true)
        // The browser reconnects by itself, except after an answer that is not a stream.
        if (opened.readyState === EventSource.CLOSED) timer = window.setTimeout(open, REOPEN_AFTER_MS)
      }
    }
    const close = () => {
      source?.close()
      window.clearTimeout(timer)
    }
    // A browser has six connections to a server without HTTP/2, for all tabs: one that nobody looks at needs none.
    const onVisibility = () => {
      close()
      if (!document.hidden) open()
    }
    document.addEventListener('visibilitychange', onVisibility)
    if (!document.hidden) open()
    return () => {
      document.removeEventListener('visibilitychange', onVisibility)
      close()
      tell.stop()
      setLost(false)
    }
  }, [accountSid, client])
}

const throttled = (client: QueryClient) => {
  const pending = new Set<LiveKind>()
  let timer: number | undefined
  const flush = () => {
    const kinds = [...pending]
    pending.clear()
    timer = kinds.length > 0 ? window.setTimeout(flush, REFRESH_EVERY_MS) : undefined
    for (const kind of kinds) for (const listener of listeners) listener(kind)
    if (kinds.length === 0) return
    void client.invalidateQueries({
      predicate: ({ meta }) => (meta?.live as LiveKind[] | undefined)?.some((kind) => kinds.includes(kind)) === true,
    })
  }
  return {
    say: (kind: LiveKind) => {
      pending.add(kind)
      if (timer === undefined) flush()
    },
    stop: () => window.clearTimeout(timer),
  }
}

/** For what is not a query that is asked for anew as a whole. */
export const useChanges = (kind: LiveKind, onChange: () => void): void => {
  useEffect(() => {
    const listener: Listener = (changed) => {
      if (changed === kind) onChange()
    }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }, [kind, onChange])
}

/** Whether the connection is lost at the moment. */
export const useIsLost = (): boolean =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => isLost,
  )
