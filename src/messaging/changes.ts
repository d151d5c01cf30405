/**
 * Tells whoever watches an account that something in it has changed. Comes in: what was just committed, on any node. Goes
 * out: at most one word per account and kind in `TELL_EVERY_MS`, with the newest id. Only a hint to look again: nothing
 * depends on it, and nobody waits for it.
 */
import type { Id } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'
import type { Unit } from './commit.ts'

export type ChangeKind = 'message' | 'alert' | 'sender'
/** `id`: of one that changed, where it is known; there may be others. */
export type Change = { kind: ChangeKind; accountSid: string; id: Id | null }

export type Changes = {
  say: (kind: ChangeKind, accountSid: string, id: Id | null) => void
  /** Answers how to end it. */
  watch: (accountSid: string, listener: (change: Change) => void) => () => void
  stop: () => Promise<void>
}

const TELL_EVERY_MS = 250
const CHANNEL = 'pagewire_changes'
/** A notification holds less than 8,000 bytes (PostgreSQL, "NOTIFY"); a change takes at most 80. */
const PER_NOTIFICATION = 90

export async function createChanges(sql: Sql, onError: (error: unknown) => void): Promise<Changes> {
  const watchers = new Map<string, Set<(change: Change) => void>>()
  const pending = new Map<string, Id | null>()
  let timer: NodeJS.Timeout | undefined

  const hear = (payload: string) => {
    for (const line of payload.split('\n')) {
      const [kind, accountSid = '', id] = line.split(' ')
      for (const listener of watchers.get(accountSid) ?? []) {
        listener({ kind: kind as ChangeKind, accountSid, id: id ? (id as Id) : null })
      }
    }
  }
  const listening = await sql.listen(CHANNEL, hear)
  const tell = () => {
    timer = undefined
    const lines = [...pending].map(([key, id]) => `${key} ${id ?? ''}`)
    pending.clear()
    const payloads: string[] = []
    for (let from = 0; from < lines.length; from += PER_NOTIFICATION) {
      payloads.push(lines.slice(from, from + PER_NOTIFICATION).join('\n'))
    }
    sql`select pg_notify(${CHANNEL}, payload) from unnest(${payloads}::text[]) as p(payload)`.catch(onError)
  }
  return {
    say(kind, accountSid, id) {
      const key = `${kind} ${accountSid}`
      pending.set(key, id ?? pending.get(key) ?? null)
      timer ??= setTimeout(tell, TELL_EVERY_MS)
    },
    watch(accountSid, listener) {
      const listeners = watchers.get(accountSid) ?? new Set()
      watchers.set(accountSid, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) watchers.delete(accountSid)
      }
    },
    async stop() {
      clearTimeout(timer)
      await listening.unlisten().catch(() => {})
    },
  }
}

/** What a unit of change means to those who watch. */
export function tellOf(say: Changes['say']): (units: readonly Changing[]) => void {
  return (units) => {
    for (const unit of units) {
      const { event, messages, statuses, startedParts, receipts, partResults, action, alerts, troubles } = unit
      if (event?.accountSid && event.note !== null) say('message', event.accountSid, null)
      for (const { accountSid, id } of messages ?? []) say('message', accountSid, id)
      for (const { accountSid, messageId } of statuses ?? []) say('message', accountSid, messageId)
      for (const { accountSid, messageId } of startedParts ?? []) say('message', accountSid, messageId)
      for (const { accountSid, messageId } of partResults ?? []) say('message', accountSid, messageId)
      for (const { accountSid } of receipts ?? []) say('message', accountSid, null)
      if (action) say('message', action.accountSid, null)
      for (const { accountSid, id } of alerts ?? []) say('alert', accountSid, id)
      for (const { accountSid, id, alert } of troubles ?? []) {
        say('sender', accountSid, id)
        say('alert', accountSid, alert.id)
      }
    }
  }
}

type Changing = Pick<
  Unit,
  'event' | 'messages' | 'statuses' | 'startedParts' | 'partResults' | 'receipts' | 'action' | 'alerts' | 'troubles'
>
