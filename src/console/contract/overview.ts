/** How an account is doing. */
export type OverviewRange = 'hour' | 'day' | 'month'

/** GET …/overview?range=&sender=&zone= */
export type Overview = {
  /** Nothing was connected by anybody, or nothing was ever said. */
  isFresh: boolean
  from: string
  stepMs: number
  totals: ActivityCounts
  /** In the order of time, one for every step. */
  series: (ActivityCounts & { at: string })[]
  callbacks: CallbackTimes
  queues: QueueDepth[]
  pages: (ActivityCounts & { sid: string; name: string; status: 'CREATING' | 'ONLINE' | 'OFFLINE' })[]
}

export type ActivityCounts = {
  inbound: number
  outbound: number
  delivered: number
  read: number
  failed: number
}

/** In milliseconds; null when there were none. */
export type CallbackTimes = { calls: number; failed: number; p50: number | null; p95: number | null }

export type QueueDepth = {
  kind: 'callbacks' | 'sends' | 'statuses'
  waiting: number
  /** There are more than were counted. */
  atLeast: boolean
  oldestMs: number | null
}

/** GET …/senders: for filters. */
export type SenderChoice = {
  sid: string
  address: string
  name: string
  status: 'CREATING' | 'ONLINE' | 'OFFLINE'
}
