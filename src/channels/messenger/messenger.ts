import type { Channel } from '#core/channel.ts'
import type { Clock } from '#core/clock.ts'
import type { Graph } from '../meta/graph.ts'
import { dialogUrlOf, finishLogin, type LoginOptions, readReturn } from '../meta/login.ts'
import { identifyApp, subscribeApp } from './app.ts'
import { connect, disconnect, identify } from './connect.ts'
import { examine } from './examine.ts'
import { partsOf } from './parts.ts'
import { profile } from './profile.ts'
import { readWebhook, verifySubscription } from './read.ts'
import { readItem } from './read-item.ts'
import { act, maxBytesOf, preview, rateOf, send } from './send.ts'

/** The clock dates only what comes without any time of its own. */
export const createMessenger = (graph: Graph, login: LoginOptions, clock: Clock): Channel => ({
  name: 'messenger',
  isAddress: (address) => /^\d{1,25}$/.test(address),
  link: (senderAddress) => `https://m.me/${senderAddress}`,
  verifySubscription,
  readWebhook: (rawBody, headers, app) => readWebhook(rawBody, headers, app, clock.now()),
  readAgain: ({ raw, senderAddress, happenedAt }) =>
    readItem(raw, { pageId: senderAddress, entryAt: happenedAt, standby: false, receivedAt: happenedAt }),
  partsOf,
  send: (request, app) => send(graph, request, app),
  preview: (request) => preview(graph, request),
  act: (request, app) => act(graph, request, app),
  rateOf,
  maxBytesOf,
  connect: (senderAddress, accessToken, app) => connect(graph, senderAddress, accessToken, app),
  disconnect: (senderAddress, accessToken, app) => disconnect(graph, senderAddress, accessToken, app),
  identify: (accessToken, app) => identify(graph, accessToken, app),
  login: {
    dialogUrl: (app, to) => dialogUrlOf(login, app, to),
    readReturn,
    finish: (app, given) => finishLogin(graph, app, given),
  },
  examine: (sender, app, webhookUrl) => examine(graph, sender, app, webhookUrl, clock.now()),
  identifyApp: (app) => identifyApp(graph, app),
  subscribeApp: (app, webhookUrl) => subscribeApp(graph, app, webhookUrl),
  profile: (contactAddress, accessToken, app) => profile(graph, contactAddress, accessToken, app),
})
