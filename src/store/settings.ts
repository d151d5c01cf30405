/** Facts of the installation that all its nodes share, sealed. */
import type { Sql } from './connection.ts'
import type { Vault } from './secrets.ts'

const place = (name: string) => `setting:${name}`

export class WrongSecretKey extends Error {}

/** The stored value, or `initial`, which is then stored: the first node that starts decides for all. */
export async function settle<T>(sql: Sql, vault: Vault, name: string, initial: T): Promise<T> {
  await sql`
    insert into settings (name, value) values (${name}, ${vault.seal(JSON.stringify(initial), place(name))})
    on conflict (name) do nothing`
  const [row] = await sql<{ value: Uint8Array }[]>`select value from settings where name = ${name}`
  try {
    return JSON.parse(vault.open((row as { value: Uint8Array }).value, place(name)))
  } catch {
    throw new WrongSecretKey(
      'the database was set up with another secret key: set PAGEWIRE_SECRET_KEY to the one it was made with ' +
        '(secretKey in credentials.json of the data folder of its first start)',
    )
  }
}

/** Runs `make` if it has never succeeded in this installation. Nodes that start together run it one after the other. */
export async function once(sql: Sql, name: string, make: () => Promise<unknown>): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext(${`once ${name}`}))`
    const done = await tx`select 1 from settings where name = ${`once ${name}`}`
    if (done.length > 0) return
    await make()
    await tx`insert into settings (name, value) values (${`once ${name}`}, '')`
  })
}
