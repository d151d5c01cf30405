import { useQuery } from '@tanstack/react-query'
import type { Shell } from '../../src/console/contract.ts'
import { texts } from '../texts/texts.ts'
import { requestJson } from '../ui/http.ts'

const HEALTH_EVERY_MS = 10_000

export const useShell = () =>
  useQuery({
    queryKey: ['shell'],
    queryFn: () =>
      requestJson<Shell>(
        '/console/api/shell',
        {},
        { unreachable: texts.console.health.unreachable, unexpected: () => texts.console.shellFailed },
      ),
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
