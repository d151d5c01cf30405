/** The clock and the faults, as the server tells them. Both change with its `state` events too. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Clock, Fault, Page } from '../../src/sandbox/contract.ts'
import { fetchClock, fetchFaults } from './api.ts'

const faultsKey = ['faults'] as const
const clockKey = ['clock'] as const
const NONE: Fault[] = []

/** `everyMs`: how often to ask, as nothing tells of a fault that has happened. */
export const useFaults = (everyMs?: number): Fault[] =>
  useQuery({ queryKey: faultsKey, queryFn: fetchFaults, refetchInterval: everyMs ?? false }).data ?? NONE

export type PretendClock = Clock & {
  /** Now on the pretend clock, by this browser's own. */
  nowAt: () => Date
}

export const useClock = (): PretendClock | undefined => {
  const { data, dataUpdatedAt } = useQuery({ queryKey: clockKey, queryFn: fetchClock })
  if (data === undefined) return undefined
  const aheadMs = Date.parse(data.now) - dataUpdatedAt
  return { ...data, nowAt: () => new Date(Date.now() + aheadMs) }
}

/** How far the pretend time is ahead of the real one, for telling what is today. */
export const useAheadMs = (): number => useClock()?.offsetMs ?? 0

/** What goes wrong for this Page: its own faults, those of all, and a token that is not valid. */
export const troubleCount = (faults: Fault[], page: Page | undefined): number =>
  faults.filter((fault) => fault.page === 'all' || fault.page === page?.id).length +
  (page === undefined || page.token === 'valid' ? 0 : 1)

/** Runs changes of the dial one after the other; pending until everything has been asked for anew. */
export const useDialChange = () => {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    networkMode: 'always',
    scope: { id: 'dial' },
    onSettled: () => client.invalidateQueries(),
  })
}
