import { queryOptions } from '@tanstack/react-query'
import type {
  ChannelCard,
  FoundPages,
  MetaApps,
  SenderList,
  SenderView,
} from '../../../src/console/contract/channels.ts'
import { get } from '../api.ts'
import { queryOf } from '../use-address.ts'

/** Everything here is about senders, and asked for anew when one of them has changed. */
const live = { meta: { live: ['sender'] } }

export const channelsPath = (accountSid: string) => `/accounts/${accountSid}/channels`
export const messengerPath = (accountSid: string) => `${channelsPath(accountSid)}/messenger`

export const catalogueQuery = (accountSid: string) =>
  queryOptions({
    queryKey: ['channels', accountSid, 'catalogue'],
    queryFn: () => get<ChannelCard[]>(channelsPath(accountSid)),
    ...live,
  })

export const instancesQuery = (accountSid: string) =>
  queryOptions({
    queryKey: ['channels', accountSid, 'instances'],
    queryFn: () => get<SenderList>(`${messengerPath(accountSid)}/senders`),
    ...live,
  })

export const instanceQuery = (accountSid: string, sid: string) =>
  queryOptions({
    queryKey: ['channels', accountSid, 'instance', sid],
    queryFn: () => get<SenderView>(`${messengerPath(accountSid)}/senders/${sid}`),
    retry: false,
    ...live,
  })

export const foundPagesQuery = (accountSid: string, wish: { sender?: string; app?: string }) =>
  queryOptions({
    queryKey: ['channels', accountSid, 'found', wish],
    queryFn: () => get<FoundPages>(`${messengerPath(accountSid)}/pages?${queryOf(wish)}`),
  })

export const metaAppsQuery = (accountSid: string) =>
  queryOptions({
    queryKey: ['channels', accountSid, 'meta-apps'],
    queryFn: () => get<MetaApps>(`/accounts/${accountSid}/meta-apps`),
  })
