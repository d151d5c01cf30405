/** What an account wants to be told of when its usage reaches it (twilio.md 6.6). */
import type { AccountSid, Id } from '#core/ids.ts'
import type { Tx } from './connection.ts'
import type { Method } from './senders.ts'

export type Recurring = 'daily' | 'monthly' | 'yearly' | 'alltime'
export type TriggerBy = 'count' | 'usage' | 'price'

export type NewUsageTrigger = {
  accountSid: AccountSid
  id: Id
  friendlyName: string | null
  usageCategory: string
  triggerBy: TriggerBy
  /** A decimal number, as it was given. */
  triggerValue: string
  /** It fires once in each of these; `alltime`: once. */
  recurring: Recurring
  callbackUrl: string
  callbackMethod: Method
}

export type UsageTrigger = NewUsageTrigger & { firedAt: Date | null; createdAt: Date; updatedAt: Date }

export async function insertUsageTrigger(sql: Tx, t: NewUsageTrigger): Promise<UsageTrigger> {
  const [row] = await sql<UsageTrigger[]>`
    insert into usage_triggers (account_sid, id, friendly_name, usage_category, trigger_by, trigger_value, recurring,
      callback_url, callback_method)
    values (${t.accountSid}, ${t.id}, ${t.friendlyName}, ${t.usageCategory}, ${t.triggerBy},
      ${t.triggerValue}::text::numeric, ${t.recurring}, ${t.callbackUrl}, ${t.callbackMethod})
    returning *`
  return row as UsageTrigger
}

export async function findUsageTrigger(sql: Tx, accountSid: string, id: Id): Promise<UsageTrigger | undefined> {
  const [row] = await sql<UsageTrigger[]>`
    select * from usage_triggers where account_sid = ${accountSid} and id = ${id}`
  return row
}

export type UsageTriggerFilter = {
  accountSid: string
  recurring: string | null
  triggerBy: string | null
  usageCategory: string | null
}

/** Newest first, in reading order whichever way `edge` leads. */
export async function listUsageTriggers(
  sql: Tx,
  filter: UsageTriggerFilter,
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<UsageTrigger[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<UsageTrigger[]>`
    select * from usage_triggers where account_sid = ${filter.accountSid}
      ${filter.recurring === null ? sql`` : sql`and recurring = ${filter.recurring}`}
      ${filter.triggerBy === null ? sql`` : sql`and trigger_by = ${filter.triggerBy}`}
      ${filter.usageCategory === null ? sql`` : sql`and usage_category = ${filter.usageCategory}`}
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}

export async function updateUsageTrigger(
  sql: Tx,
  accountSid: string,
  id: Id,
  change: Pick<NewUsageTrigger, 'friendlyName' | 'callbackUrl' | 'callbackMethod'>,
): Promise<UsageTrigger | undefined> {
  const [row] = await sql<UsageTrigger[]>`
    update usage_triggers set friendly_name = ${change.friendlyName}, callback_url = ${change.callbackUrl},
      callback_method = ${change.callbackMethod}, updated_at = clock_now()
    where account_sid = ${accountSid} and id = ${id} returning *`
  return row
}

export async function deleteUsageTrigger(sql: Tx, accountSid: string, id: Id): Promise<boolean> {
  const gone = await sql`delete from usage_triggers where account_sid = ${accountSid} and id = ${id} returning id`
  return gone.length > 0
}

/** Has not fired in the period that runs now. */
const isWaiting = (sql: Tx) => sql`
  (t.fired_at is null or t.fired_at < case t.recurring
    when 'daily' then date_trunc('day', clock_now(), 'UTC')
    when 'monthly' then date_trunc('month', clock_now(), 'UTC')
    when 'yearly' then date_trunc('year', clock_now(), 'UTC') end)`

/** Those that may fire now, of accounts that are active. */
export async function findWaitingTriggers(sql: Tx): Promise<UsageTrigger[]> {
  return await sql<UsageTrigger[]>`
    select t.* from usage_triggers t join accounts a on a.sid = t.account_sid
    left join accounts p on p.sid = a.parent_sid
    where a.status = 'active' and coalesce(p.status, 'active') = 'active' and ${isWaiting(sql)}
    order by t.account_sid, t.id`
}

/** Answers when; undefined when another node was faster. */
export async function markFired(tx: Tx, { accountSid, id }: UsageTrigger): Promise<Date | undefined> {
  const [row] = await tx<{ firedAt: Date }[]>`
    update usage_triggers t set fired_at = clock_now()
    where account_sid = ${accountSid} and id = ${id} and ${isWaiting(tx)} returning fired_at`
  return row?.firedAt
}
