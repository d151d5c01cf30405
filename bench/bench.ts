/** What every figure needs: the programs that run all the time, a gateway on the benchmark's data folder, the table's row. */
import { setTimeout as wait } from 'node:timers/promises'
import { connect, type Sql } from '../src/store/connection.ts'
import type { LoadJob, LoadResult } from './load.ts'
import { median, type Running, startGateway, startProgram } from './processes.ts'
import { connectPages, everybodyWrites, gatewayEnvironment } from './world.ts'

export type Figure = {
  name: string
  unit: string
  pagewire: number
  /** What it is measured against, in the same run. Without `reach` it explains and proves nothing. */
  against?: { name: string; value: number; ratio: number; reach?: number }
  /** Where it is an absolute bound. */
  bound?: { value: number; kept: boolean }
  note?: string
  /** How a value went over time, for the JSON. */
  curve?: { atS: number; mb: number; left: number }[]
}

export type Bench = {
  /** The gateway's, with everybody connected by `prepare`. */
  dataDir: string
  /** For further databases. */
  workDir: string
  meta: Running
  customer: Running
  bareAccept: Running
  bareRelay: Running
  rounds: number
  count: number
  log: (line: string) => void
}

export async function startBench(workDir: string, rounds: number, count: number, log: Bench['log']): Promise<Bench> {
  const meta = await startProgram('meta.ts')
  const customer = await startProgram('customer.ts')
  const bareAccept = await startProgram('bare.ts')
  const bareRelay = await startProgram('bare.ts', meta.port, customer.port)
  return { dataDir: `${workDir}/data`, workDir, meta, customer, bareAccept, bareRelay, rounds, count, log }
}

export async function stopBench(bench: Bench): Promise<void> {
  for (const each of [bench.meta, bench.customer, bench.bareAccept, bench.bareRelay]) await each.stop()
}

const CONNECTIONS = 64

export const job = (port: number, requests: string[], count: number, rate?: number): LoadJob => ({
  host: '127.0.0.1',
  port,
  requests,
  count,
  connections: CONNECTIONS,
  ...(rate !== undefined && { rate }),
})

/** A gateway on the benchmark's data folder, with a look into its database. */
export async function withGateway<T>(
  bench: Bench,
  environment: Record<string, string>,
  use: (gateway: Running, sql: Sql) => Promise<T>,
): Promise<T> {
  const dataDir = environment.PAGEWIRE_DATA_DIR ?? bench.dataDir
  const gateway = await startGateway({
    ...gatewayEnvironment(bench.meta.url),
    PAGEWIRE_DATA_DIR: dataDir,
    ...environment,
  })
  const sql = connect({ socketDir: `${dataDir}/run`, port: 5432, database: 'postgres' }, 1)
  try {
    return await use(gateway, sql)
  } finally {
    await sql.end()
    await gateway.stop()
  }
}

/** Everybody connected, and everybody has written. */
export async function prepare(bench: Bench, environment: Record<string, string> = {}): Promise<void> {
  await withGateway(bench, environment, async (gateway, sql) => {
    await connectPages(gateway)
    await everybodyWrites(gateway)
    await drained(sql)
  })
}

export async function drained(sql: Sql): Promise<void> {
  for (;;) {
    const [row] = await sql<{ left: boolean }[]>`select exists (select from lanes) as left`
    if (!row?.left) return
    await wait(10)
  }
}

export const sentAtMeta = async (bench: Bench) => Number(await (await fetch(`${bench.meta.url}/count`)).text())
export const forgetSends = (bench: Bench) => fetch(`${bench.meta.url}/count`, { method: 'DELETE' })

export function check(result: LoadResult, status: string, count: number): void {
  if (result.statuses[status] !== count)
    throw new Error(`expected ${count} × ${status}: ${JSON.stringify(result.statuses)}`)
}

/** A round's rates, of Pagewire and of what it is compared with. */
export type Rates = { pagewire: number; other: number }

/** The median round of each, and the median of the rounds' ratios. */
export function compared(name: string, against: string, reach: number, rates: Rates[]): Figure {
  return {
    name,
    unit: 'per second',
    pagewire: median(rates.map((each) => each.pagewire)),
    against: {
      name: against,
      value: median(rates.map((each) => each.other)),
      ratio: median(rates.map((each) => each.pagewire / each.other)),
      reach,
    },
  }
}
