/** The figures: each measures Pagewire and what it is compared with, one after the other, several times in one run. */
import { setTimeout as wait } from 'node:timers/promises'
import { connect, type Sql } from '../src/store/connection.ts'
import type { LoadJob, LoadResult } from './load.ts'
import { load, median, memoryMb, percentile, type Running, startGateway, startProgram } from './processes.ts'
import { connectPages, createRequests, everybodyWrites, gatewayEnvironment, webhookRequests } from './world.ts'

export type Figure = {
  name: string
  unit: string
  pagewire: number
  /** What it is measured against, in the same run. */
  against?: { name: string; value: number; ratio: number; reach: number }
  /** Where it is an absolute bound. */
  bound?: { value: number; kept: boolean }
  note?: string
}

export type Bench = {
  dataDir: string
  meta: Running
  customer: Running
  bareAccept: Running
  bareRelay: Running
  rounds: number
  count: number
  log: (line: string) => void
}

export async function startBench(dataDir: string, rounds: number, count: number, log: Bench['log']): Promise<Bench> {
  const meta = await startProgram('meta.ts')
  const customer = await startProgram('customer.ts')
  const bareAccept = await startProgram('bare.ts')
  const bareRelay = await startProgram('bare.ts', meta.port, customer.port)
  return { dataDir, meta, customer, bareAccept, bareRelay, rounds, count, log }
}

export async function stopBench(bench: Bench): Promise<void> {
  for (const each of [bench.meta, bench.customer, bench.bareAccept, bench.bareRelay]) await each.stop()
}

const CONNECTIONS = 64

const job = (port: number, requests: string[], count: number, rate?: number): LoadJob => ({
  host: '127.0.0.1',
  port,
  requests,
  count,
  connections: CONNECTIONS,
  ...(rate !== undefined && { rate }),
})

/** A gateway on the benchmark's data folder, with a look into its database. */
async function withGateway<T>(
  bench: Bench,
  environment: Record<string, string>,
  use: (gateway: Running, sql: Sql) => Promise<T>,
): Promise<T> {
  const gateway = await startGateway({
    ...gatewayEnvironment(bench.meta.url),
    PAGEWIRE_DATA_DIR: bench.dataDir,
    ...environment,
  })
  const sql = connect({ socketDir: `${bench.dataDir}/run`, port: 5432, database: 'postgres' }, 1)
  try {
    return await use(gateway, sql)
  } finally {
    await sql.end()
    await gateway.stop()
  }
}

export async function prepare(bench: Bench): Promise<void> {
  await withGateway(bench, {}, async (gateway, sql) => {
    await connectPages(gateway)
    await everybodyWrites(gateway)
    await drained(sql)
  })
}

async function drained(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql<{ left: boolean }[]>`select exists (select from lanes) as left`
    if (!row?.left) return
    await wait(10)
  }
}

const sentAtMeta = async (bench: Bench) => Number(await (await fetch(`${bench.meta.url}/count`)).text())
const forgetSends = (bench: Bench) => fetch(`${bench.meta.url}/count`, { method: 'DELETE' })

function check(result: LoadResult, status: string, count: number): void {
  if (result.statuses[status] !== count)
    throw new Error(`expected ${count} × ${status}: ${JSON.stringify(result.statuses)}`)
}

export async function accept(bench: Bench): Promise<Figure> {
  const { count, rounds, bareAccept } = bench
  return await withGateway(bench, { PAGEWIRE_ROLES: 'web' }, async (gateway, sql) => {
    const rates: { bare: number; pagewire: number }[] = []
    for (let round = 0; round <= rounds; round += 1) {
      const bare = await load(job(bareAccept.port, createRequests(bareAccept.port, 4000), count))
      const pagewire = await load(job(gateway.port, createRequests(gateway.port, 4000), count))
      check(pagewire, '201', count)
      await sql`truncate jobs, lanes`
      // The first round warms up.
      if (round > 0) rates.push({ bare: count / bare.seconds, pagewire: count / pagewire.seconds })
      bench.log(
        `accept: bare ${Math.round(count / bare.seconds)}/s, Pagewire ${Math.round(count / pagewire.seconds)}/s`,
      )
    }
    return compared('accept: durable POST Messages.json', 'bare node:http', 0.8, rates)
  })
}

export async function relay(bench: Bench, environment: Record<string, string> = {}): Promise<Figure> {
  return await relayLike(
    bench,
    environment,
    'relay: accept to sent and recorded',
    'bare relay',
    0.7,
    createRequests,
    '201',
  )
}

/** With a callback URL on every Page: set before, and taken off after. */
export async function fullRound(bench: Bench): Promise<Figure> {
  await setCallback(bench, { callback_url: `${bench.customer.url}/reply` })
  const name = 'full round: webhook to callback to TwiML to send'
  const figure = await relayLike(
    bench,
    {},
    name,
    'bare program with the same three exchanges',
    0.5,
    webhookRequests,
    '200',
  )
  await setCallback(bench, { callback_url: null })
  return figure
}

