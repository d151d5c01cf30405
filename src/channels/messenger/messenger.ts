import type { Channel } from '#core/channel.ts'
import type { Clock } from '#core/clock.ts'
import type { Graph } from '../meta/graph.ts'
import { connect, disconnect } from './connect.ts'
import { partsOf } from './parts.ts'
import { profile } from './profile.ts'
import { readWebhook, verifySubscription } from './read.ts'
import { rateOf, send } from './send.ts'

/** The clock dates only what comes without any time of its own. */
export const createMessenger = (graph: Graph, clock: Clock): Channel => ({
  name: 'messenger',
  isAddress: (address) => /^\d{5,25}$/.test(address),
  link: (senderAddress) => `https://m.me/${senderAddress}`,
  verifySubscription,
  readWebhook: (rawBody, headers, app) => readWebhook(rawBody, headers, app, clock.now()),
  partsOf,
  send: (request, app) => send(graph, request, app),
  rateOf,
  connect: (senderAddress, accessToken, app) => connect(graph, senderAddress, accessToken, app),
  disconnect: (senderAddress, accessToken, app) => disconnect(graph, senderAddress, accessToken, app),
  profile: (contactAddress, accessToken, app) => profile(graph, contactAddress, accessToken, app),
})
