/** The PostgreSQL that a killed gateway left running in a data folder: stopped cleanly, so that it can be started anew. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

const STOP_WITHIN_MS = 10_000
const KILL_WITHIN_MS = 5_000

export async function stopLeftOver(pgDir: string, log: (line: string) => void): Promise<void> {
  const pidFile = await readFile(join(pgDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(pidFile.split('\n')[0])
  if (!(pid > 1) || !(await isPostgresOf(pid, pgDir))) return
  log(`stopping the PostgreSQL (pid ${pid}) that an earlier start left running`)
  process.kill(pid, 'SIGINT')
  if (await endsWithin(pid, STOP_WITHIN_MS)) return
  process.kill(pid, 'SIGQUIT')
  await endsWithin(pid, KILL_WITHIN_MS)
}

async function endsWithin(pid: number, ms: number): Promise<boolean> {
  for (const deadline = performance.now() + ms; performance.now() < deadline; ) {
    if (!isAlive(pid)) return true
    await wait(10)
  }
  return !isAlive(pid)
}

/** A pid may have been taken by another program since: only a PostgreSQL that works in our folder is ours to stop. */
async function isPostgresOf(pid: number, pgDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  const commandLine =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      : await promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).then(
          ({ stdout }) => stdout,
          () => '',
        )
  const words = commandLine.replaceAll('\0', ' ')
  return words.includes('postgres') && `${words} `.includes(` -D ${pgDir} `)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
