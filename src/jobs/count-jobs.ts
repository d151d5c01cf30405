/** How much waits in many lanes, without reading more of it than the answer needs. */
import type { Sql } from '#store/connection.ts'

/** A statement's share: some tens of milliseconds, whatever there is to count. */
const CHUNK = 50_000

/**
 * The jobs in all lanes that begin with this text, which ends in a punctuation mark; `atMost` stands for more. What comes
 * and goes meanwhile may be counted or not. Reads the primary key alone, in whose order lanes are compared by bytes.
 */
export async function countJobs(sql: Sql, beginning: string, atMost: number): Promise<number> {
  const mark = beginning.length - 1
  const end = beginning.slice(0, mark) + String.fromCharCode(beginning.charCodeAt(mark) + 1)
  let counted = 0
  let after = { lane: beginning, id: '0' }
  while (counted < atMost) {
    const size = Math.min(CHUNK, atMost - counted)
    const [last] = await sql<{ count: string; lane: string; id: string }[]>`
      with chunk as materialized (
        select lane, id from jobs where (lane, id) > (${after.lane}, ${after.id}::bigint) and lane < ${end}
        order by lane, id limit ${size}
      )
      select (select count(*) from chunk) as count, lane, id from chunk order by lane desc, id desc limit 1`
    counted += Number(last?.count ?? 0)
    if (!last || Number(last.count) < size) break
    after = last
  }
  return counted
}
