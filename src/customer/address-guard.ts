/**
 * The only way out to the customer's server: pooled HTTP/1.1 connections that are opened to public addresses alone,
 * unless private ones are allowed. In: a policy. Out: an undici dispatcher. It must never connect to an address that it
 * has not judged itself: the judged address is the one connected to, so a name cannot change its mind in between.
 */
import { type LookupAddress, lookup as resolveName } from 'node:dns'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import ipaddr from 'ipaddr.js'
import { Agent, buildConnector, type Dispatcher } from 'undici'
import { MAX_CONNECT_TIMEOUT_MS } from './overrides.ts'

/** A customer who needs more at one origin waits for a free connection, within the call's connect time. */
const MAX_CONNECTIONS_PER_ORIGIN = 128

export class AddressRefused extends Error {
  constructor(host: string) {
    super(`${host} is not a public address; PAGEWIRE_ALLOW_PRIVATE_CALLBACKS=true would allow it`)
  }
}

/** IANA's only global unicast block of IPv6. What ipaddr.js does not name within it is public. */
const IPV6_GLOBAL = ipaddr.parseCIDR('2000::/3')

/** In a public range, but answered by the host that Azure machines run on (Microsoft, "What is IP address 168.63.129.16"). */
const AZURE_HOST = '168.63.129.16'

/** Whether everybody on the Internet reaches this address and means the same machine. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const ip = ipaddr.process(address)
  if (ip.range() !== 'unicast' || ip.toString() === AZURE_HOST) return false
  return ip.kind() === 'ipv4' || ip.match(IPV6_GLOBAL)
}

type Resolve = (
  hostname: string,
  options: { all: true; family?: number | 'IPv4' | 'IPv6'; hints?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** A name lookup for `net.connect` that hands out permitted addresses only, and fails when there is none among them. */
function guardedLookup(isPermitted: (address: string) => boolean, resolve: Resolve): LookupFunction {
  return (hostname, { family, hints, all }, callback) => {
    const options = {
      all: true as const,
      ...(family !== undefined && { family }),
      ...(hints !== undefined && { hints }),
    }
    resolve(hostname, options, (error, addresses) => {
      if (error) return callback(error, [])
      const permitted = addresses.filter(({ address }) => isPermitted(address))
      const [first] = permitted
      if (!first) return callback(new AddressRefused(hostname), [])
      return all ? callback(null, permitted) : callback(null, first.address, first.family)
    })
  }
}

/** Bytes that a failed connection had answered before it failed: any at all, and it had served an earlier request. */
const answeredBefore = new WeakMap<Error, number>()

/** Whether the request went out on a kept-alive connection that the server had closed, or was about to close. */
export function wasKeptAlive(error: Error): boolean {
  return (answeredBefore.get(error) ?? 0) > 0
}

function watchForErrors(socket: Socket): void {
  const note = (error: Error) => answeredBefore.set(error, socket.bytesRead)
  socket.on('error', note)
}

function connector(isPermitted: (address: string) => boolean, resolve: Resolve): buildConnector.connector {
  const lookup = guardedLookup(isPermitted, resolve)
  const connect = buildConnector({ timeout: MAX_CONNECT_TIMEOUT_MS, allowH2: false, lookup })
  return (options, callback) => {
    // An address literal is never looked up. The URL parser has already turned 2130706433 and 0x7f.1 into 127.0.0.1.
    if (isIP(options.hostname) !== 0 && !isPermitted(options.hostname)) {
      return callback(new AddressRefused(options.hostname), null)
    }
    connect(options, (...result) => {
      if (result[1]) watchForErrors(result[1])
      callback(...result)
    })
  }
}

/** A pool of connections to the addresses that `isPermitted` accepts. */
export function guardedAgent(isPermitted: (address: string) => boolean, resolve: Resolve = resolveName): Agent {
  return new Agent({
    connect: connector(isPermitted, resolve),
    connections: MAX_CONNECTIONS_PER_ORIGIN,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 60_000,
    // Time limits are the caller's, to the millisecond; undici's own are coarser.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
}

const agents = new Map<boolean, Agent>()

/** The pool for this policy. A connection that one policy has opened never serves the other. */
export function customerAgent(allowPrivate: boolean): Dispatcher {
  const agent = agents.get(allowPrivate) ?? guardedAgent(allowPrivate ? () => true : isPublicAddress)
  agents.set(allowPrivate, agent)
  return agent
}

/** Lets running calls finish, then closes every connection. A later call opens new ones. */
export async function closeCustomerAgents(): Promise<void> {
  const closing = [...agents.values()].map((agent) => agent.close())
  agents.clear()
  await Promise.all(closing)
}
