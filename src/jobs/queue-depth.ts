/** How much waits for a sender, and since when, without reading more than `atMost` jobs of it. */
import type { Tx } from '#store/connection.ts'

export type Depth = { waiting: number; oldestMs: number | null }

/** The jobs in all lanes that begin with one of these texts, which end in a punctuation mark. */
export async function depthOfLanes(sql: Tx, beginnings: readonly string[], atMost: number): Promise<Depth> {
  const ranges = beginnings.map((text) => {
    const mark = text.length - 1
    return [text, text.slice(0, mark) + String.fromCharCode(text.charCodeAt(mark) + 1)] as const
  })
  return await depth(
    sql,
    sql`
      select j.created_at from unnest(${ranges.map(([from]) => from)}::text[], ${ranges.map(([, to]) => to)}::text[])
        as r(beginning, ending)
      cross join lateral (
        select created_at from jobs where lane >= r.beginning and lane < r.ending order by lane limit ${atMost}
      ) j limit ${atMost}`,
  )
}

/** The jobs of one kind that these groups wait for and no node has in hand. */
export async function depthOfGroups(sql: Tx, kind: string, groups: readonly string[], atMost: number): Promise<Depth> {
  return await depth(
    sql,
    sql`
      select j.created_at from unnest(${[...groups]}::text[]) as g("group")
      cross join lateral (
        select lane from lanes where kind = ${kind} and group_key = g."group" and node_id is null limit ${atMost}
      ) l
      cross join lateral (select created_at from jobs where jobs.lane = l.lane order by id limit 1) j limit ${atMost}`,
  )
}

async function depth(sql: Tx, jobs: ReturnType<typeof pending>): Promise<Depth> {
  const [row] = await sql<Depth[]>`
    select count(*)::integer as waiting, extract(epoch from clock_now() - min(created_at))::float8 * 1000 as oldest_ms
    from (${jobs}) counted`
  return row ?? { waiting: 0, oldestMs: null }
}

const pending = (sql: Tx) => sql``
