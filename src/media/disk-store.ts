import { mkdir, open, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { FSDriver } from 'flydrive/drivers/fs'
import type { ByteRange } from './http-range.ts'
import { FileMissing, type LocalFile, type MediaStore } from './store.ts'

/** flydrive's driver writes in place and does not wait for the disk: what we keep must survive a power cut. */
export class DiskStore extends FSDriver implements MediaStore {
  readonly #folder: string

  constructor(folder: string) {
    super({ location: folder, visibility: 'private' })
    this.#folder = folder
  }

  /** The local file must be on the same file system. */
  async keep(key: string, { path }: LocalFile): Promise<void> {
    const target = join(this.#folder, key)
    const made = await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await sync(path)
    await rename(path, target)
    await sync(dirname(target))
    // A new folder is there only once its own name is on the disk.
    for (let folder = dirname(target); made && folder.length >= made.length; ) {
      folder = dirname(folder)
      await sync(folder)
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(join(this.#folder, key)).catch((error) => {
      throw error.code === 'ENOENT' ? new FileMissing(key) : error
    })
    return file.createReadStream(range ? { start: range.from, end: range.to } : {})
  }

  async check(): Promise<void> {
    const probe = join(this.#folder, '.probe')
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFile(probe, '')
    await unlink(probe)
  }
}

/** Waits until what was written to a file, or into a folder, is on the disk. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}
