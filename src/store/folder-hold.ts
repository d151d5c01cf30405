/** Never two gateways on one data folder: it is held by a listening unix socket, which falls silent with its process. */
import { randomBytes } from 'node:crypto'
import { link, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'

export class DataFolderInUse extends Error {}

/** Answers how to let go. Throws `DataFolderInUse` when another process holds `path`. */
export async function holdFolder(path: string, folder: string): Promise<() => void> {
  for (;;) {
    const server = await listen(path)
    if (server) return () => server.close()
    if (await isHeld(path)) throw inUse(folder)
    // Nobody listens: left by a process that was killed. Only one of several that start together can move it away; and
    // who moved away what a quicker one has bound meanwhile puts it back.
    const aside = `${path}.${randomBytes(6).toString('hex')}`
    const moved = await rename(path, aside).then(
      () => true,
      () => false,
    )
    if (!moved) continue
    const held = await isHeld(aside)
    if (held) await link(aside, path).catch(() => {})
    await rm(aside, { force: true })
    if (held) throw inUse(folder)
  }
}

const inUse = (folder: string) =>
  new DataFolderInUse(`another Pagewire is running on ${folder}: stop it, or set PAGEWIRE_DATA_DIR`)

/** Undefined when there is something at `path` already. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(path, () => {
      server.unref()
      resolve(server)
    })
  })
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    // Any other error, such as a queue that is full, is a sign of life.
    probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'))
  })
}
