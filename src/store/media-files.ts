/**
 * The bytes of media. A file is written down, then written, then used by a media; whichever of these a crash leaves out,
 * `markUnwanted` finds what nobody uses. A media can only use a file that is here: the foreign key says so.
 */
import type { Id } from '#core/ids.ts'
import { rows, type Sql, type Tx } from './connection.ts'

export type FileKey = { accountSid: string; id: Id }

/** Longer than a file can take from being written down to being used. */
const NEW_FOR = '15 minutes'

export async function insertFile(sql: Tx, file: FileKey & { bytes: number; sha256: string }): Promise<void> {
  await sql`
    insert into media_files (account_sid, id, bytes, sha256, check_at)
    values (${file.accountSid}, ${file.id}, ${file.bytes}, ${file.sha256}, clock_now() + ${NEW_FOR}::interval)`
}

export async function fileExists(sql: Tx, { accountSid, id }: FileKey): Promise<boolean> {
  const found = await sql`select from media_files where account_sid = ${accountSid} and id = ${id}`
  return found.length > 0
}

/**
 * Of the files that are due to be looked at, those that no media uses become unwanted: from then on none can. Two
 * statements, so that the second sees all that was done before the files were locked. Answers how many were looked at.
 */
export async function markUnwanted(sql: Sql, limit: number): Promise<number> {
  return await sql.begin(async (tx) => {
    const due = await tx<FileKey[]>`
      select account_sid, id from media_files where check_at <= clock_now()
      order by check_at limit ${limit} for update skip locked`
    if (due.length === 0) return 0
    await tx`
      with due as (
        select f.account_sid, f.id, exists (
          select from media m where m.account_sid = f.account_sid and m.file_id = f.id) as used
        from json_to_recordset(${rows(due)}::text::json) as d("accountSid" text, id uuid)
        join media_files f on f.account_sid = d."accountSid" and f.id = d.id
      ), kept as (
        update media_files f set check_at = null from due d
        where d.used and f.account_sid = d.account_sid and f.id = d.id
      ), gone as (
        delete from media_files f using due d
        where not d.used and f.account_sid = d.account_sid and f.id = d.id
        returning f.account_sid, f.id
      )
      insert into unwanted_files (account_sid, id) select account_sid, id from gone`
    return due.length
  })
}

export const findUnwanted = (sql: Sql, limit: number): Promise<FileKey[]> =>
  sql<FileKey[]>`select account_sid, id from unwanted_files limit ${limit}`

/** They are in the media store no more. */
export async function forgetUnwanted(sql: Sql, files: readonly FileKey[]): Promise<void> {
  await sql`
    delete from unwanted_files u using json_to_recordset(${rows(files)}::text::json) as d("accountSid" text, id uuid)
    where u.account_sid = d."accountSid" and u.id = d.id`
}
