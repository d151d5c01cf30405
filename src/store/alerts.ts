/** What a customer caused or must know of, with Twilio's code. */
import type { Id } from '#core/ids.ts'
import { rows, type Tx } from './connection.ts'

export type NewAlert = {
  accountSid: string
  id: Id
  code: number
  level: 'error' | 'warning'
  text: string
  resourceSid: string | null
  /** The messaging service that the resource went through. */
  serviceSid: string | null
  request: { url: string; method: string; variables: string; headers: string } | null
  /** `status`: null when there was no answer. */
  response: { status: number | null; headers: string; body: string } | null
  /** About the call that told of another alert: nobody is told of this one, or there would be no end. */
  isQuiet?: true
}

export type Alert = Omit<NewAlert, 'request' | 'response' | 'isQuiet'> & {
  requestUrl: string | null
  requestMethod: string | null
  requestVariables: string | null
  requestHeaders: string | null
  responseStatus: number | null
  responseHeaders: string | null
  responseBody: string | null
  createdAt: Date
}

/** The same alert (id) twice is one. Answers those of which somebody is to be told (debugger-webhooks.ts). */
export async function insertAlerts(tx: Tx, alerts: readonly NewAlert[]): Promise<AlertKey[]> {
  if (alerts.length === 0) return []
  const input = alerts.map(({ request, response, ...alert }) => ({
    ...alert,
    requestUrl: request?.url,
    requestMethod: request?.method,
    requestVariables: request?.variables,
    requestHeaders: request?.headers,
    responseStatus: response?.status,
    responseHeaders: response?.headers,
    responseBody: response?.body,
  }))
  return await tx<AlertKey[]>`
    with input as (
      select * from json_to_recordset(${rows(input)}::text::json) as a("accountSid" text, id uuid, code integer,
        level text, text text, "resourceSid" text, "serviceSid" text, "requestUrl" text, "requestMethod" text,
        "requestVariables" text, "requestHeaders" text, "responseStatus" integer, "responseHeaders" text,
        "responseBody" text, "isQuiet" boolean)
    ), fresh as (
      insert into alerts (account_sid, id, code, level, text, resource_sid, service_sid, request_url, request_method,
        request_variables, request_headers, response_status, response_headers, response_body)
      select "accountSid", id, code, level, text, "resourceSid", "serviceSid", "requestUrl", "requestMethod",
        "requestVariables", "requestHeaders", "responseStatus", "responseHeaders", "responseBody" from input
      on conflict (account_sid, id) do nothing
      returning account_sid, id
    )
    select distinct f.account_sid, f.id from fresh f
    join input i on i."accountSid" = f.account_sid and i.id = f.id and i."isQuiet" is null
    join accounts a on a.sid = f.account_sid left join accounts p on p.sid = a.parent_sid
    where coalesce(a.debugger_url, p.debugger_url) is not null order by f.id`
}

export type AlertKey = { accountSid: string; id: Id }

/** What is older is not shown any more, even while its partition waits to be dropped (retention.ts). */
const isKept = (sql: Tx) => sql`created_at >= clock_now() - interval '30 days'`

export async function findAlert(sql: Tx, accountSid: string, id: Id): Promise<Alert | undefined> {
  const [row] = await sql<Alert[]>`
    select * from alerts where account_sid = ${accountSid} and id = ${id} and ${isKept(sql)}`
  return row
}

export type AlertFilter = { accountSid: string; level: string | null; from: Date | null; before: Date | null }

/** Newest first; `edge` continues after (older) or before (newer) an alert. Pages come in reading order either way. */
export async function listAlerts(
  sql: Tx,
  filter: AlertFilter,
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<Alert[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<Alert[]>`
    select * from alerts
    where account_sid = ${filter.accountSid} and ${isKept(sql)}
      and (${filter.level}::text is null or level = ${filter.level})
      and (${filter.from}::timestamptz is null or created_at >= ${filter.from})
      and (${filter.before}::timestamptz is null or created_at < ${filter.before})
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}

/** The newest about one thing. */
export async function findAlertsOf(sql: Tx, accountSid: string, resourceSid: string, limit: number): Promise<Alert[]> {
  return await sql<Alert[]>`
    select * from alerts where account_sid = ${accountSid} and resource_sid = ${resourceSid}
    order by id desc limit ${limit}`
}

/** Of one code, newest first, between two ids. */
export async function listAlertsOfCode(
  sql: Tx,
  { accountSid, code, from, older }: { accountSid: string; code: number; from: Id; older: Id | null },
  limit: number,
): Promise<Alert[]> {
  return await sql<Alert[]>`
    select * from alerts where code = ${code} and account_sid = ${accountSid} and id >= ${from}
      ${older ? sql`and id < ${older}` : sql``}
    order by id desc limit ${limit}`
}
