/** What an account's usage is called, and how much of it there is (twilio.md 6.6). Pure. */
import { OTHER_CATEGORIES } from './usage-categories.ts'

/** Messages that an account made or got, those of them with media, and their media. */
export type UsageCounts = {
  inbound: number
  inboundWithMedia: number
  inboundMedia: number
  outbound: number
  outboundWithMedia: number
  outboundMedia: number
}

const NOTHING: UsageCounts = {
  inbound: 0,
  inboundWithMedia: 0,
  inboundMedia: 0,
  outbound: 0,
  outboundWithMedia: 0,
  outboundMedia: 0,
}

/** By channel. */
export type Usage = ReadonlyMap<string, UsageCounts>

export type UsageCategory = {
  name: string
  description: string
  /** Null: counted in money, of which there is none here. */
  unit: 'messages' | 'media items' | '' | null
  of: (usage: Usage) => number
}

type Meter = [name: string, description: string, of: (counts: UsageCounts) => number]

/** As a message's SID begins with SM or MM: Twilio has no names of its own for Messenger here. */
const OF_ALL_CHANNELS: Meter[] = [
  ['sms', 'Messages without media', (c) => c.inbound + c.outbound - c.inboundWithMedia - c.outboundWithMedia],
  ['sms-inbound', 'Inbound messages without media', (c) => c.inbound - c.inboundWithMedia],
  ['sms-outbound', 'Outbound messages without media', (c) => c.outbound - c.outboundWithMedia],
  ['mms', 'Messages with media', (c) => c.inboundWithMedia + c.outboundWithMedia],
  ['mms-inbound', 'Inbound messages with media', (c) => c.inboundWithMedia],
  ['mms-outbound', 'Outbound messages with media', (c) => c.outboundWithMedia],
]

const OF_ONE_CHANNEL: Meter[] = [
  ['', 'messages', (c) => c.inbound + c.outbound],
  ['-inbound', 'inbound messages', (c) => c.inbound],
  ['-outbound', 'outbound messages', (c) => c.outbound],
  ['-media', 'media in messages', (c) => c.inboundMedia + c.outboundMedia],
]

/** All categories, sorted: what is counted here, and what Twilio counts beside, of which there is never any here. */
export function usageCategories(channels: Iterable<string>): UsageCategory[] {
  const counted = [
    ...OF_ALL_CHANNELS.map(([name, description, of]): UsageCategory => {
      return { name, description, unit: 'messages', of: (usage) => sum([...usage.values()].map(of)) }
    }),
    ...[...channels].flatMap((channel) =>
      OF_ONE_CHANNEL.map(([suffix, what, of]): UsageCategory => {
        return {
          name: `channels-${channel}${suffix}`,
          description: `${capitalized(channel)} ${what}`,
          unit: suffix === '-media' ? 'media items' : 'messages',
          of: (usage) => of(usage.get(channel) ?? NOTHING),
        }
      }),
    ),
    { name: 'totalprice', description: 'Total price', unit: null, of: () => 0 },
  ]
  const names = new Set(counted.map(({ name }) => name))
  const others = OTHER_CATEGORIES.filter((name) => !names.has(name)).map(unusedCategory)
  return [...counted, ...others].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** One that Twilio may know and we do not: nothing is ever counted. */
export const unusedCategory = (name: string): UsageCategory => ({
  name,
  description: capitalized(name.replaceAll('-', ' ')),
  unit: '',
  of: () => 0,
})

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)
