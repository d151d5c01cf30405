/** What every step of the flow is given. */
import type { Channel, ProviderApp } from '#core/channel.ts'
import type { Copies } from '#media/copies.ts'
import type { MediaRoom } from '#media/media.ts'
import type { Sql } from '#store/connection.ts'
import type { Vault } from '#store/secrets.ts'
import type { Changes } from './changes.ts'
import type { CommitDoors } from './commit.ts'
import type { Directory } from './directory.ts'
import type { Pace } from './pace.ts'
import type { QueueLimit } from './queue-limit.ts'
import type { Trials } from './trials.ts'

export type Log = {
  debug: (facts: object, text: string) => void
  info: (facts: object, text: string) => void
  warn: (facts: object, text: string) => void
  error: (facts: object, text: string) => void
}

export type Flow = CommitDoors & {
  sql: Sql
  vault: Vault
  directory: Directory
  pace: Pace
  trials: Trials
  queueLimit: QueueLimit
  changes: Changes
  media: MediaRoom
  /** Of files that customers send. */
  copies: Copies
  /** By name, which is also the prefix of its addresses. */
  channels: ReadonlyMap<string, Channel>
  /** The provider's app with this id, if this installation has its secret: its own, or an account's. */
  app: (appId: string) => Promise<ProviderApp | undefined>
  defaultAppId: string
  publicUrl: string
  /** May callbacks reach private addresses? */
  allowPrivateCallbacks: boolean
  /** Aborted when the process stops: nothing waits longer. */
  signal: AbortSignal
  log: Log
}

/** Our own TwiML bins are reached wherever we are; anything else private only where the operator allows it. */
export const mayReachPrivate = (flow: Flow, url: string): boolean =>
  flow.allowPrivateCallbacks || url.startsWith(`${flow.publicUrl}/bins/`)
