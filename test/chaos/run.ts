/**
 * One run: a real PostgreSQL, real gateways, a Meta and a customer that misbehave, people who talk, and a killer. Comes
 * in: a plan. Goes out: the ledger. Everything it starts is stopped, whatever happens.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from '../../src/store/connection.ts'
import { startCustomer } from './customer.ts'
import { startDatabase } from './database.ts'
import { createDeliveries } from './deliveries.ts'
import { drain } from './drain.ts'
import { type Disturbance, releaseKiller } from './killer.ts'
import type { Evidence, StoredMessage } from './ledger/evidence.ts'
import { type Ledger, makeLedger } from './ledger/ledger.ts'
import { startMeta } from './meta.ts'
import { makeNode } from './nodes.ts'
import { startSpeakers } from './people.ts'
import type { Plan } from './plan.ts'
import { authorization, gatewayEnvironment, type World } from './world.ts'

export type Run = {
  ledger: Ledger
  diary: Disturbance[]
  /** What happened how often. */
  counts: Record<string, number>
  /** How messages ended. */
  statuses: Record<string, number>
  drainedInMs: number
  evidence: Evidence
  logFiles: string[]
  /** With the nodes' logs; the caller's to remove. */
  dir: string
}

export async function runChaos(plan: Plan, drainWithinMs: number, say: (line: string) => void): Promise<Run> {
  const dir = await mkdtemp(join(tmpdir(), 'pagewire-chaos-'))
  const undo: (() => unknown)[] = []
  // A run that is broken off leaves no process behind.
  const breakOff = () => process.exit(1)
  const onExit: (() => void)[] = []
  const destroyAll = () => {
    for (const destroy of onExit) destroy()
  }
  process.once('SIGINT', breakOff).once('SIGTERM', breakOff).once('exit', destroyAll)
  try {
    const world: World = { plan, nodes: [], faulty: false, aheadMs: 0, refusals: [] }
    const problems: string[] = []
    const storeLog: string[] = []
    const database = await startDatabase(dir, (line) => void storeLog.push(line))
    undo.push(() => database.stop())
    onExit.push(() => database.signal('SIGQUIT'))
    const deliveries = createDeliveries(world)
    const meta = await startMeta(world, deliveries)
    undo.push(() => meta.stop())
    onExit.push(meta.door.destroy)
    const customer = await startCustomer(world)
    undo.push(() => customer.stop())
    for (let index = 0; index < plan.nodes; index += 1) {
      const wrongByMs = plan.clocksWrongByMs[index] ?? 0
      const node = await makeNode(index, dir, database.port, wrongByMs, gatewayEnvironment(meta.url), (ended, how) => {
        problems.push(`${ended.name} ended by itself: ${how}`)
        void ended.start().catch((error: Error) => void problems.push(error.message))
      })
      world.nodes.push(node)
      onExit.push(node.destroy)
      undo.push(async () => {
        node.thaw()
        await node.kill()
        await node.cable.stop()
      })
    }
    await Promise.all(world.nodes.map((node) => node.start()))
    await connectPages(world, customer.url)

    const clocks = plan.clocksWrongByMs.map((ms) => `${ms < 0 ? '' : '+'}${ms / 60_000} min`).join(', ')
    say(`${plan.seconds} s, seed ${plan.seed}, ${plan.nodes} nodes (their clocks: ${clocks}), ${plan.people} people`)
    world.faulty = true
    const speakers = startSpeakers(world, deliveries, customer.url)
    const killer = releaseKiller(plan.disruptions, world.nodes, database, meta.door, say)
    await wait(plan.seconds * 1000)

    say('healing')
    await killer.heal()
    world.faulty = false
    await speakers.fallSilent()
    meta.hurry()
    deliveries.hurry()
    say('draining')
    const from = performance.now()
    await drain(world, database.sql, () => deliveries.pending() + meta.untold(), drainWithinMs).catch((error: Error) =>
      problems.push(error.message),
    )
    const drainedInMs = Math.round(performance.now() - from)

    const evidence: Evidence = {
      said: speakers.said,
      created: speakers.created,
      calls: customer.calls,
      badSignatures: customer.badSignatures,
      copies: meta.copies,
      readUntil: meta.readUntil,
      broken: meta.broken,
      ...(await readStore(database.sql)),
      diary: killer.diary,
      conversations: new Map(plan.conversations.map(({ psid, name }) => [psid, name])),
      problems: [...problems, ...killer.problems, ...world.refusals],
    }
    await writeFile(join(dir, 'postgres.log'), storeLog.join('\n'))
    const outbound = evidence.messages.filter(({ direction }) => direction !== 'inbound')
    return {
      ledger: makeLedger(evidence),
      diary: killer.diary,
      counts: {
        disruptions: killer.diary.length,
        'disruptions skipped': killer.skipped,
        'PostgreSQL crashes': storeLog.filter((line) => line.includes('ended by itself')).length,
        'PostgreSQL errors': storeLog.filter((line) => / (PANIC|ERROR): /.test(line)).length,
        webhooks: deliveries.counts.webhooks,
        'webhook items repeated': deliveries.counts.repetitions,
        ...Object.fromEntries([...meta.faults].map(([name, count]) => [`Meta: ${name}`, count])),
      },
      statuses: Object.fromEntries(
        tally(outbound.map(({ status, errorCode }) => `${status} ${errorCode ?? ''}`.trim())),
      ),
      drainedInMs,
      evidence,
      logFiles: world.nodes.map(({ logFile }) => logFile),
      dir,
    }
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  } finally {
    for (const step of undo.reverse()) await step()
    process.off('SIGINT', breakOff).off('SIGTERM', breakOff).off('exit', destroyAll)
  }
}

async function connectPages(world: World, customerUrl: string): Promise<void> {
  for (const page of new Set(world.plan.conversations.map((each) => each.page))) {
    const answer = await fetch(`${world.nodes[0]?.url}/messaging/v2/Channels/Senders`, {
      method: 'POST',
      headers: { Authorization: authorization, 'Content-Type': 'application/json' },
      body: JSON.stringify({
        sender_id: `messenger:${page}`,
        configuration: { page_access_token: 'EAAtoken' },
        webhook: {
          callback_url: `${customerUrl}/callback#rt=3000&tt=6000`,
          fallback_url: `${customerUrl}/fallback`,
          status_callback_url: `${customerUrl}/status`,
        },
      }),
    })
    if (answer.status !== 202) throw new Error(`connecting a Page: ${answer.status} ${await answer.text()}`)
  }
}

async function readStore(sql: Sql): Promise<{ messages: StoredMessage[]; lanes: number; jobs: number }> {
  const messages = await sql<StoredMessage[]>`
    select id, direction, contact_address, body, num_media, status, error_code, (
      select max(started_at) from message_parts p
      where p.account_sid = m.account_sid and p.message_id = m.id and p.state = 'failed'
    ) as given_up_from from messages m order by id`
  const [left] = await sql<{ lanes: number; jobs: number }[]>`
    select (select count(*) from lanes)::int as lanes, (select count(*) from jobs)::int as jobs`
  return { messages, lanes: left?.lanes ?? 0, jobs: left?.jobs ?? 0 }
}

function tally(words: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words.sort()) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
