/** A real PostgreSQL of the run's own, with everything that makes it durable, and its supervisor. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type Sql } from '../../src/store/connection.ts'
import { startEmbedded } from '../../src/store/embedded.ts'
import { freePort } from '../free-port.ts'

export type Database = {
  port: number
  /** Past the cables. */
  sql: Sql
  signal: (signal: 'SIGKILL' | 'SIGQUIT') => void
  stop: () => Promise<void>
}

export async function startDatabase(dataDir: string, log: (line: string) => void): Promise<Database> {
  const port = await freePort()
  const server = await startEmbedded({
    dataDir,
    settings: { listen_addresses: '127.0.0.1', port: String(port), fsync: 'on', max_connections: '200' },
    log,
  })
  const sql = connect({ url: `postgres://pagewire@127.0.0.1:${port}/postgres` }, 2)
  return {
    port,
    sql,
    signal(signal) {
      const pid = Number(read(join(dataDir, 'postgres', 'postmaster.pid')).split('\n')[0])
      // It may be down already, and a dead one's number may be another's.
      if (pid > 1 && read(`/proc/${pid}/cmdline`).includes(dataDir)) process.kill(pid, signal)
    },
    async stop() {
      await sql.end({ timeout: 1 })
      await server.stop()
    },
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
