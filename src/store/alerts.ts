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
  request: { url: string; method: string; variables: string; headers: string } | null
  response: { headers: string; body: string } | null
}

export type Alert = Omit<NewAlert, 'request' | 'response'> & {
  requestUrl: string | null
  requestMethod: string | null
  requestVariables: string | null
  requestHeaders: string | null
  responseHeaders: string | null
  responseBody: string | null
  createdAt: Date
}

/** The same alert (id) twice is one. */
export async function insertAlerts(tx: Tx, alerts: readonly NewAlert[]): Promise<void> {
  if (alerts.length === 0) return
  const input = alerts.map(({ request, response, ...alert }) => ({
    ...alert,
    requestUrl: request?.url,
    requestMethod: request?.method,
    requestVariables: request?.variables,
    requestHeaders: request?.headers,
    responseHeaders: response?.headers,
    responseBody: response?.body,
  }))
  await tx`
    insert into alerts (account_sid, id, code, level, text, resource_sid, request_url, request_method,
      request_variables, request_headers, response_headers, response_body)
    select "accountSid", id, code, level, text, "resourceSid", "requestUrl", "requestMethod",
      "requestVariables", "requestHeaders", "responseHeaders", "responseBody"
    from json_to_recordset(${rows(input)}::text::json) as a("accountSid" text, id uuid, code integer, level text,
      text text, "resourceSid" text, "requestUrl" text, "requestMethod" text, "requestVariables" text,
      "requestHeaders" text, "responseHeaders" text, "responseBody" text)
    on conflict (account_sid, id) do nothing`
}

export async function findAlert(sql: Tx, accountSid: string, id: Id): Promise<Alert | undefined> {
  const [row] = await sql<Alert[]>`select * from alerts where account_sid = ${accountSid} and id = ${id}`
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
    where account_sid = ${filter.accountSid}
      and (${filter.level}::text is null or level = ${filter.level})
      and (${filter.from}::timestamptz is null or created_at >= ${filter.from})
      and (${filter.before}::timestamptz is null or created_at < ${filter.before})
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}
