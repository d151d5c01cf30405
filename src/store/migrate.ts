/**
 * Brings a database to this version's schema: numbered files, once each, each in one transaction. Several nodes may
 * start together (an advisory lock lets one go first); a database that is newer than the program is refused.
 */
import { readdir, readFile } from 'node:fs/promises'
import type { Sql } from './connection.ts'

export class SchemaTooNew extends Error {}

const LOCK_KEY = 0x5061_6765 // 'Page'

/** `series` names a room's own list of files, so that two rooms can share a database. Idempotent. */
export async function migrate(sql: Sql, series: string, folder: URL): Promise<void> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort()
  const connection = await sql.reserve()
  try {
    await connection`select pg_advisory_lock(${LOCK_KEY})`
    await connection`
      create table if not exists migrations (
        series text, version integer, name text not null, applied_at timestamptz not null default now(),
        primary key (series, version))`
    const applied = await connection<{ version: number }[]>`
      select version from migrations where series = ${series} order by version`
    const newest = applied.at(-1)?.version ?? 0
    const known = Number(files.at(-1)?.slice(0, 4) ?? 0)
    if (newest > known) {
      throw new SchemaTooNew(
        `the database is at schema ${series} ${newest}, this version of Pagewire knows ${known}: start a newer version`,
      )
    }
    for (const name of files) {
      const version = Number(name.slice(0, 4))
      if (version <= newest) continue
      const text = await readFile(new URL(name, folder), 'utf8')
      // One simple-protocol query is one transaction, DDL included.
      const record = `insert into migrations (series, version, name) values ('${series}', ${version}, '${name}')`
      await connection
        .unsafe(`begin;\n${text}\n;${record};\ncommit`)
        .simple()
        .catch(async (error) => {
          await connection.unsafe('rollback')
          throw new Error(`the migration ${name} failed: ${error.message}`, { cause: error })
        })
    }
  } finally {
    await connection`select pg_advisory_unlock(${LOCK_KEY})`.catch(() => {})
    connection.release()
  }
}
