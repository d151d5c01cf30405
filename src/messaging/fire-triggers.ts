/**
 * Looks at the usage triggers about once a minute, as Twilio does. Comes in: what was counted. Goes out: a `report-usage`
 * job for each trigger that was reached, in the transaction that says that it has fired. Several nodes may look at once.
 */
import { enqueue } from '#jobs/queue.ts'
import type { Sql } from '#store/connection.ts'
import { addUpUsage } from '#store/usage.ts'
import { findWaitingTriggers, markFired, type UsageTrigger } from '#store/usage-triggers.ts'
import type { Flow } from './flow.ts'
import { measureUsage } from './measure-usage.ts'

const LOOK_EVERY_MS = 60_000

/** Answers how to stop. */
export function watchUsage({ sql, channels, log }: Pick<Flow, 'sql' | 'channels' | 'log'>): () => void {
  let isLooking = false
  let isStopped = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    try {
      await addUpUsage(sql)
      await fireTriggers(sql, channels.keys())
    } catch (error) {
      if (!isStopped) log.warn({ err: error }, 'usage was not looked at')
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  return () => {
    isStopped = true
    clearInterval(timer)
  }
}

export async function fireTriggers(sql: Sql, channels: Iterable<string>): Promise<void> {
  const meter = measureUsage(sql, channels)
  for (const trigger of await findWaitingTriggers(sql)) {
    const current = await meter(trigger)
    if (current >= Number(trigger.triggerValue)) await fire(sql, trigger, current)
  }
}

async function fire(sql: Sql, trigger: UsageTrigger, current: number): Promise<void> {
  await sql.begin(async (tx) => {
    const firedAt = await markFired(tx, trigger)
    if (!firedAt) return
    const { accountSid, id } = trigger
    await enqueue(tx, [
      {
        kind: 'report-usage',
        lane: `usage:${id}`,
        group: accountSid,
        data: { accountSid, triggerId: id, current: String(current), firedAt: firedAt.toISOString() },
      },
    ])
  })
}
