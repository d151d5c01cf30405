/** TwiML documents that Pagewire serves itself. */
import type { Sql } from './connection.ts'

export async function findBin(sql: Sql, name: string): Promise<string | undefined> {
  const [row] = await sql<{ twiml: string }[]>`select twiml from bins where name = ${name}`
  return row?.twiml
}

/** Keeps an existing bin as it is. */
export async function addBin(sql: Sql, bin: { name: string; accountSid: string; twiml: string }): Promise<void> {
  await sql`
    insert into bins (name, account_sid, twiml) values (${bin.name}, ${bin.accountSid}, ${bin.twiml})
    on conflict (name) do nothing`
}
