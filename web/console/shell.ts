import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Shell } from '../../src/console/contract.ts'
import { get } from './api.ts'

const HEALTH_EVERY_MS = 10_000

export const shellQuery = queryOptions({
  queryKey: ['shell'],
  queryFn: () => get<Shell>('/shell'),
  staleTime: Number.POSITIVE_INFINITY,
})

export type Health = 'checking' | 'ready' | 'notReady' | 'unreachable'

export const useHealth = (): Health => {
  const { data } = useQuery({
    queryKey: ['health'],
    queryFn: async (): Promise<Health> => {
      try {
        const { ok } = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(HEALTH_EVERY_MS) })
        return ok ? 'ready' : 'notReady'
      } catch {
        return 'unreachable'
      }
    },
    refetchInterval: HEALTH_EVERY_MS,
  })
  return data ?? 'checking'
}
