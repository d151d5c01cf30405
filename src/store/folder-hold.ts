/** Never two gateways on one data folder: it is held by a lock on a file, which the system lets go with its process. */
import { DatabaseSync } from 'node:sqlite'

export class DataFolderInUse extends Error {}

/**
 * Answers how to let go. Throws `DataFolderInUse` when another process, or this one, holds `path`. Node has no file locks
 * of its own; SQLite, which comes with it, takes them in the same way on every system, and the file stays empty.
 */
export function holdFolder(path: string, folder: string): () => void {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    file.close()
    if ((error as { errcode?: unknown }).errcode === SQLITE_BUSY) {
      throw new DataFolderInUse(`another Pagewire is running on ${folder}: stop it, or set PAGEWIRE_DATA_DIR`)
    }
    throw error
  }
  return () => {
    if (file.isOpen) file.close()
  }
}

const SQLITE_BUSY = 5
