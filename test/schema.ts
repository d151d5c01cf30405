/** A database's tables, indexes and functions as readable SQL, from PostgreSQL's catalogs, in an order that stays. */
import type { Sql } from '../src/store/connection.ts'

type Table = { oid: string; name: string; unlogged: boolean; options: string[] | null; partitionedBy: string | null }
type Column = { name: string; type: string; required: boolean; fallback: string | null; identity: string }

export async function dumpSchema(sql: Sql, schemas: readonly string[]): Promise<string> {
  const parts: string[] = []
  for (const schema of schemas) {
    await refuseUnknownKinds(sql, schema)
    if (schema !== 'public') parts.push(`create schema ${schema};`)
    for (const { definition } of await functionsOf(sql, schema)) parts.push(`${definition.trim()};`)
    for (const table of await tablesOf(sql, schema)) parts.push(await describe(sql, schema, table))
  }
  return `${parts.join('\n\n')}\n`
}

/** What is not described must not go unnoticed. */
async function refuseUnknownKinds(sql: Sql, schema: string): Promise<void> {
  const unknown = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = ${schema}::regnamespace and relkind not in ('r', 'p', 'i', 'I', 'S', 't')
    union all
    select relname from pg_class p
    where relnamespace = ${schema}::regnamespace and relispartition and relkind in ('r', 'p') and (
      relkind = 'p'
      or exists (select from pg_index join pg_class x on x.oid = indexrelid where indrelid = p.oid and not x.relispartition)
      or exists (select from pg_constraint where conrelid = p.oid and conislocal and contype in ('p', 'u', 'c', 'f', 'x')))
    union all
    select tgname from pg_trigger join pg_class c on c.oid = tgrelid
    where c.relnamespace = ${schema}::regnamespace and not tgisinternal
    union all
    select typname from pg_type where typnamespace = ${schema}::regnamespace and typtype in ('e', 'd', 'r')`
  if (unknown.length > 0) {
    throw new Error(`test/schema.ts cannot describe ${unknown.map(({ name }) => name).join(', ')} yet: teach it to`)
  }
}

const functionsOf = (sql: Sql, schema: string) => sql<{ definition: string }[]>`
  select pg_get_functiondef(oid) as definition from pg_proc
  where pronamespace = ${schema}::regnamespace order by proname, pg_get_function_identity_arguments(oid)`

/** Partitions are told with their table. */
const tablesOf = (sql: Sql, schema: string) => sql<Table[]>`
  select oid::text, relname as name, relpersistence = 'u' as unlogged, reloptions as options,
    pg_get_partkeydef(oid) as partitioned_by
  from pg_class
  where relnamespace = ${schema}::regnamespace and relkind in ('r', 'p') and not relispartition order by relname`

/** Default ones only: those of a time come and go while the program runs (src/store/partitions.ts). */
const partitionsOf = (sql: Sql, table: string) => sql<{ name: string; options: string[] | null }[]>`
  select c.oid::regclass::text as name, c.reloptions as options from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = ${table}::oid and pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'`

async function describe(sql: Sql, schema: string, table: Table): Promise<string> {
  const { oid, name, unlogged, options, partitionedBy } = table
  const columns = await sql<Column[]>`
    select a.attname as name, a.attnotnull as required,
      format_type(a.atttypid, a.atttypmod) || coalesce(' collate "' || (
        select collname from pg_collation c join pg_type t on t.oid = a.atttypid
        where c.oid = a.attcollation and c.oid <> t.typcollation) || '"', '') as type,
      pg_get_expr(d.adbin, d.adrelid) as fallback, a.attidentity as identity
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = ${oid}::oid and a.attnum > 0 and not a.attisdropped order by a.attnum`
  // From PostgreSQL 18 on a "not null" is a constraint with a name too; the column says it.
  const constraints = await sql<{ name: string; definition: string }[]>`
    select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
    where conrelid = ${oid}::oid and contype in ('p', 'u', 'c', 'f', 'x')
    order by array_position('{p,u,c,f,x}', contype::text), conname`
  const indexes = await sql<{ definition: string }[]>`
    select pg_get_indexdef(indexrelid) as definition from pg_index join pg_class c on c.oid = indexrelid
    where indrelid = ${oid}::oid and not exists (select from pg_constraint where conindid = indexrelid)
    order by c.relname`
  const lines = [...columns.map(columnLine), ...constraints.map((each) => `constraint ${each.name} ${each.definition}`)]
  const full = schema === 'public' ? name : `${schema}.${name}`
  const kind = unlogged ? 'unlogged table' : 'table'
  const partitioning = partitionedBy ? ` partition by ${partitionedBy}` : ''
  const partitions = await partitionsOf(sql, oid)
  return [
    `create ${kind} ${full} (\n${lines.map((line) => `  ${line}`).join(',\n')}\n)${partitioning}${storage(options)};`,
    ...partitions.map((each) => `create table ${each.name} partition of ${full} default${storage(each.options)};`),
    ...indexes.map(({ definition }) => `${definition};`),
  ].join('\n')
}

const storage = (options: string[] | null): string => (options ? ` with (${options.join(', ')})` : '')

function columnLine({ name, type, required, fallback, identity }: Column): string {
  const generated = { a: ' generated always as identity', d: ' generated by default as identity' }[identity] ?? ''
  return `${name} ${type}${required ? ' not null' : ''}${fallback === null ? '' : ` default ${fallback}`}${generated}`
}
