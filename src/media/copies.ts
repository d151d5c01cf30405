/**
 * Copies of what customers send. A picture that goes to many people is fetched once and kept once: for some minutes a
 * copy serves every message with the same URL, as long as it is still there.
 */
import { rm } from 'node:fs/promises'
import { findLoadable } from '#store/media.ts'
import { fileExists } from '#store/media-files.ts'
import { refuseContent, refuseDeclared, settleType } from './content-type.ts'
import { type Downloaded, download, type NoDownload } from './download.ts'
import { detectType, type KeptFile, keepFile } from './keep-file.ts'
import type { MediaRoom } from './media.ts'

const FRESH_MS = 5 * 60_000
/** Many messages do not ask a broken server each; whoever tries again, or has mended it, does. */
const FAILURE_FRESH_MS = 1_000
const MAX_REMEMBERED = 1000

/** `fileId` is null when our own store could not take the file: it may be sent, but there is no copy. */
export type Copy = { ok: true } & Omit<KeptFile, 'fileId'> & { fileId: KeptFile['fileId'] | null }

export type Copies = (accountSid: string, url: string, signal: AbortSignal) => Promise<Copy | NoDownload>

export type CopyDeps = {
  room: MediaRoom
  allowPrivate: boolean
  publicUrl: string
  onError: (error: unknown) => void
  nowMs?: () => number
}

export function createCopies({
  room,
  allowPrivate,
  publicUrl,
  onError,
  nowMs = () => performance.now(),
}: CopyDeps): Copies {
  const known = new Map<string, { copy: Promise<Copy | NoDownload>; untilMs: number }>()
  // Our own files are public, or signed: whoever gave the URL could load them too.
  const mayReachPrivate = (url: string) => allowPrivate || url.startsWith(`${publicUrl}/2010-04-01/Accounts/`)

  const copyOf = async (accountSid: string, url: string, signal: AbortSignal): Promise<Copy | NoDownload> => {
    const { incoming: folder, maxBytes } = room.settings
    const file = await download({ url, folder, maxBytes, mayReachPrivate, refuse: refuseDeclared, signal })
    return file.ok ? await keep(accountSid, file) : file
  }
  const keep = async (accountSid: string, file: Downloaded): Promise<Copy | NoDownload> => {
    const found = await detectType(file.path)
    const refusal =
      file.bytes === 0 ? { code: 63019, reason: 'The file is empty' } : refuseContent(file.declaredType, found)
    if (refusal) {
      await rm(file.path, { force: true })
      return { ok: false, ...refusal, retry: false }
    }
    try {
      return { ok: true, ...(await keepFile(room, accountSid, { ...file, found })) }
    } catch (error) {
      onError(error)
      const { declaredType, fileName, bytes } = file
      return { ok: true, fileId: null, contentType: settleType(found, declaredType), fileName, bytes }
    }
  }
  const own = async (accountSid: string, url: string): Promise<Copy | undefined> => {
    const link = room.links.read(url)
    if (link?.name.accountSid !== accountSid) return undefined
    const media = await findLoadable(room.sql, accountSid, link.name.id)
    return (
      media && {
        ok: true,
        fileId: media.fileId,
        contentType: media.contentType ?? '',
        fileName: media.fileName,
        bytes: media.bytes,
      }
    )
  }

  return async (accountSid, url, signal) => {
    const key = `${accountSid} ${url}`
    const earlier = known.get(key)
    if (earlier && earlier.untilMs > nowMs()) {
      const copy = await earlier.copy
      if (!copy.ok || copy.fileId === null) return copy
      if (await fileExists(room.sql, { accountSid, id: copy.fileId })) return copy
    }
    const copy = own(accountSid, url).then((mine) => mine ?? copyOf(accountSid, url, signal))
    if (known.size >= MAX_REMEMBERED) known.clear()
    const entry = { copy, untilMs: Number.POSITIVE_INFINITY }
    known.set(key, entry)
    copy.then(
      (result) => {
        entry.untilMs = nowMs() + (result.ok && result.fileId !== null ? FRESH_MS : FAILURE_FRESH_MS)
      },
      () => known.get(key) === entry && known.delete(key),
    )
    return await copy
  }
}
