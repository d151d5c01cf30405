/** What is measured again and again, in messages per second: accept alone, and relay until the last one is recorded. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from '../src/store/connection.ts'
import { type Bench, check, drained, forgetSends, job, sentAtMeta } from './bench.ts'
import { load, type Running } from './processes.ts'
import { createRequests } from './world.ts'

/** Creates repeat after so many. */
const DISTINCT = 4000

/** Of a node with `PAGEWIRE_ROLES=web`: nothing is sent meanwhile, and what would be is forgotten. */
export async function acceptRate(bench: Bench, gateway: Running, sql: Sql): Promise<number> {
  const { count } = bench
  const result = await load(job(gateway.port, createRequests(gateway.port, DISTINCT), count))
  check(result, '201', count)
  await sql`truncate jobs, lanes`
  return count / result.seconds
}

export const relayRate = (bench: Bench, gateway: Running, sql: Sql): Promise<number> =>
  roundRate(bench, gateway.port, createRequests(gateway.port, DISTINCT), '201', () => drained(sql))

/** From the first request until Meta has as many sends and `settled` says that they are recorded. */
export async function roundRate(
  bench: Bench,
  port: number,
  requests: string[],
  status: string,
  settled: () => Promise<void> = async () => {},
): Promise<number> {
  const { count } = bench
  await forgetSends(bench)
  const startedAt = performance.now()
  const result = await load(job(port, requests, count))
  check(result, status, count)
  while ((await sentAtMeta(bench)) < count) await wait(5)
  await settled()
  return count / ((performance.now() - startedAt) / 1000)
}
