/** What every part of the pretend Messenger works with. */

import type postgres from 'postgres'
import type { Clock } from '#core/clock.ts'
import type { Feed } from '../chat/feed.ts'
import type { Dial } from '../dial/dial.ts'

export type Sql = postgres.Sql
/** A transaction or the pool itself. */
export type Tx = postgres.ISql

type LogLine = (fields: Record<string, unknown>, message: string) => void
export type Log = { info: LogLine; warn: LogLine; error: LogLine }

export type World = {
  sql: Sql
  clock: Clock
  dial: Dial
  log: Log
  /** The app that the gateway uses; others may be in the table too. */
  appId: string
  /** Where other programs reach `/sandbox`. */
  baseUrl: () => string
  /** Where browsers reach `/sandbox`. */
  publicUrl: string
  feed: Feed
  /** Says that webhooks were queued, to be sent after this many milliseconds. */
  wake: (afterMs?: number) => void
}
