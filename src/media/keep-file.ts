/** Makes a fetched file ours: types it, writes it down, writes it into the store. */
import { rm } from 'node:fs/promises'
import { fileTypeFromFile } from 'file-type'
import { type Id, newId } from '#core/ids.ts'
import { insertFile } from '#store/media-files.ts'
import { type Kind, settleType } from './content-type.ts'
import type { Downloaded } from './download.ts'
import { keyOf, type MediaRoom } from './media.ts'

export type KeptFile = { fileId: Id; contentType: string; fileName: string | null; bytes: number }

/** What the bytes say; undefined where they say nothing. */
export async function detectType(path: string): Promise<string | undefined> {
  // A hostile file may be anything but what its first bytes promise.
  const found = await fileTypeFromFile(path).catch(() => undefined)
  return found?.mime
}

/** Durable when it answers; until a media uses it, it is swept away after a while. Takes the local file in any case. */
export async function keepFile(
  room: MediaRoom,
  accountSid: string,
  file: Downloaded & { found: string | undefined; expected?: Kind | null },
): Promise<KeptFile> {
  const { path, bytes, sha256, declaredType, fileName, found, expected = null } = file
  const contentType = settleType(found, declaredType, expected)
  const fileId = newId()
  try {
    await insertFile(room.sql, { accountSid, id: fileId, bytes, sha256 })
    await room.store.keep(keyOf(accountSid, fileId), { path, bytes, contentType })
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { fileId, contentType, fileName, bytes }
}
