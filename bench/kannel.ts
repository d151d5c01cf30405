/**
 * Kannel 1.4.5, the SMS gateway in C, on the same load and the same Meta: `smsc = http`, `system-type = generic`. Its
 * store is a file, written once a second, so an answer of "accepted" may come up to a second before the disk knows.
 *
 * Debian's package need not be installed: unpacked with its libraries it runs from a folder, which `KANNEL_DIR` names.
 *   apt-get download kannel libct4 libhiredis0.14 libmariadb3 libpcre3 freetds-common
 *   for each in *.deb; do dpkg -x $each kannel; done
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, globSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../test/free-port.ts'
import { type Bench, check, compared, type Figure, job, withGateway } from './bench.ts'
import { inRounds } from './figures.ts'
import { acceptRate, relayRate, roundRate } from './measure.ts'
import { load } from './processes.ts'
import { PEOPLE } from './world.ts'

const SKIPPED =
  'Kannel is not compared: no bearerbox below KANNEL_DIR or on the PATH (bench/kannel.ts says how to get it).'
const DISTINCT = 4000

/** Both rates against Kannel's; none, with a sentence in the log, where it is not to be had. */
export async function kannel(bench: Bench): Promise<Figure[]> {
  const programs = findKannel()
  if (!programs) {
    bench.log(SKIPPED)
    return []
  }
  const { count } = bench
  const accepted = await withGateway(bench, { PAGEWIRE_ROLES: 'web' }, (gateway, sql) =>
    inRounds(bench, 'accept, Kannel', async () => ({
      // One a second leaves: what is accepted waits, as on a node that only serves the web.
      other: await withKannel(bench, programs, 'throughput = 1', async (port) => {
        const result = await load(job(port, sendsmsRequests(port), count))
        check(result, '202', count)
        return count / result.seconds
      }),
      pagewire: await acceptRate(bench, gateway, sql),
    })),
  )
  const relayed = await withGateway(bench, {}, (gateway, sql) =>
    inRounds(bench, 'relay, Kannel', async () => ({
      other: await withKannel(bench, programs, '', (port) => roundRate(bench, port, sendsmsRequests(port), '202')),
      pagewire: await relayRate(bench, gateway, sql),
    })),
  )
  return [
    compared('accept, against Kannel', 'Kannel 1.4.5, not durable', 2, accepted),
    compared('relay, against Kannel', 'Kannel 1.4.5, not durable', 1.2, relayed),
  ]
}

type Programs = { bearerbox: string; smsbox: string; environment: NodeJS.ProcessEnv }

function findKannel(): Programs | undefined {
  const dir = process.env.KANNEL_DIR
  const places = dir ? [join(dir, 'usr/sbin'), join(dir, 'sbin'), dir] : (process.env.PATH ?? '').split(delimiter)
  const home = places.find((place) => ['bearerbox', 'smsbox'].every((name) => isProgram(join(place, name))))
  if (home === undefined) return undefined
  // Libraries that were unpacked beside it.
  const libraries = dir ? globSync([`${dir}/usr/lib/*-linux-gnu`, `${dir}/lib/*-linux-gnu`]) : []
  const searched = [...libraries, ...(process.env.LD_LIBRARY_PATH ? [process.env.LD_LIBRARY_PATH] : [])]
  return {
    bearerbox: join(home, 'bearerbox'),
    smsbox: join(home, 'smsbox'),
    environment: { ...process.env, ...(searched.length > 0 && { LD_LIBRARY_PATH: searched.join(delimiter) }) },
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Both boxes with an empty store (all of it is written every time), while `use` runs; it gets the port of `sendsms`. */
async function withKannel<T>(
  bench: Bench,
  { bearerbox, smsbox, environment }: Programs,
  ofCentre: string,
  use: (port: number) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(bench.workDir, 'kannel-'))
  await mkdir(join(dir, 'store'))
  const [adminPort, boxPort, incomingPort, sendPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ]
  const file = join(dir, 'kannel.conf')
  await writeFile(file, configuration(dir, { adminPort, boxPort, incomingPort, sendPort }, bench.meta.url, ofCentre))
  const started: ChildProcess[] = []
  const start = async (program: string, port: number) => {
    const child = spawn(program, ['-v', '4', file], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] })
    started.push(child)
    await listens(child, port)
  }
  try {
    await start(bearerbox, boxPort)
    await start(smsbox, sendPort)
    return await use(sendPort)
  } finally {
    // A backlog that waits for a dead centre would keep them from a gentle end.
    for (const child of started.reverse()) {
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await once(child, 'exit')
    }
    await rm(dir, { recursive: true, force: true })
  }
}

async function listens(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (child.exitCode !== null) throw new Error(`Kannel did not start: code ${child.exitCode}`)
    const socket = connect(port, '127.0.0.1')
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (open) return
    await wait(100)
  }
  throw new Error('Kannel does not listen')
}

type Ports = { adminPort: number; boxPort: number; incomingPort: number; sendPort: number }

/** Without access log, and with warnings only, as it is told for load. */
const configuration = (dir: string, ports: Ports, metaUrl: string, ofCentre: string): string => `
group = core
admin-port = ${ports.adminPort}
admin-password = bench
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = ${ports.boxPort}
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
log-level = 3
log-file = "${dir}/bearerbox.log"
store-type = file
store-location = "${dir}/store/kannel"
store-dump-freq = 1

group = smsc
smsc = http
smsc-id = meta
system-type = generic
port = ${ports.incomingPort}
connect-allow-ip = "127.0.0.1"
send-url = "${metaUrl}/kannel?from=%P&to=%p&text=%b"
status-success-regex = "message_id"
status-permfail-regex = "permanent"
status-tempfail-regex = "temporary"
max-pending-submits = 256
${ofCentre}

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = ${ports.boxPort}
sendsms-port = ${ports.sendPort}
log-level = 3
log-file = "${dir}/smsbox.log"
global-sender = 1

group = sendsms-user
username = bench
password = bench
max-messages = 1
`

/** What `createRequests` asks of Pagewire, as Kannel wants to be asked. */
function sendsmsRequests(port: number): string[] {
  return Array.from({ length: DISTINCT }, (_, index) => {
    const { psid, page } = PEOPLE[index % PEOPLE.length] as (typeof PEOPLE)[number]
    const query = new URLSearchParams({
      username: 'bench',
      password: 'bench',
      to: psid,
      from: page,
      text: `Message ${index}: your table is ready.`,
    })
    return `GET /cgi-bin/sendsms?${query} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
  })
}
