/**
 * What is done at the start and every hour, whatever the node's roles are: partitions made and dropped, keys forgotten
 * that have served their time, what closed accounts had removed. Several nodes may do it at once. What fails is tried again in an hour.
 */

import { sharedClock } from '#core/clock.ts'
import { forgetOldLogins } from '#store/channel-logins.ts'
import { eraseClosedAccounts } from '#store/closed-accounts.ts'
import type { Sql } from '#store/connection.ts'
import { forgetEventKeys } from '#store/events.ts'
import { forgetOldKeys } from '#store/idempotency.ts'
import { makePartitions, type Retention } from '#store/partitions.ts'
import { forgetReplays } from '#store/replays.ts'
import { countStrays, dropOutdated } from '#store/retention.ts'

const HOUR_MS = 3_600_000

type Log = Record<'info' | 'warn' | 'error', (facts: object, text: string) => void>

/** Comes back when there are partitions for what comes in; answers how to stop. What is under way then is cut off. */
export async function startChores(sql: Sql, retention: Retention, log: Log): Promise<() => void> {
  let stopped = false
  let running = false
  const chores = [
    () => prepare(sql, retention, log),
    () => clear(sql, retention, log),
    () => forgetEventKeys(sql),
    () => forgetOldKeys(sql),
    async () => retention === 'forever' || (await forgetReplays(sql, retention, sharedClock.now())),
    () => forgetOldLogins(sql),
    () => erase(sql, log),
  ]
  const run = async (some: typeof chores) => {
    if (running) return
    running = true
    for (const chore of some) {
      if (stopped) break
      await chore().catch((error) => stopped || log.warn({ err: error }, 'a chore failed'))
    }
    running = false
  }
  await run(chores.slice(0, 1))
  run(chores.slice(1))
  const timer = setInterval(run, HOUR_MS, chores)
  return () => {
    stopped = true
    clearInterval(timer)
  }
}

async function prepare(sql: Sql, retention: Retention, log: Log): Promise<void> {
  const made = await makePartitions(sql, retention)
  if (made.length > 0) log.info({ made }, 'partitions were made')
}

async function clear(sql: Sql, retention: Retention, log: Log): Promise<void> {
  const { dropped, locked, atWork } = await dropOutdated(sql, retention)
  if (dropped.length > 0) log.info({ dropped }, 'partitions were dropped: what they held was older than is kept')
  if (locked.length > 0) log.info({ locked }, 'partitions are in use: they are dropped another time')
  if (atWork) log.warn({ messageId: atWork }, 'this message is older than is kept, and still at work: it stays')
  const strays = await countStrays(sql, retention)
  if (strays.length > 0) log.error({ strays }, 'rows lie outside all partitions: is a clock wrong?')
}

async function erase(sql: Sql, log: Log): Promise<void> {
  const accounts = await eraseClosedAccounts(sql)
  if (accounts.length > 0) log.info({ accounts }, 'accounts were closed long ago: what they had was removed')
}
