/** What was done again on purpose: single messages, and batches of all that fit a filter. */
import { type AccountSid, firstIdAt, type Id } from '#core/ids.ts'
import { rows, type Tx } from './connection.ts'

export type ReplayKind = 'inbound' | 'status' | 'send'

export type NewReplay = {
  accountSid: AccountSid
  messageId: Id
  /** Of the request: it repeats a message once. */
  id: Id
  kind: ReplayKind
  madeBy: string
  madeId: Id | null
}

export type ReplayRecord = NewReplay & { createdAt: Date }

const keyOf = ({ messageId, id }: Pick<NewReplay, 'messageId' | 'id'>) => `${messageId} ${id}`

/** Answers those that are new. */
export async function insertReplays(tx: Tx, replays: readonly NewReplay[]): Promise<(replay: NewReplay) => boolean> {
  if (replays.length === 0) return () => false
  const made = await tx<{ messageId: Id; id: Id }[]>`
    insert into replays (account_sid, message_id, id, kind, made_by, made_id)
    select "accountSid", "messageId", id, kind, "madeBy", "madeId"
    from json_to_recordset(${rows(replays)}::text::json) as r("accountSid" text, "messageId" uuid, id uuid, kind text,
      "madeBy" text, "madeId" uuid)
    order by "accountSid", "messageId", id
    on conflict (account_sid, message_id, id) do nothing returning message_id, id`
  const fresh = new Set(made.map(keyOf))
  return (replay) => fresh.delete(keyOf(replay))
}

/** Oldest first. */
export async function findReplays(sql: Tx, accountSid: string, messageId: Id): Promise<ReplayRecord[]> {
  return await sql<ReplayRecord[]>`
    select * from replays where account_sid = ${accountSid} and message_id = ${messageId} order by created_at limit 100`
}

export async function findReplay(
  sql: Tx,
  accountSid: string,
  messageId: Id,
  id: Id,
): Promise<ReplayRecord | undefined> {
  const [row] = await sql<ReplayRecord[]>`
    select * from replays where account_sid = ${accountSid} and message_id = ${messageId} and id = ${id}`
  return row
}

/** Those of these messages that were sent anew before. */
export async function findSentAnew(sql: Tx, accountSid: string, messageIds: readonly Id[]): Promise<Set<Id>> {
  const found = await sql<{ messageId: Id }[]>`
    select distinct message_id from replays
    where account_sid = ${accountSid} and message_id = any(${messageIds}::uuid[]) and kind = 'send'`
  return new Set(found.map(({ messageId }) => messageId))
}

export type NewBatch = {
  accountSid: AccountSid
  id: Id
  kind: ReplayKind
  filter: Record<string, string>
  options: { replies: boolean }
  beforeId: Id
  total: number
  madeBy: string
}

export type Batch = NewBatch & {
  cursorId: Id
  done: number
  skipped: number
  state: 'running' | 'done' | 'stopped'
  createdAt: Date
}

/** False when there is one with this id. */
export async function insertBatch(tx: Tx, b: NewBatch): Promise<boolean> {
  const made = await tx`
    insert into replay_batches (account_sid, id, kind, filter, options, before_id, cursor_id, total, made_by)
    values (${b.accountSid}, ${b.id}, ${b.kind}, ${JSON.stringify(b.filter)}::text::json,
      ${JSON.stringify(b.options)}::text::json, ${b.beforeId}, ${firstIdAt(new Date(0))}, ${b.total}, ${b.madeBy})
    on conflict (account_sid, id) do nothing returning id`
  return made.length > 0
}

export async function findBatch(sql: Tx, accountSid: string, id: Id): Promise<Batch | undefined> {
  const [row] = await sql<Batch[]>`select * from replay_batches where account_sid = ${accountSid} and id = ${id}`
  return row
}

/** How far it came. Null as cursor: to the end. Changes nothing of one that has ended, or whose cursor has moved on. */
export async function advanceBatch(
  sql: Tx,
  batch: Pick<Batch, 'accountSid' | 'id' | 'cursorId'>,
  step: { cursorId: Id | null; done: number; skipped: number },
): Promise<void> {
  await sql`
    update replay_batches set done = done + ${step.done}, skipped = skipped + ${step.skipped}, updated_at = clock_now(),
      cursor_id = coalesce(${step.cursorId}::uuid, cursor_id),
      state = case when ${step.cursorId}::uuid is null then 'done' else state end
    where account_sid = ${batch.accountSid} and id = ${batch.id} and state = 'running' and cursor_id = ${batch.cursorId}`
}

export async function stopBatch(sql: Tx, accountSid: string, id: Id): Promise<boolean> {
  const stopped = await sql`
    update replay_batches set state = 'stopped', updated_at = clock_now()
    where account_sid = ${accountSid} and id = ${id} and state = 'running' returning id`
  return stopped.length > 0
}

/** Of messages that are older than is kept. */
export async function forgetReplays(sql: Tx, days: number, now: Date): Promise<void> {
  const oldest = firstIdAt(new Date(now.getTime() - days * 24 * 3_600_000))
  for (const [table, key] of [
    ['replays', 'message_id'],
    ['replay_batches', 'id'],
  ] as const) {
    await sql`delete from ${sql(table)} r using accounts a where r.account_sid = a.sid and r.${sql(key)} < ${oldest}`
  }
}
