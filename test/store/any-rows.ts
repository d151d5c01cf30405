/** Rows for any table that has an `account_sid`, made from what the catalog says, so that a new table has some too. */
import { randomUUID } from 'node:crypto'
import { newId } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'

/** Not the parts that tables are partitioned into. */
export async function tablesOfAccounts(sql: Sql): Promise<string[]> {
  const found = await sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attname = 'account_sid' and not a.attisdropped
    order by c.relname`
  return found.map(({ name }) => name)
}

type Column = { name: string; type: string; check: string | null; isKey: boolean }

async function requiredColumns(sql: Sql, table: string): Promise<Column[]> {
  return await sql<Column[]>`
    select a.attname as name, format_type(a.atttypid, null) as type,
      (select pg_get_constraintdef(k.oid) from pg_constraint k
        where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum] limit 1) as check,
      exists (select from pg_constraint k
        where k.conrelid = a.attrelid and k.contype in ('p', 'u') and a.attnum = any(k.conkey)) as is_key
    from pg_attribute a
    where a.attrelid = ${table}::regclass and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
      and a.attname <> 'account_sid' and (a.attnotnull and not a.atthasdef or a.attname like '%id' and a.attnotnull)`
}

function valueFor({ name, type, check, isKey }: Column): unknown {
  const [, allowed] = /'([^']*)'/.exec(check ?? '') ?? []
  if (allowed !== undefined) return allowed
  if (type === 'uuid') return newId()
  if (type === 'text') return isKey ? randomUUID() : `a ${name}`
  if (type === 'json' || type === 'jsonb') return '{}'
  if (type === 'text[]') return '{}'
  if (type === 'bytea') return randomUUID()
  if (type === 'boolean') return false
  if (type === 'date') return '2026-11-22'
  if (type.startsWith('timestamp')) return new Date().toISOString()
  if (/int|numeric/.test(type)) return Math.floor(Math.random() * 2_000_000_000)
  throw new Error(`no value is known for the type ${type} of ${name}`)
}

/** Whatever its foreign keys lead to need not be there. */
export async function insertAnyRows(sql: Sql, table: string, accountSid: string, count: number): Promise<void> {
  const columns = await requiredColumns(sql, table)
  const names = ['account_sid', ...columns.map(({ name }) => name)]
  const values = names.map(
    (name, nth) => `$${nth + 1}::text::${name === 'account_sid' ? 'text' : columns[nth - 1]?.type}`,
  )
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`
    for (let nth = 0; nth < count; nth += 1) {
      const row = [accountSid, ...columns.map(valueFor)].map(String)
      await tx.unsafe(`insert into ${table} (${names.join(', ')}) values (${values.join(', ')})`, row)
    }
  })
}

/** Of each table all rows of an account, as one text. */
export async function rowsOfAccount(sql: Sql, accountSid: string): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {}
  for (const table of await tablesOfAccounts(sql)) {
    const found = await sql.unsafe<{ row: string }[]>(
      `select t::text as row from ${table} t where account_sid = $1 order by 1`,
      [accountSid],
    )
    all[table] = found.map(({ row }) => row)
  }
  return all
}
