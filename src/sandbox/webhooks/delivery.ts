/**
 * Sends the webhooks that wait, lane by lane, as Meta does (meta.md 1.5): signed, 5 s for an answer of 200, else again at
 * once and then after growing waits. Unlike Meta it never gives up and never unsubscribes the Page.
 */
import { Agent, request } from 'undici'
import { randomOf } from '../dial/random.ts'
import { setWebhookState } from '../world/messages.ts'
import type { World } from '../world/world.ts'
import { joinBodies } from './batch.ts'
import { type Claim, claimLanes, releaseLane, settleRow } from './outbox.ts'
import { signatureHeaders } from './sign.ts'

const CONCURRENCY = 32
const POLL_MS = 1000
const WAKE_STEP_MS = 5
const TIMEOUT_MS = 5000
/** How long `stop` lets requests that are under way finish. */
const GRACE_MS = 1000

/** The wait after so many failed tries: none, then 1 s, doubled up to 30 s. */
export const retryAfterMs = (failures: number): number =>
  failures <= 1 ? 0 : Math.min(1000 * 2 ** (failures - 2), 30_000)

export type Delivery = { start(): void; wake(afterMs?: number): void; stop(): Promise<void> }

/** `world` is asked for late: the world itself wakes the delivery. */
export function createDelivery(world: () => World): Delivery {
  const agent = new Agent({ connections: CONCURRENCY })
  const aborter = new AbortController()
  const underWay = new Set<Promise<void>>()
  /** By the moment they fire, in steps: a thousand sends in one step are one look into the database. */
  const timers = new Map<number, NodeJS.Timeout>()
  let poll: NodeJS.Timeout | undefined
  let running = false
  let claiming = false
  let again = false

  function wake(afterMs = 0): void {
    if (!running) return
    const at = Math.ceil((Date.now() + afterMs) / WAKE_STEP_MS) * WAKE_STEP_MS
    if (timers.has(at)) return
    const fire = () => {
      timers.delete(at)
      void claim()
    }
    timers.set(at, setTimeout(fire, afterMs === 0 ? 0 : at - Date.now()))
  }

  async function claim(): Promise<void> {
    if (claiming) {
      again = true
      return
    }
    claiming = true
    try {
      do {
        again = false
        const free = CONCURRENCY - underWay.size
        if (!running || free === 0) break
        const claims = await claimLanes(world().sql, free)
        const joined = claims.filter((lane) => lane.rows[0]?.batchSize)
        for (const lane of claims) if (!joined.includes(lane)) track(deliverLane(lane))
        for (const appId of new Set(joined.map((lane) => lane.appId))) {
          track(deliverJoined(joined.filter((lane) => lane.appId === appId)))
        }
        if (claims.length === free) again = true
      } while (again)
    } catch (error) {
      world().log.warn({ err: error }, 'sandbox: cannot look for webhooks to send')
    } finally {
      claiming = false
    }
  }

  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => world().log.warn({ err: error }, 'sandbox: sending webhooks failed'))
      .finally(() => {
        underWay.delete(tracked)
        wake()
      })
    underWay.add(tracked)
  }

  async function deliverLane(lane: Claim): Promise<void> {
    const { sql, log } = world()
    for (const [index, row] of lane.rows.entries()) {
      const problem = lane.callbackUrl === null ? undefined : await post(lane.callbackUrl, lane.appSecret, row.body)
      if (problem !== undefined) {
        if (aborter.signal.aborted) return releaseLane(sql, lane)
        const waitMs = retryAfterMs(lane.attempts + 1)
        log.warn({ appId: lane.appId, psid: lane.psid, problem, waitMs }, 'sandbox: webhook not accepted')
        if (row.mid !== null && waitMs > 0) await tell(row.mid, 'failed', lane.psid)
        await releaseLane(sql, lane, waitMs)
        return wake(waitMs)
      }
      lane.attempts = 0
      if (row.mid !== null) await tell(row.mid, lane.callbackUrl === null ? 'failed' : 'accepted', lane.psid)
      const isLast = !running || index === lane.rows.length - 1
      if (!(await settleRow(sql, lane, row.id, isLast)) || isLast) return
    }
    return releaseLane(sql, lane)
  }

  /** One app's lanes that begin with events which may share a webhook: as many as fit go together. */
  async function deliverJoined(lanes: Claim[]): Promise<void> {
    const { sql, log } = world()
    const size = Math.min(...lanes.map((lane) => lane.rows[0]!.batchSize!))
    const taken: { lane: Claim; row: Claim['rows'][number] }[] = []
    for (const lane of lanes) {
      const end = lane.rows.findIndex(({ batchSize }) => batchSize === null)
      const rows = end === -1 ? lane.rows : lane.rows.slice(0, end)
      for (const row of rows) if (taken.length < size) taken.push({ lane, row })
    }
    const { callbackUrl, appSecret } = lanes[0]!
    const random = randomOf(taken[0]!.row.id)
    const body = joinBodies(
      taken.map(({ row }) => row.body),
      random,
    )
    const problem = callbackUrl === null ? undefined : await post(callbackUrl, appSecret, body)
    if (problem !== undefined) {
      const waitMs = retryAfterMs(Math.max(...lanes.map((lane) => lane.attempts)) + 1)
      if (!aborter.signal.aborted) log.warn({ appId: lanes[0]!.appId, problem, waitMs }, 'sandbox: batch not accepted')
      for (const lane of lanes) await (aborter.signal.aborted ? releaseLane(sql, lane) : releaseLane(sql, lane, waitMs))
      return wake(waitMs)
    }
    for (const { lane, row } of taken) {
      if (row.mid !== null) await tell(row.mid, callbackUrl === null ? 'failed' : 'accepted', lane.psid)
      await settleRow(sql, lane, row.id, false)
    }
    for (const lane of lanes) await releaseLane(sql, lane)
  }

  async function tell(mid: string, state: 'accepted' | 'failed', psid: string): Promise<void> {
    if (await setWebhookState(world().sql, mid, state)) world().feed.publish({ type: 'message', psid, mid })
  }

  /** Answers what went wrong, or undefined when the app took it. */
  async function post(url: string, appSecret: string, body: string): Promise<string | undefined> {
    try {
      const signal = AbortSignal.any([aborter.signal, AbortSignal.timeout(TIMEOUT_MS)])
      const response = await request(url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': 'facebookexternalua',
          ...signatureHeaders(body, appSecret),
        },
        body,
        signal,
        dispatcher: agent,
      })
      await response.body.dump({ limit: 65_536, signal })
      return response.statusCode === 200 ? undefined : `HTTP ${response.statusCode}`
    } catch (error) {
      return error instanceof Error ? error.message || error.name : 'failed'
    }
  }

  return {
    wake,
    start() {
      if (running) return
      running = true
      poll = setInterval(() => void claim(), POLL_MS)
      wake()
    },
    async stop() {
      running = false
      clearInterval(poll)
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
      const grace = setTimeout(() => aborter.abort(), GRACE_MS)
      while (underWay.size > 0) await Promise.all(underWay)
      clearTimeout(grace)
      await agent.destroy()
    },
  }
}
