import { queryOptions } from '@tanstack/react-query'
import type { BinList, BinText, BinView } from '../../../src/console/contract/bins.ts'
import { get } from '../api.ts'

export const binsPath = (accountSid: string) => `/accounts/${accountSid}/bins`

export const binsQuery = (accountSid: string) =>
  queryOptions({ queryKey: ['bins', accountSid], queryFn: () => get<BinList>(binsPath(accountSid)) })

export const binQuery = (accountSid: string, name: string) =>
  queryOptions({
    queryKey: ['bins', accountSid, name],
    queryFn: () => get<BinView>(`${binsPath(accountSid)}/${name}`),
    retry: false,
  })

export const binVersionQuery = (accountSid: string, name: string, version: number) =>
  queryOptions({
    queryKey: ['bins', accountSid, name, version],
    queryFn: () => get<BinText>(`${binsPath(accountSid)}/${name}/versions/${version}`),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
