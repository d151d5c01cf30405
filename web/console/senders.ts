import { queryOptions } from '@tanstack/react-query'
import type { SenderChoice } from '../../src/console/contract/overview.ts'
import { get } from './api.ts'

/** The Pages of an account, for choosing one and for their names. */
export const sendersQuery = (accountSid: string) =>
  queryOptions({
    queryKey: ['sender-choices', accountSid],
    queryFn: () => get<SenderChoice[]>(`/accounts/${accountSid}/senders`),
    staleTime: 60_000,
    meta: { live: ['sender'] },
  })

export const pageName = (senders: readonly SenderChoice[] | undefined, sid: string, address: string): string =>
  senders?.find((sender) => sender.sid === sid)?.name ?? address
