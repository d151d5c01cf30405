/** The PostgreSQL that a killed gateway left running in a data folder: stopped cleanly, so that it can be started anew. */
import { execFile } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

const STOP_WITHIN_MS = 10_000
const KILL_WITHIN_MS = 5_000

type Folders = { pgDir: string; socketDir: string }

/** Only for who holds the data folder (folder-hold.ts). */
export async function stopLeftOver({ pgDir, socketDir }: Folders, log: (line: string) => void): Promise<void> {
  const path = join(pgDir, 'postmaster.pid')
  const pid = Number((await readFile(path, 'utf8').catch(() => '')).split('\n')[0])
  if (pid > 1 && (await isPostgresOf(pid, pgDir))) {
    log(`stopping the PostgreSQL (pid ${pid}) that an earlier start left running`)
    process.kill(pid, 'SIGINT')
    if (!(await endsWithin(pid, pgDir, STOP_WITHIN_MS))) {
      process.kill(pid, 'SIGQUIT')
      if (!(await endsWithin(pid, pgDir, KILL_WITHIN_MS))) return
    }
  }
  // PostgreSQL takes whoever has the number in its lock files now for its server, also one that has ended and that nobody
  // has reaped: in a container for ever. Whether processes of its own are left it also tells by its shared memory.
  const ofSocket = (await readdir(socketDir)).filter((name) => name.startsWith('.s.PGSQL.'))
  for (const left of [path, ...ofSocket.map((name) => join(socketDir, name))]) await rm(left, { force: true })
}

async function endsWithin(pid: number, pgDir: string, ms: number): Promise<boolean> {
  for (const deadline = performance.now() + ms; performance.now() < deadline; ) {
    if (!(await isPostgresOf(pid, pgDir))) return true
    await wait(10)
  }
  return false
}

/**
 * A pid may have been taken by another program since: only a PostgreSQL that works in our folder is ours to stop. One that
 * has ended has no command line any more, reaped or not.
 */
async function isPostgresOf(pid: number, pgDir: string): Promise<boolean> {
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
