/**
 * One and two nodes on one database that they share over TCP, as `DATABASE_URL` makes it. What bounds the sum is the
 * machine: load generator, Meta, database and nodes share its cores, so processor time per message is told beside the rate.
 */
import { cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, type Sql } from '../src/store/connection.ts'
import { startEmbedded } from '../src/store/embedded.ts'
import { freePort } from '../test/free-port.ts'
import { type Bench, check, drained, type Figure, forgetSends, job, sentAtMeta } from './bench.ts'
import { load, median, type Running, startGateway } from './processes.ts'
import { cpuSeconds } from './usage.ts'
import { connectPages, createRequests, everybodyWrites, gatewayEnvironment } from './world.ts'

/** How far the two may stay behind the one: what sharing costs. */
const REACH = 0.9

type Round = { rate: number; nodesCpuMs: number; databaseCpuMs: number; cores: number }

export async function nodes(bench: Bench): Promise<Figure[]> {
  const port = await freePort()
  const server = await startEmbedded({
    dataDir: join(bench.workDir, 'shared'),
    settings: { listen_addresses: '127.0.0.1', port: String(port) },
    log: () => {},
  })
  const url = `postgres://pagewire@127.0.0.1:${port}/postgres`
  const sql = connect({ url }, 1)
  const running: Running[] = []
  const start = async (nth: number) => {
    const environment = { DATABASE_URL: url, PAGEWIRE_DATA_DIR: join(bench.workDir, `node-${nth}`) }
    const gateway = await startGateway({ ...gatewayEnvironment(bench.meta.url), ...environment })
    running.push(gateway)
    return gateway
  }
  try {
    const first = await start(1)
    await connectPages(first)
    await everybodyWrites(first)
    await drained(sql)
    const second = await start(2)
    const rounds: { one: Round; two: Round }[] = []
    for (let nth = 0; nth <= bench.rounds; nth += 1) {
      // Frozen, not ended: a program that has just started is slower than one that is warm.
      second.process.kill('SIGSTOP')
      await alive(sql, 1)
      const one = await measure(bench, sql, [first])
      second.process.kill('SIGCONT')
      await alive(sql, 2)
      const two = await measure(bench, sql, [first, second])
      // The first round warms up.
      if (nth > 0) rounds.push({ one, two })
      bench.log(`nodes: one ${Math.round(one.rate)}/s, two ${Math.round(two.rate)}/s`)
    }
    return report(rounds)
  } finally {
    for (const gateway of running) {
      gateway.process.kill('SIGCONT')
      await gateway.stop()
    }
    await sql.end()
    await server.stop()
  }
}

/** A frozen node is given up by the other one, and comes back by itself. */
async function alive(sql: Sql, count: number): Promise<void> {
  for (;;) {
    const [row] = await sql<{ count: string }[]>`select count(*) from nodes`
    if (Number(row?.count) === count) return
    await wait(100)
  }
}

/** Relay, with the load shared by the nodes. */
async function measure(bench: Bench, sql: Sql, gateways: Running[]): Promise<Round> {
  const { count } = bench
  await forgetSends(bench)
  const [backend] = await sql<{ postmaster: number }[]>`
    select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::integer as postmaster`
  const taken = async () => {
    const all = await Promise.all(gateways.map((gateway) => cpuSeconds(gateway.process.pid)))
    return { nodes: all.reduce((sum, each) => sum + each, 0), database: await cpuSeconds(backend?.postmaster) }
  }
  const [before, machineBefore, startedAt] = [await taken(), busySeconds(), performance.now()]
  const share = Math.floor(count / gateways.length)
  const parts = await Promise.all(
    gateways.map((gateway, nth) => {
      const own = nth === 0 ? count - share * (gateways.length - 1) : share
      const all = job(gateway.port, createRequests(gateway.port, 4000), own)
      return load({ ...all, connections: all.connections / gateways.length }).then((result) => ({ result, own }))
    }),
  )
  for (const { result, own } of parts) check(result, '201', own)
  while ((await sentAtMeta(bench)) < count) await wait(5)
  await drained(sql)
  const seconds = (performance.now() - startedAt) / 1000
  const after = await taken()
  return {
    rate: count / seconds,
    nodesCpuMs: ((after.nodes - before.nodes) * 1000) / count,
    databaseCpuMs: ((after.database - before.database) * 1000) / count,
    cores: (busySeconds() - machineBefore) / seconds,
  }
}

/** Of all cores together. */
const busySeconds = (): number =>
  cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1000, 0)

function report(rounds: { one: Round; two: Round }[]): Figure[] {
  const of = (which: 'one' | 'two', value: (round: Round) => number) =>
    median(rounds.map((round) => value(round[which])))
  const cpuMs = ({ nodesCpuMs, databaseCpuMs }: Round) => nodesCpuMs + databaseCpuMs
  const ratio = (value: (round: Round) => number) => median(rounds.map(({ one, two }) => value(one) / value(two)))
  const parts = (which: 'one' | 'two') =>
    `${of(which, (round) => round.nodesCpuMs).toFixed(3)} nodes + ${of(which, (round) => round.databaseCpuMs).toFixed(3)} database`
  const cores = cpus().length
  const busy = (which: 'one' | 'two') => of(which, (round) => round.cores).toFixed(2)
  return [
    {
      name: 'relay, two nodes on one database',
      unit: 'per second',
      pagewire: of('two', ({ rate }) => rate),
      against: {
        name: 'one node on it',
        value: of('one', ({ rate }) => rate),
        ratio: 1 / ratio(({ rate }) => rate),
      },
      note: `of ${cores} cores ${busy('one')} were busy with one node, ${busy('two')} with two`,
    },
    {
      name: 'processor time per message, two nodes',
      unit: 'ms',
      pagewire: of('two', cpuMs),
      // As with the rates, more is better: what one node needs, in shares of what two need.
      against: { name: 'one node', value: of('one', cpuMs), ratio: ratio(cpuMs), reach: REACH },
      note: `${parts('two')}; with one: ${parts('one')}`,
    },
  ]
}
