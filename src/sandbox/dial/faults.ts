/** The faults that are set, and the dice that decide when they happen. In PostgreSQL, so that all nodes throw the same ones. */
import type { FaultName } from '../contract.ts'
import type { Sql, Tx } from '../world/world.ts'
import { randomOf } from './random.ts'

export const ALL_PAGES = 'all'

export type FaultRow = {
  /** A Page's id, or `all`. */
  pageId: string
  name: FaultName
  probability: number
  countLeft: number | null
  seed: number
  amount: number | null
  hits: number
}

const columns = (sql: Tx) => sql`
  page_id as "pageId", name, probability, count_left::float8 as "countLeft", seed::float8 as seed,
  amount::float8 as amount, hits::float8 as hits`

/** Every fault, or those that concern one Page. With those whose count has run out. */
export const listFaults = (sql: Tx, pageId: string | null = null) => sql<FaultRow[]>`
  select ${columns(sql)} from sandbox.faults
  where ${pageId}::text is null or page_id in (${pageId}, ${ALL_PAGES}) order by page_id, name`

/** Its dice begin anew. */
export async function putFault(sql: Tx, fault: Omit<FaultRow, 'hits'>): Promise<void> {
  const { pageId, name, probability, countLeft, seed, amount } = fault
  await sql`
    insert into sandbox.faults (page_id, name, probability, count_left, seed, amount)
    values (${pageId}, ${name}, ${probability}, ${countLeft}, ${seed}, ${amount})
    on conflict (page_id, name) do update set probability = excluded.probability, count_left = excluded.count_left,
      seed = excluded.seed, amount = excluded.amount, hits = 0, drawn = '{}'`
}

/** Without a name every one of that Page, without a Page every one. */
export async function removeFaults(sql: Tx, pageId: string | null, name: string | null): Promise<void> {
  await sql`
    delete from sandbox.faults
    where (${pageId}::text is null or page_id = ${pageId}) and (${name}::text is null or name = ${name})`
}

/** `random` goes on where the decision ended: for what else there is to choose. */
export type Hit = { name: FaultName; amount: number | null; random: () => number }

export type Drawn = {
  /** What befalls each of the happenings. */
  hits: Hit[][]
  /** A fault has happened for the last time: what nodes remember of the dial is old. */
  isChanged: boolean
}

/**
 * Throws the dice for things that happen to a Page, each with the faults that could befall it. Which throw decides is
 * counted in the fault's row, whose lock is held until the transaction ends.
 */
export async function draw(
  tx: Tx,
  pageId: string,
  happenings: readonly (readonly Pick<FaultRow, 'pageId' | 'name'>[])[],
): Promise<Drawn> {
  const asked = happenings.flat()
  const hits: Hit[][] = happenings.map(() => [])
  if (asked.length === 0) return { hits, isChanged: false }
  const rows = await tx<(FaultRow & { drawn: number; pageNumber: number })[]>`
    select f.page_id as "pageId", f.name, f.probability, f.count_left::float8 as "countLeft", f.seed::float8 as seed,
      f.amount::float8 as amount, f.hits::float8 as hits, coalesce((f.drawn->>p.id)::float8, 0) as drawn,
      p.number as "pageNumber"
    from sandbox.faults f join sandbox.pages p on p.id = ${pageId}
    where f.page_id in (${pageId}, ${ALL_PAGES}) and f.name in ${tx(asked.map(({ name }) => name))}
      and f.count_left is distinct from 0
    order by f.page_id, f.name for update of f`
  let isChanged = false
  for (const row of rows) {
    const before = row.hits
    for (const [index, faults] of happenings.entries()) {
      if (!faults.some((fault) => fault.pageId === row.pageId && fault.name === row.name)) continue
      row.drawn += 1
      const random = randomOf(row.seed, row.name, row.pageNumber, row.drawn)
      if (row.countLeft === 0 || random() >= row.probability) continue
      hits[index]!.push({ name: row.name, amount: row.amount, random })
      row.hits += 1
      if (row.countLeft !== null) row.countLeft -= 1
    }
    if (row.countLeft === 0 && row.hits > before) isChanged = true
  }
  const changes = rows.map(({ pageId: scope, name, countLeft, hits: count, drawn }) => ({
    scope,
    name,
    countLeft,
    hits: count,
    drawn,
  }))
  await tx`
    update sandbox.faults f
    set count_left = c."countLeft", hits = c.hits, drawn = f.drawn || jsonb_build_object(${pageId}::text, c.drawn)
    from json_to_recordset(${JSON.stringify(changes)}::text::json)
      as c(scope text, name text, "countLeft" bigint, hits bigint, drawn bigint)
    where f.page_id = c.scope and f.name = c.name`
  return { hits, isChanged }
}

export const drawAlone = (sql: Sql, pageId: string, faults: readonly FaultRow[]): Promise<Drawn> =>
  sql.begin((tx) => draw(tx, pageId, [faults])) as Promise<Drawn>