async function relayLike(
  bench: Bench,
  environment: Record<string, string>,
  name: string,
  against: string,
  reach: number,
  requests: (port: number, count: number) => string[],
  status: string,
): Promise<Figure> {
  const { count, rounds, bareRelay } = bench
  // Webhooks must differ, creates may repeat.
  const distinct = status === '200' ? count : 4000
  return await withGateway(bench, environment, async (gateway, sql) => {
    const rates: { bare: number; pagewire: number }[] = []
    for (let round = 0; round <= rounds; round += 1) {
      const measure = async (port: number, settled: () => Promise<void>, expected: string | undefined) => {
        await forgetSends(bench)
        const all = requests(port, distinct)
        const startedAt = performance.now()
        const result = await load(job(port, all, count))
        while ((await sentAtMeta(bench)) < count) await wait(5)
        await settled()
        if (expected) check(result, expected, count)
        return count / ((performance.now() - startedAt) / 1000)
      }
      const bare = await measure(bareRelay.port, async () => {}, undefined)
      const pagewire = await measure(gateway.port, () => drained(sql), status)
      if (round > 0) rates.push({ bare, pagewire })
      bench.log(`${name}: bare ${Math.round(bare)}/s, Pagewire ${Math.round(pagewire)}/s`)
    }
    const figure = compared(name, against, reach, rates)
    return { ...figure, note: `${(await memoryMb(gateway.process)).toFixed(0)} MB resident at the end` }
  })
}

function compared(name: string, against: string, reach: number, rates: { bare: number; pagewire: number }[]): Figure {
  return {
    name,
    unit: 'per second',
    pagewire: median(rates.map((each) => each.pagewire)),
    against: {
      name: against,
      value: median(rates.map((each) => each.bare)),
      ratio: median(rates.map((each) => each.pagewire / each.bare)),
      reach,
    },
  }
}

/** How long Meta waits for its 200, at a steady rate. */
export async function webhookLatency(bench: Bench): Promise<Figure> {
  return await withGateway(bench, {}, async (gateway, sql) => {
    const warm = await load(job(gateway.port, webhookRequests(gateway.port, 1000), 1000, 500))
    check(warm, '200', 1000)
    const result = await load(job(gateway.port, webhookRequests(gateway.port, 5000), 5000, 500))
    check(result, '200', 5000)
    await drained(sql)
    const p99 = percentile(result.latenciesMs, 0.99)
    return { name: "Meta's 200 at 500 events/s, p99", unit: 'ms', pagewire: p99, bound: { value: 50, kept: p99 < 50 } }
  })
}

/** From the webhook's first byte to the customer's server, at a steady rate. */
export async function callbackLatency(bench: Bench): Promise<Figure[]> {
  await setCallback(bench, { callback_url: `${bench.customer.url}/arrive` })
  const figures = await withGateway(bench, {}, async (gateway, sql) => {
    await load(job(gateway.port, webhookRequests(gateway.port, 400), 400, 200))
    await drained(sql)
    await fetch(`${bench.customer.url}/arrivals`, { method: 'DELETE' })
    const result = await load(job(gateway.port, webhookRequests(gateway.port, 2000), 2000, 200))
    check(result, '200', 2000)
    await drained(sql)
    const arrivals = (await (await fetch(`${bench.customer.url}/arrivals`)).json()) as Record<string, number>
    const delays = result.sentAt.map((sentAt, index) => (arrivals[`Hello ${index}`] ?? Number.NaN) - sentAt)
    const figure = (share: number, bound: number): Figure => {
      const value = percentile(delays, share)
      const name = `webhook to customer's server at 200 events/s, p${share * 100}`
      return { name, unit: 'ms', pagewire: value, bound: { value: bound, kept: value < bound } }
    }
    return [figure(0.5, 10), figure(0.99, 60)]
  })
  await setCallback(bench, { callback_url: null })
  return figures
}

/** Relay with a status callback on every Page, against relay without. */
export async function withStatusCallbacks(bench: Bench, without: Figure): Promise<Figure> {
  await setCallback(bench, { status_callback_url: `${bench.customer.url}/status` })
  const figure = await relay(bench)
  await setCallback(bench, { status_callback_url: null })
  const ratio = figure.pagewire / without.pagewire
  return {
    name: 'relay with a status callback per message',
    unit: 'per second',
    pagewire: figure.pagewire,
    against: { name: 'relay without', value: without.pagewire, ratio, reach: 0.6 },
  }
}

async function setCallback(bench: Bench, webhook: object): Promise<void> {
  await withGateway(bench, {}, async (gateway) => connectPages(gateway, webhook))
}

/** Memory of a node with a backlog that Meta does not take yet. */
export async function memoryWithBacklog(bench: Bench, backlog: number): Promise<Figure> {
  return await withGateway(bench, {}, async (gateway, sql) => {
    await sql`update senders set paused_until = now() + interval '1 hour'`
    const result = await load(job(gateway.port, createRequests(gateway.port, 4000), backlog))
    check(result, '201', backlog)
    await forgetSends(bench)
    await sql`update senders set paused_until = null`
    await sql`update lanes set due_at = now()`
    let most = 0
    while ((await sentAtMeta(bench)) < backlog) {
      most = Math.max(most, await memoryMb(gateway.process))
      await wait(100)
    }
    await drained(sql)
    const name = `memory while a backlog of ${backlog} messages drains`
    return { name, unit: 'MB', pagewire: most, bound: { value: 250, kept: most < 250 } }
  })
}
