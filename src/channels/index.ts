/**
 * The channels. In come raw webhooks and sends, out go `ChannelEvent`s and `SendOutcome`s; a channel's refusals are
 * values. Nothing here knows the database, the queue or our web server, and no token leaves for anywhere but Meta.
 * A further channel is one folder beside `messenger/` and one line below.
 */
import type { Channel } from '#core/channel.ts'
import { type Clock, sharedClock } from '#core/clock.ts'
import { createMessenger } from './messenger/messenger.ts'
import { createGraph, type GraphOptions } from './meta/graph.ts'

/** `dialogUrl`: where Facebook's login is, without the version. */
export type ChannelOptions = GraphOptions & { dialogUrl?: string; clock?: Clock }

const FACEBOOK = 'https://www.facebook.com'

export type Channels = {
  messenger: Channel
  all: Channel[]
  /** The process is about to end: calls that have not been sent are given up soon, and their outcome is known. */
  giveUpUnsent: () => void
  /** Waits for the calls under way, each of which is bounded by its time-out. */
  close: () => Promise<void>
}

export function createChannels({ clock = sharedClock, dialogUrl = FACEBOOK, ...options }: ChannelOptions): Channels {
  const graph = createGraph(options)
  const messenger = createMessenger(graph, { dialogUrl, graphVersion: options.graphVersion }, clock)
  return { messenger, all: [messenger], giveUpUnsent: graph.giveUpUnsent, close: graph.close }
}
