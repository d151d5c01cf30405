/**
 * A primary and its standby: what it costs to wait for the standby, and what becomes of accepted messages when the primary
 * is killed and the standby takes its place. Nodes reach whoever is the primary by one address that moves, and nobody
 * reaches a primary that comes back.
 */
import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, type Sql } from '../src/store/connection.ts'
import { type EmbeddedServer, startEmbedded } from '../src/store/embedded.ts'
import { freePort } from '../test/free-port.ts'
import { type Bench, drained, type Figure, forgetSends, sentAtMeta } from './bench.ts'
import { relayRate } from './measure.ts'
import { median, type Running, startGateway } from './processes.ts'
import { ACCOUNT, authorization, connectPages, everybodyWrites, gatewayEnvironment, PEOPLE } from './world.ts'

const CLIENTS = 16
const BEFORE_MS = 4000
/** How long it takes somebody to notice and decide. */
const DECIDED_AFTER_MS = 1000
const AFTER_MS = 8000
const SETTLE_MS = 15_000
const LONGEST_PAUSE_MS = 5000

type Database = { port: number; dataDir: string; server: EmbeddedServer; sql: Sql }

export async function failover(bench: Bench): Promise<Figure[]> {
  const [dataDir, standbyDir] = [join(bench.workDir, 'primary'), join(bench.workDir, 'standby')]
  const environment = { ...gatewayEnvironment(bench.meta.url), PAGEWIRE_DATA_DIR: join(bench.workDir, 'failover') }
  const port = await freePort()
  const first = await startDatabase(dataDir, port)
  const gateway = await startGateway({ ...environment, DATABASE_URL: urlOf(port) })
  await connectPages(gateway)
  await everybodyWrites(gateway)
  await drained(first.sql)
  await gateway.stop()
  await stopDatabase(first)
  await copyAsStandby(dataDir, standbyDir, port)

  const primary = await startDatabase(dataDir, port)
  const standby = await startDatabase(standbyDir, await freePort())
  const address = await movingAddress(primary.port)
  const node = await startGateway({ ...environment, DATABASE_URL: urlOf(address.port) })
  try {
    const rates = []
    for (let nth = 0; nth <= bench.rounds; nth += 1) {
      await setSynchronous(primary, false)
      const without = await relayRate(bench, node, primary.sql)
      await setSynchronous(primary, true)
      const waiting = await relayRate(bench, node, primary.sql)
      if (nth > 0) rates.push({ waiting, without })
      bench.log(`failover: relay ${Math.round(without)}/s asynchronous, ${Math.round(waiting)}/s synchronous`)
    }
    const rate: Figure = {
      name: 'relay with a synchronous standby',
      unit: 'per second',
      pagewire: median(rates.map(({ waiting }) => waiting)),
      against: {
        name: 'with an asynchronous one',
        value: median(rates.map(({ without }) => without)),
        ratio: median(rates.map(({ waiting, without }) => waiting / without)),
      },
    }
    return [rate, ...(await takeOver(bench, node, primary, standby, address))]
  } finally {
    await node.stop()
    address.stop()
    await stopDatabase(primary)
    await stopDatabase(standby)
  }
}

async function takeOver(
  bench: Bench,
  node: Running,
  primary: Database,
  standby: Database,
  address: MovingAddress,
): Promise<Figure[]> {
  await forgetSends(bench)
  const callers = keepCreating(node)
  await wait(BEFORE_MS)
  await kill(primary)
  address.move(undefined)
  await wait(DECIDED_AFTER_MS)
  await standby.sql`select pg_promote()`
  address.move(standby.port)
  await wait(AFTER_MS)
  const accepted = await callers.stop()
  const waiting = await settle(standby.sql)
  const kept = await standby.sql<{ id: string }[]>`
    select 'SM' || replace(id::text, '-', '') as id from messages where body like 'During a failover %'`
  const stored = new Set(kept.map(({ id }) => id))
  const lost = accepted.filter(({ sid }) => !stored.has(sid)).length
  const times = accepted.map(({ atMs }) => atMs).sort((a, b) => a - b)
  const pauseMs = Math.max(...times.slice(1).map((atMs, index) => atMs - (times[index] as number)))
  return [
    {
      name: 'failover: longest time without a 201',
      unit: 'ms',
      pagewire: pauseMs,
      bound: { value: LONGEST_PAUSE_MS, kept: pauseMs < LONGEST_PAUSE_MS },
      note: `${DECIDED_AFTER_MS} ms of it until the standby is promoted`,
    },
    {
      name: 'failover: accepted and lost',
      unit: 'messages',
      pagewire: lost,
      bound: { value: 1, kept: lost === 0 },
      note: `${accepted.length} accepted, ${stored.size} stored, ${await sentAtMeta(bench)} sent, ${waiting} wait to see whether they were`,
    },
  ]
}

