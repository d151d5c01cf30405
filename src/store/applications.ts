/** TwiML applications: URLs that an account keeps under one SID (twilio.md 6.5). */
import type { AccountSid, Id } from '#core/ids.ts'
import type { Tx } from './connection.ts'
import type { Method } from './senders.ts'

export type ApplicationSettings = {
  friendlyName: string | null
  apiVersion: string
  voiceUrl: string | null
  voiceMethod: Method
  voiceFallbackUrl: string | null
  voiceFallbackMethod: Method
  voiceCallerIdLookup: boolean
  statusCallback: string | null
  statusCallbackMethod: Method
  smsUrl: string | null
  smsMethod: Method
  smsFallbackUrl: string | null
  smsFallbackMethod: Method
  smsStatusCallback: string | null
  messageStatusCallback: string | null
  publicApplicationConnectEnabled: boolean
}

export type Application = ApplicationSettings & {
  accountSid: AccountSid
  id: Id
  createdAt: Date
  updatedAt: Date
}

export async function insertApplication(
  sql: Tx,
  accountSid: string,
  id: Id,
  s: ApplicationSettings,
): Promise<Application> {
  const [row] = await sql<Application[]>`
    insert into applications (account_sid, id, friendly_name, api_version, voice_url, voice_method, voice_fallback_url,
      voice_fallback_method, voice_caller_id_lookup, status_callback, status_callback_method, sms_url, sms_method,
      sms_fallback_url, sms_fallback_method, sms_status_callback, message_status_callback,
      public_application_connect_enabled)
    values (${accountSid}, ${id}, ${s.friendlyName}, ${s.apiVersion}, ${s.voiceUrl}, ${s.voiceMethod},
      ${s.voiceFallbackUrl}, ${s.voiceFallbackMethod}, ${s.voiceCallerIdLookup}, ${s.statusCallback},
      ${s.statusCallbackMethod}, ${s.smsUrl}, ${s.smsMethod}, ${s.smsFallbackUrl}, ${s.smsFallbackMethod},
      ${s.smsStatusCallback}, ${s.messageStatusCallback}, ${s.publicApplicationConnectEnabled})
    returning *`
  return row as Application
}

export async function updateApplication(
  sql: Tx,
  accountSid: string,
  id: Id,
  s: ApplicationSettings,
): Promise<Application | undefined> {
  const [row] = await sql<Application[]>`
    update applications set friendly_name = ${s.friendlyName}, api_version = ${s.apiVersion},
      voice_url = ${s.voiceUrl}, voice_method = ${s.voiceMethod}, voice_fallback_url = ${s.voiceFallbackUrl},
      voice_fallback_method = ${s.voiceFallbackMethod}, voice_caller_id_lookup = ${s.voiceCallerIdLookup},
      status_callback = ${s.statusCallback}, status_callback_method = ${s.statusCallbackMethod},
      sms_url = ${s.smsUrl}, sms_method = ${s.smsMethod}, sms_fallback_url = ${s.smsFallbackUrl},
      sms_fallback_method = ${s.smsFallbackMethod}, sms_status_callback = ${s.smsStatusCallback},
      message_status_callback = ${s.messageStatusCallback},
      public_application_connect_enabled = ${s.publicApplicationConnectEnabled}, updated_at = clock_now()
    where account_sid = ${accountSid} and id = ${id} returning *`
  return row
}

export async function findApplication(sql: Tx, accountSid: string, id: Id): Promise<Application | undefined> {
  const [row] = await sql<Application[]>`select * from applications where account_sid = ${accountSid} and id = ${id}`
  return row
}

/** Newest first, in reading order whichever way `edge` leads. */
export async function listApplications(
  sql: Tx,
  filter: { accountSid: string; friendlyName: string | null },
  edge: { id: Id; direction: 'older' | 'newer' } | null,
  limit: number,
): Promise<Application[]> {
  const newer = edge?.direction === 'newer'
  const found = await sql<Application[]>`
    select * from applications where account_sid = ${filter.accountSid}
      ${filter.friendlyName === null ? sql`` : sql`and friendly_name = ${filter.friendlyName}`}
      ${edge ? (newer ? sql`and id > ${edge.id}` : sql`and id < ${edge.id}`) : sql``}
    order by id ${newer ? sql`asc` : sql`desc`} limit ${limit}`
  return newer ? found.reverse() : found
}

export async function countApplications(sql: Tx, accountSid: string): Promise<number> {
  const [row] = await sql<{ count: string }[]>`select count(*) from applications where account_sid = ${accountSid}`
  return Number(row?.count)
}

export async function deleteApplication(sql: Tx, accountSid: string, id: Id): Promise<boolean> {
  const gone = await sql`delete from applications where account_sid = ${accountSid} and id = ${id} returning id`
  return gone.length > 0
}
