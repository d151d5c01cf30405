/** `src/main.ts` as a process of its own, on a folder and a port of its own, as an operator runs it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, type Sql } from '../../src/store/connection.ts'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const MAIN = join(ROOT, 'src', 'main.ts')

export type Ids = { uid: number; gid: number }
export type Ended = { code: number | null; signal: string | null; stderr: string; stdout: string; afterMs: number }

export type GatewayProcess = {
  child: ChildProcess
  stdout: () => string
  /** When it has ended, by itself or by this signal. */
  ended: (signal?: NodeJS.Signals) => Promise<Ended>
}

export type Installation = {
  /** Mode 700; the data folder is `data` in it. */
  folder: string
  dataDir: string
  url: string
  environment: Record<string, string>
  /** Without waiting for anything. */
  launch: (more?: Record<string, string>, command?: string[]) => GatewayProcess
  /** Answers when `/readyz` does. */
  start: (more?: Record<string, string>, command?: string[]) => Promise<GatewayProcess>
  postgresPid: () => Promise<number | undefined>
  /** A look into the embedded database. */
  sql: () => Sql
  call: (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Response>
  remove: () => Promise<void>
}

export async function makeInstallation(environment: Record<string, string> = {}, ids?: Ids): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'pagewire-process-'))
  if (ids) await chown(folder, ids.uid, ids.gid)
  const dataDir = join(folder, 'data')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const running = new Set<ChildProcess>()
  const looks: Sql[] = []
  const whole = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    PORT: String(port),
    PAGEWIRE_DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    ...environment,
  }

  const launch = (more: Record<string, string> = {}, command = [process.execPath, MAIN]): GatewayProcess => {
    const [program = '', ...args] = command
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...whole, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...ids,
    })
    running.add(child)
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const closed = once(child, 'close').then(([code, signal]) => {
      running.delete(child)
      return { code, signal } as { code: number | null; signal: string | null }
    })
    return {
      child,
      stdout: () => stdout,
      async ended(signal) {
        const from = performance.now()
        if (signal) child.kill(signal)
        const how = await closed
        return { ...how, stdout, stderr, afterMs: performance.now() - from }
      },
    }
  }
  const postgresPid = async () => {
    const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')
    return Number(text.split('\n')[0]) || undefined
  }

  return {
    folder,
    dataDir,
    url,
    environment: whole,
    launch,
    async start(more, command) {
      const gateway = launch(more, command)
      await eventually(
        'the gateway to be ready',
        async () => {
          if (gateway.child.exitCode !== null) throw new Error(`it ended: ${(await gateway.ended()).stderr}`)
          return fetch(`${url}/readyz`).then(
            ({ status }) => status === 200,
            () => false,
          )
        },
        60_000,
      )
      return gateway
    },
    postgresPid,
    sql() {
      const sql = connect({ socketDir: join(dataDir, 'run'), port: 5432, database: 'postgres' }, 1)
      looks.push(sql)
      return sql
    },
    async call(method, path, body, headers = {}) {
      const { accountSid, authToken } = await credentialsOf(dataDir)
      const isForm = body instanceof URLSearchParams
      return fetch(url + path, {
        method,
        headers: {
          Authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
          ...(body && !isForm && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: isForm ? body : JSON.stringify(body) }),
      })
    },
    async remove() {
      await Promise.all(looks.map((sql) => sql.end({ timeout: 0 })))
      for (const child of running) child.kill('SIGKILL')
      const pid = await postgresPid()
      if (pid && isAlive(pid)) process.kill(pid, 'SIGQUIT')
      await eventually('PostgreSQL to be gone', () => !pid || !isAlive(pid))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function credentialsOf(dataDir: string): Promise<{ accountSid: string; authToken: string }> {
  return JSON.parse(await readFile(join(dataDir, 'credentials.json'), 'utf8'))
}

/** One that has ended and that the system's first process has not reaped yet is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  try {
    // The state comes after the program's name, which is in parentheses (proc_pid_stat(5)).
    return !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