/** Sends whose answer was lost wait five minutes for an echo, which the pretended Meta does not give. Answers how many. */
async function settle(sql: Sql): Promise<number> {
  for (let left = SETTLE_MS / 100; ; left -= 1) {
    const [row] = await sql<{ waiting: number }[]>`select count(*)::integer as waiting from jobs`
    if (row?.waiting === 0 || left <= 0) return row?.waiting ?? 0
    await wait(100)
  }
}

const urlOf = (port: number) => `postgres://pagewire@127.0.0.1:${port}/postgres`

async function startDatabase(dataDir: string, port: number): Promise<Database> {
  const settings = { listen_addresses: '127.0.0.1', port: String(port) }
  const server = await startEmbedded({ dataDir, settings, log: () => {} })
  return { port, dataDir, server, sql: connect({ url: urlOf(port) }, 1) }
}

async function stopDatabase({ sql, server }: Database): Promise<void> {
  await sql.end({ timeout: 1 })
  await server.stop()
}

/** Of a server that is stopped. */
async function copyAsStandby(from: string, to: string, primaryPort: number): Promise<void> {
  await mkdir(to)
  execFileSync('cp', ['-a', join(from, 'postgres'), join(to, 'postgres')])
  await writeFile(join(to, 'postgres', 'standby.signal'), '')
  const where = `host=127.0.0.1 port=${primaryPort} user=pagewire application_name=standby`
  await appendFile(join(to, 'postgres', 'postgresql.auto.conf'), `primary_conninfo = '${where}'\n`)
}

/** Comes back when it is in force. */
async function setSynchronous({ sql }: Database, on: boolean): Promise<void> {
  await sql.unsafe(`alter system set synchronous_standby_names = '${on ? 'ANY 1 (standby)' : ''}'`)
  await sql`select pg_reload_conf()`
  for (;;) {
    const [standby] = await sql<{ state: string }[]>`select sync_state as state from pg_stat_replication`
    if (standby?.state === (on ? 'quorum' : 'async')) return
    await wait(50)
  }
}

/** All of it at once: the children of a postmaster that is killed alone would answer a little longer. */
async function kill({ dataDir }: Database): Promise<void> {
  const pid = Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
  process.kill(pid, 'SIGSTOP')
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  for (const child of children.split('\n').map(Number)) if (child > 1) process.kill(child, 'SIGKILL')
  process.kill(pid, 'SIGKILL')
}

type MovingAddress = { port: number; move: (to: number | undefined) => void; stop: () => void }

/** A port behind which is another one, or nobody; whoever is connected when it moves is cut off. */
async function movingAddress(first: number): Promise<MovingAddress> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let target: number | undefined = first
  const server = createServer((near) => {
    if (target === undefined) return near.resetAndDestroy()
    const far = dial(target, '127.0.0.1')
    near.pipe(far).pipe(near)
    for (const [own, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(own)
      own.on('error', () => {})
      own.on('close', () => {
        sockets.delete(own)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const cutOff = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port,
    move(to) {
      target = to
      cutOff()
    },
    stop() {
      server.close()
      cutOff()
    },
  }
}

type Accepted = { sid: string; atMs: number }

/** Callers who repeat each create, with its idempotency key, until it is answered with 201. */
function keepCreating(node: Running): { stop: () => Promise<Accepted[]> } {
  const accepted: Accepted[] = []
  let stopped = false
  const create = async (key: string, { psid, page }: (typeof PEOPLE)[number]) => {
    const answer = await fetch(`${node.url}/2010-04-01/Accounts/${ACCOUNT.sid}/Messages.json`, {
      method: 'POST',
      headers: { Authorization: authorization, 'Idempotency-Key': key },
      body: new URLSearchParams({
        To: `messenger:${psid}`,
        From: `messenger:${page}`,
        Body: `During a failover ${key}`,
      }),
      signal: AbortSignal.timeout(8000),
    })
    const { sid } = (await answer.json()) as { sid: string }
    if (answer.status === 201) accepted.push({ sid, atMs: performance.now() })
    return answer.status === 201
  }
  const caller = async (nth: number) => {
    for (let count = 0; !stopped; count += 1) {
      const person = PEOPLE[(nth * 100 + count) % PEOPLE.length] as (typeof PEOPLE)[number]
      while (!(await create(`${nth}-${count}`, person).catch(() => false))) await wait(100)
      await wait(20)
    }
  }
  const all = Array.from({ length: CLIENTS }, (_, nth) => caller(nth))
  return {
    async stop() {
      stopped = true
      await Promise.all(all)
      return accepted
    },
  }
}
