/** The chat page's data: what the server has told, kept by TanStack Query, and what waits to be sent. */
import { type QueryClient, useQuery } from '@tanstack/react-query'
import { createContext, use, useMemo, useSyncExternalStore } from 'react'
import type { Thread, ThreadDetail } from '../../src/sandbox/contract.ts'
import { RequestProblem } from '../ui/http.ts'
import { fetchState, fetchThread, fetchThreads, say, tap, upload } from './api.ts'
import { keepUnsent, keptUnsent } from './kept-unsent.ts'
import { createOutbox, type Lane, type Outbox, type Unsent } from './outbox.ts'
import { withMessage } from './thread-cache.ts'

export const stateKey = ['state'] as const
export const threadsKey = (personId: string) => ['threads', personId] as const
export const threadKey = ({ pageId, personId }: Lane) => ['thread', personId, pageId] as const

export const useSandboxState = () => useQuery({ queryKey: stateKey, queryFn: fetchState })

export const useThreads = (personId: string) =>
  useQuery({ queryKey: threadsKey(personId), queryFn: () => fetchThreads(personId) })

export const useThread = (lane: Lane) =>
  useQuery({ queryKey: threadKey(lane), queryFn: () => fetchThread(lane.pageId, lane.personId) })

/**
 * Changes a chat that is here. An answer that is on its way may be older than this change, so it is asked for again.
 */
export const changeThread = (client: QueryClient, lane: Lane, change: (thread: ThreadDetail) => ThreadDetail): void => {
  const queryKey = threadKey(lane)
  client.setQueryData<ThreadDetail>(queryKey, (thread) => (thread === undefined ? thread : change(thread)))
  if (client.isFetching({ queryKey }) > 0) void client.invalidateQueries({ queryKey })
}

export const changeThreads = (client: QueryClient, personId: string, change: (threads: Thread[]) => Thread[]): void => {
  client.setQueryData<Thread[]>(threadsKey(personId), (threads) => (threads === undefined ? threads : change(threads)))
}

export const outboxFor = (client: QueryClient): Outbox => {
  const outbox = createOutbox({
    say,
    tap,
    upload,
    isUnreached: (error) => error instanceof RequestProblem && (error.status === 0 || error.status >= 500),
    kept: keptUnsent(),
    stored: (lane, message) => {
      changeThread(client, lane, (thread) => withMessage(thread, message, { onlyIfNew: true }))
      void client.invalidateQueries({ queryKey: threadsKey(lane.personId) })
    },
  })
  outbox.subscribe(() => keepUnsent(outbox.items()))
  return outbox
}

export const OutboxContext = createContext<Outbox | null>(null)

export const useOutbox = (): Outbox => {
  const outbox = use(OutboxContext)
  if (outbox === null) throw new Error('useOutbox outside of OutboxContext')
  return outbox
}

export const useUnsent = ({ pageId, personId }: Lane): Unsent[] => {
  const outbox = useOutbox()
  const items = useSyncExternalStore(outbox.subscribe, outbox.items)
  return useMemo(
    () =>
      items.filter(
        ({ lane, leftOver, problem }) =>
          lane.pageId === pageId && lane.personId === personId && !(leftOver && problem === null),
      ),
    [items, pageId, personId],
  )
}
