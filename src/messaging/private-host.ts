/** Tells at once what every call would fail of: a callback URL whose host is this machine, or in a private network. */
import { isPublicAddress } from '#customer/address-guard.ts'
import { type Flow, mayReachPrivate } from './flow.ts'

/** Of `localhost` and of addresses; what other names lead to is known only when they are called. */
export function privateHostProblem(flow: Flow, url: string): string | undefined {
  const host = URL.parse(url)
    ?.hostname.replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
  if (!host || mayReachPrivate(flow, url)) return undefined
  const isName = !/^[\d.]+$/.test(host) && !host.includes(':')
  if (isName ? !/(^|\.)localhost$/.test(host) : isPublicAddress(host)) return undefined
  return `${host} cannot be reached from the Internet, and Pagewire is not allowed to call it (PAGEWIRE_ALLOW_PRIVATE_CALLBACKS)`
}
