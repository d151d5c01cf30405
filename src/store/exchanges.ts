/** Calls to the customer's server and what it answered, in full. Their times are kept on the database's clock. */
import type { Id } from '#core/ids.ts'
import { rows, type Tx } from './connection.ts'

export type NewExchange = {
  accountSid: string
  id: Id
  /** Of one that is about no message, an id that was made with it. */
  messageId: Id
  purpose: 'callback' | 'fallback' | 'redirect' | 'status' | 'usage'
  /** What one that is about no message is about. */
  resourceSid?: string | null
  url: string
  method: string
  requestHeaders: Record<string, string>
  requestParams: Record<string, string>
  status: number | null
  responseHeaders: Record<string, string>
  responseBody: string
  startedAt: Date
  durationMs: number
  errorCode: number | null
  errorText: string | null
}

export async function insertExchanges(tx: Tx, exchanges: readonly NewExchange[]): Promise<void> {
  if (exchanges.length === 0) return
  await tx`
    insert into exchanges (account_sid, id, message_id, purpose, url, method, request_headers, request_params, status,
      response_headers, response_body, started_at, duration_ms, error_code, error_text, resource_sid)
    select "accountSid", id, "messageId", purpose, url, method, "requestHeaders", "requestParams", status,
      "responseHeaders", "responseBody", "startedAt" + (clock_now() - now()), round("durationMs"), "errorCode",
      "errorText", "resourceSid"
    from json_to_recordset(${rows(exchanges)}::text::json) as x("accountSid" text, id uuid, "messageId" uuid,
      purpose text, url text, method text, "requestHeaders" json, "requestParams" json, status integer,
      "responseHeaders" json, "responseBody" text, "startedAt" timestamptz, "durationMs" double precision,
      "errorCode" integer, "errorText" text, "resourceSid" text)
    on conflict (account_sid, message_id, id) do nothing`
}

/** Of a message. */
export type ExchangeRecord = NewExchange & { purpose: Exclude<NewExchange['purpose'], 'usage'> }

/** The oldest of a message, in the order in which they were made. */
export async function findExchanges(
  sql: Tx,
  accountSid: string,
  messageId: Id,
  limit: number,
): Promise<ExchangeRecord[]> {
  return await sql<ExchangeRecord[]>`
    select * from exchanges where account_sid = ${accountSid} and message_id = ${messageId}
    order by id limit ${limit}`
}

/** The newest of those that are about something else than a message, newest first. */
export async function findExchangesAbout(
  sql: Tx,
  accountSid: string,
  resourceSid: string,
  limit: number,
): Promise<NewExchange[]> {
  return await sql<NewExchange[]>`
    select * from exchanges where account_sid = ${accountSid} and resource_sid = ${resourceSid}
    order by message_id desc limit ${limit}`
}
