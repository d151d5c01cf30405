/** TwiML documents that Pagewire serves itself, with every text that they have had. A name is used once in an installation. */
import type { AccountSid } from '#core/ids.ts'
import type { Sql, Tx } from './connection.ts'

/** Older texts are forgotten. */
const MAX_VERSIONS = 100

export type Bin = { name: string; accountSid: AccountSid; twiml: string; version: number; updatedAt: Date }

export type BinVersion = { version: number; savedBy: string | null; savedAt: Date; bytes: number }

export async function findBin(sql: Sql, name: string): Promise<string | undefined> {
  const [row] = await sql<{ twiml: string }[]>`select twiml from bins where name = ${name}`
  return row?.twiml
}

export async function findBinOf(sql: Tx, accountSid: string, name: string): Promise<Bin | undefined> {
  const [row] = await sql<Bin[]>`select * from bins where account_sid = ${accountSid} and name = ${name}`
  return row
}

export async function listBins(sql: Tx, accountSid: string): Promise<Bin[]> {
  return await sql<Bin[]>`select * from bins where account_sid = ${accountSid} order by name`
}

/** Keeps an existing bin as it is: false then, whoever's it is. */
export async function addBin(
  sql: Tx,
  bin: { name: string; accountSid: string; twiml: string; savedBy?: string },
): Promise<boolean> {
  const added = await sql`
    with bin as (
      insert into bins (name, account_sid, twiml) values (${bin.name}, ${bin.accountSid}, ${bin.twiml})
      on conflict (name) do nothing returning name, version, twiml
    )
    insert into bin_versions (name, version, twiml, saved_by)
    select name, version, twiml, ${bin.savedBy ?? null} from bin returning name`
  return added.length > 0
}

/** Answers the new version; undefined when the newest text is not `version` any more: somebody else has saved one. */
export async function saveBin(
  sql: Tx,
  bin: { name: string; accountSid: string; twiml: string; version: number; savedBy: string },
): Promise<number | undefined> {
  const [saved] = await sql<{ version: number }[]>`
    with bin as (
      update bins set twiml = ${bin.twiml}, version = version + 1, updated_at = clock_now()
      where account_sid = ${bin.accountSid} and name = ${bin.name} and version = ${bin.version}
      returning name, version, twiml
    )
    insert into bin_versions (name, version, twiml, saved_by)
    select name, version, twiml, ${bin.savedBy} from bin returning version`
  if (saved === undefined) return undefined
  await sql`delete from bin_versions where name = ${bin.name} and version <= ${saved.version - MAX_VERSIONS}`
  return saved.version
}

export async function removeBin(sql: Tx, accountSid: string, name: string): Promise<boolean> {
  const gone = await sql`delete from bins where account_sid = ${accountSid} and name = ${name} returning name`
  return gone.length > 0
}

/** Newest first. */
export async function listBinVersions(sql: Tx, name: string): Promise<BinVersion[]> {
  return await sql<BinVersion[]>`
    select version, saved_by, saved_at, octet_length(twiml) as bytes from bin_versions
    where name = ${name} order by version desc`
}

export async function findBinVersion(sql: Tx, name: string, version: number): Promise<string | undefined> {
  const [row] = await sql<{ twiml: string }[]>`
    select twiml from bin_versions where name = ${name} and version = ${version}`
  return row?.twiml
}

export type UrlUser = {
  accountSid: AccountSid
  kind: 'sender' | 'service' | 'application'
  id: string
  name: string
  channel: string | null
  urls: string[]
}

/** Everything whose URLs hold this text, in all accounts; whether one of them means a bin is for the caller to say. */
export async function findUrlUsers(sql: Tx, text: string): Promise<UrlUser[]> {
  const like = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
  return await sql<UrlUser[]>`
    select * from (
      select account_sid, 'sender' as kind, id, name, channel,
        array_remove(array[callback_url, fallback_url, status_callback_url], null) as urls
      from senders where deleted_at is null
      union all
      select account_sid, 'service', id, friendly_name, null,
        array_remove(array[inbound_url, fallback_url, status_callback_url], null)
      from messaging_services
      union all
      select account_sid, 'application', id, coalesce(friendly_name, ''), null,
        array_remove(array[sms_url, sms_fallback_url, sms_status_callback, message_status_callback], null)
      from applications
    ) u
    where exists (select from unnest(urls) as url where url like ${like}) order by kind, name, id`
}
