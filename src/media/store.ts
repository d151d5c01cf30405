/** Where the bytes of media lie: on a disk or in an S3-compatible store, behind one face. */
import type { Readable } from 'node:stream'
import type { ByteRange } from './http-range.ts'
import type { Place } from './settings.ts'

/** A complete local file. */
export type LocalFile = { path: string; bytes: number; contentType: string }

export type MediaStore = {
  /** Durable when it answers, whole or not at all, and the local file is gone. The same key again replaces. */
  keep: (key: string, file: LocalFile) => Promise<void>
  /** Throws `FileMissing`. */
  read: (key: string, range?: ByteRange) => Promise<Readable>
  /** A key that is not there is no error. */
  delete: (key: string) => Promise<void>
  /** Throws when the place cannot be used at all. */
  check: () => Promise<void>
}

export class FileMissing extends Error {}

/** The libraries of a place are loaded only where it is used. */
export async function openStore(place: Place): Promise<MediaStore> {
  if (place.kind === 's3') {
    const { S3Store } = await import('./s3-store.ts')
    return new S3Store(place)
  }
  const { DiskStore } = await import('./disk-store.ts')
  return new DiskStore(place.folder)
}
