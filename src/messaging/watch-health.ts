/**
 * Looks at every sender about every six hours. Comes in: what is due. Goes out: findings (`examine-sender`). Several nodes
 * may watch at once: each takes its own, and what a node that died had taken is due again after two minutes.
 */
import type { AccountSid, Id } from '#core/ids.ts'
import { postponeCheck, takeDueChecks } from '#store/sender-checks.ts'
import { nextCheckInMs } from './check-interval.ts'
import { examineSender } from './examine-sender.ts'
import type { Flow } from './flow.ts'

const LOOK_EVERY_MS = 5_000
const AT_ONCE = 4
const LEASE_MS = 120_000

/** Answers how to stop. */
export function watchHealth(flow: Flow): () => void {
  let isLooking = false
  let isStopped = false
  const warn = (error: unknown) => {
    if (!isStopped) flow.log.warn({ err: error }, 'senders were not looked at')
  }
  const examine = async ({ accountSid, senderId }: { accountSid: AccountSid; senderId: Id }) => {
    const looked = await examineSender(flow, accountSid, senderId)
    if (!looked) await postponeCheck(flow.sql, accountSid, senderId, nextCheckInMs())
  }
  const look = async () => {
    if (isLooking) return
    isLooking = true
    try {
      while (!isStopped) {
        const due = await takeDueChecks(flow.sql, AT_ONCE, LEASE_MS)
        await Promise.all(due.map((each) => examine(each).catch(warn)))
        if (due.length < AT_ONCE) break
      }
    } catch (error) {
      warn(error)
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
