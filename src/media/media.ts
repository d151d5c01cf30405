/**
 * Files that people and customers send. Comes in: where a file is, at Meta or at the customer's. Goes out: a copy of our
 * own, typed by what it is, kept on disk or in an S3-compatible store, and a URL of ours for it. Must never reach an
 * address that the policy forbids, keep more than the limit, or name a file in the database before it is durable.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#core/clock.ts'
import type { Id } from '#core/ids.ts'
import type { Sql } from '#store/connection.ts'
import { createLinks, type MediaLinks } from './links.ts'
import type { MediaSettings } from './settings.ts'
import { type MediaStore, openStore } from './store.ts'

export type MediaRoom = {
  sql: Sql
  store: MediaStore
  links: MediaLinks
  settings: MediaSettings
  /** May this be fetched wherever it is? The built-in Messenger's files are ours. */
  isTrusted: (url: string) => boolean
}

export type MediaDeps = {
  sql: Sql
  settings: MediaSettings
  publicUrl: string
  secretKey: string
  clock: Clock
  /** What the built-in Messenger's URLs begin with, when it is at work. */
  trusted: string | undefined
}

/** Throws when the place of the settings cannot be used. */
export async function openMedia({ sql, settings, trusted, ...deps }: MediaDeps): Promise<MediaRoom> {
  const store = await openStore(settings.place)
  await mkdir(settings.incoming, { recursive: true, mode: 0o700 })
  await store.check()
  await sweepIncoming(settings.incoming, deps.clock)
  const isTrusted = (url: string) => trusted !== undefined && url.startsWith(trusted)
  return { sql, store, links: createLinks(deps), settings, isTrusted }
}

/** A file's place in the store. Spread over folders, as some file systems do not like many names in one. */
export const keyOf = (accountSid: string, fileId: Id): string => `${accountSid}/${fileId.slice(-2)}/${fileId}`

/** Longer than any file takes: nodes may share the folder. */
const LEFT_AFTER_MS = 3_600_000

/** What a crash left behind half-way. */
export async function sweepIncoming(folder: string, clock: Clock): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const made = await stat(path).catch(() => undefined)
    if (made && made.mtimeMs < clock.now().getTime() - LEFT_AFTER_MS) await rm(path, { force: true })
  }
}
