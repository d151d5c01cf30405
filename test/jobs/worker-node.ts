/** One node with a dispatcher, as a gateway has it, on a connection pool of its own. */
import { type Dispatcher, type JobResult, startDispatcher } from '../../src/jobs/dispatcher.ts'
import { joinNodes, type Node } from '../../src/jobs/node.ts'
import { noOffer } from '../../src/jobs/offer.ts'
import { type Begun, enqueue, type Job, type JobKind, type NewJob } from '../../src/jobs/queue.ts'
import { createWake } from '../../src/jobs/wake.ts'
import { connect, type Sql, type Tx } from '../../src/store/connection.ts'
import type { TestDatabase } from '../database.ts'

export type WorkerNode = {
  sql: Sql
  node: Node
  dispatcher: Dispatcher
  errors: unknown[]
  /** In a transaction, as a gateway does: what it begins or follows is in this node's hands at once. */
  add: (jobs: NewJob[]) => Promise<void>
  stop: () => Promise<void>
  /** As `kill -9`: nothing is said to the database any more. */
  kill: () => Promise<void>
}

/** `change` is one transaction, with `begun` for what it enqueues. */
export type Change = (write: (tx: Tx, begun: Begun) => Promise<void>) => Promise<void>
export type Run = (job: Job, sql: Sql, node: Node, change: Change) => Promise<JobResult>

export async function startWorkerNode(
  database: TestDatabase,
  run: Run,
  { concurrency = 8, perGroup = 1000, deaf = false, kind = 'send-message' as JobKind } = {},
): Promise<WorkerNode> {
  const sql = connect({ url: database.url }, 6)
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const wake = await createWake(sql, onError)
  const node = await joinNodes(sql, false, onError)
  const change: Change = async (write) => {
    const offer = deaf ? noOffer() : dispatcher.offer()
    try {
      await sql.begin((tx) => write(tx, offer))
    } catch (error) {
      offer.drop(true)
      throw error
    }
    offer.keep()
  }
  const dispatcher = startDispatcher([{ kind, concurrency, perGroup, run: (job) => run(job, sql, node, change) }], {
    sql,
    node,
    wake: deaf ? { ...wake, listen: () => {}, say: () => {}, tellOthers: () => {} } : wake,
    onError,
  })
  let gone = false
  return {
    sql,
    node,
    dispatcher,
    errors,
    add: (jobs) => change((tx, begun) => enqueue(tx, jobs, begun)),
    async stop() {
      if (gone) return
      gone = true
      await dispatcher.stop(5000)
      await node.stop().catch(onError)
      await wake.stop()
      await sql.end({ timeout: 1 })
    },
    async kill() {
      gone = true
      await sql.end({ timeout: 0 })
      await dispatcher.stop(0)
      await node.stop().catch(() => {})
    },
  }
}

export const job = (lane: string, nth: unknown, more: Partial<NewJob> = {}): NewJob => ({
  kind: 'send-message',
  lane,
  group: 'a page',
  data: { accountSid: 'AC', nth },
  ...more,
})

export const nthOf = (each: Job): unknown => each.data.nth

export async function lanesLeft(sql: Tx): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from lanes`
  return row?.count ?? 0
}

export async function jobsLeft(sql: Tx): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from jobs`
  return row?.count ?? 0
}
