/**
 * Pictures and other files, kept in the database and served below `/sandbox/cdn`. In messages a file of ours is written
 * `file:<id>/<name>`: the two sides reach us under different addresses, and both may change.
 */
import { newAttachmentId, newFileId } from './names.ts'
import type { Tx, World } from './world.ts'

export const MAX_FILE_BYTES = 25 * 1024 * 1024

export type StoredFile = { name: string; contentType: string; bytes: Buffer }

const EXTENSIONS: Record<string, string> = { 'image/jpeg': 'jpg', 'audio/mpeg': 'mp3', 'text/plain': 'txt' }

/** A name that is safe in a URL and a header; made up when none is known. */
export function fileName(wanted: string, contentType: string): string {
  const safe = wanted.replaceAll(/[^\w.-]/g, '_').slice(-80)
  if (/\w/.test(safe)) return safe
  const subtype = contentType.split('/')[1] ?? 'bin'
  return `file.${EXTENSIONS[contentType] ?? subtype.replaceAll(/\W/g, '')}`
}

/** Answers the file's reference and, when the Page wants to use it again, its attachment id. */
export async function putFile(
  sql: Tx,
  file: StoredFile,
  reusableBy: string | null = null,
): Promise<{ ref: string; attachmentId: string | null }> {
  const id = newFileId()
  const attachmentId = reusableBy === null ? null : newAttachmentId()
  await sql`
    insert into sandbox.files (id, name, content_type, bytes, attachment_id, page_id)
    values (${id}, ${file.name}, ${file.contentType}, ${file.bytes}, ${attachmentId}, ${reusableBy})`
  return { ref: `file:${id}/${file.name}`, attachmentId }
}

export async function findFile(sql: Tx, id: string): Promise<StoredFile | undefined> {
  const [file] = await sql<StoredFile[]>`
    select name, content_type as "contentType", bytes from sandbox.files where id = ${id}`
  return file
}

export async function findAttachment(
  sql: Tx,
  pageId: string,
  attachmentId: string,
): Promise<{ ref: string; contentType: string } | undefined> {
  const [file] = await sql<{ ref: string; contentType: string }[]>`
    select 'file:' || id || '/' || name as ref, content_type as "contentType"
    from sandbox.files where attachment_id = ${attachmentId} and page_id = ${pageId}`
  return file
}

const absolute = (base: string, url: string): string =>
  url.startsWith('file:') ? `${base}/cdn/${url.slice('file:'.length)}` : url

export const browserUrl = (world: World, url: string): string => absolute(world.publicUrl, url)
export const programUrl = (world: World, url: string): string => absolute(world.baseUrl(), url)

/** The reference of a file of ours, or the URL itself. */
export function toRef(world: World, url: string): string {
  const base = [world.publicUrl, world.baseUrl()].find((known) => url.startsWith(`${known}/cdn/`))
  return base === undefined ? url : `file:${url.slice(base.length + '/cdn/'.length)}`
}
