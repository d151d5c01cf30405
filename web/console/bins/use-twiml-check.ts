import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { BinCheck } from '../../../src/console/contract/bins.ts'
import { call } from '../api.ts'
import { binsPath } from './queries.ts'

const TYPING_MS = 300

/** What the server's own reader says of the document, while one types. The last word stays until there is a new one. */
export const useTwimlCheck = (accountSid: string, twiml: string) => {
  const [settled] = useDebouncedValue(twiml, TYPING_MS)
  const { data, isFetching, error } = useQuery({
    queryKey: ['twiml-check', settled],
    queryFn: () => call<BinCheck>('POST', `${binsPath(accountSid)}/check`, { twiml: settled }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
  return { check: data, error, isChecking: isFetching || settled !== twiml }
}
