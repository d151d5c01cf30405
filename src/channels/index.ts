/**
 * The channels. In come raw webhooks and sends, out go `ChannelEvent`s and `SendOutcome`s; a channel's refusals are
 * values. Nothing here knows the database, the queue or our web server, and no token leaves for anywhere but Meta.
 * A further channel is one folder beside `messenger/` and one line below.
 */
import type { Channel } from '#core/channel.ts'
import { type Clock, systemClock } from '#core/clock.ts'
import { createMessenger } from './messenger/messenger.ts'
import { createGraph, type GraphOptions } from './meta/graph.ts'

export type ChannelOptions = GraphOptions & { clock?: Clock }

export type Channels = {
  messenger: Channel
  all: Channel[]
  /** Waits for the calls under way, each of which is bounded by its time-out. */
  close: () => Promise<void>
}

export function createChannels({ clock = systemClock, ...options }: ChannelOptions): Channels {
  const graph = createGraph(options)
  const messenger = createMessenger(graph, clock)
  return { messenger, all: [messenger], close: () => graph.close() }
}
