/** The network between a node and its database: a TCP relay that can be cut, frozen, and made to lose what it is given. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Cable = {
  port: number
  /** Every connection breaks, new ones are refused. */
  cut: () => void
  /** How many were refused. */
  refused: () => number
  /** How many are open. */
  connections: () => number
  /** A new connection is ended, in good order, as soon as it is made. */
  turnAway: () => void
  /** Nothing passes, and neither side is told anything. */
  freeze: () => void
  /**
   * What is said, or only what the database answers, or only from its word on that it has committed, is lost. A
   * connection of which something was lost stays so for good.
   */
  lose: (what: 'everything' | 'answers' | 'from commit on') => void
  /** As it was. After `freeze` everything that waited passes, unless it is to break. */
  mend: (breaking?: boolean) => void
  stop: () => Promise<void>
}

type Side = 'node' | 'database'

export async function layCable(targetPort: number): Promise<Cable> {
  let state: 'whole' | 'cut' | 'turning away' | 'frozen' | 'losing' = 'whole'
  let refused = 0
  const sockets = new Map<Socket, Side>()
  /** Nobody hears these. */
  let losing: ReadonlySet<Side> = new Set()
  const mute = new WeakSet<Socket>()
  let losingCommits = false
  /** What a side would have been told while nothing passed. */
  let untold: (() => void)[] = []
  const breakAll = () => {
    for (const socket of sockets.keys()) socket.destroy()
  }
  const relay = (side: Side, from: Socket, to: Socket) => {
    sockets.set(from, side)
    if (losing.has(side)) mute.add(from)
    from.on('data', (chunk) => {
      // CommandComplete, which names the command.
      if (losingCommits && side === 'database' && chunk.includes('COMMIT\0')) mute.add(from)
      if (mute.has(from) || to.write(chunk)) return
      from.pause()
      to.once('drain', () => state === 'frozen' || from.resume())
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      const tell = () => mute.has(from) || to.destroy()
      if (state === 'frozen') untold.push(tell)
      else tell()
    })
    if (state === 'frozen') from.pause()
  }
  const server = createServer((near) => {
    if (state === 'cut') {
      refused += 1
      return near.resetAndDestroy()
    }
    if (state === 'turning away') return near.resume().end()
    const far = connect(targetPort, '127.0.0.1')
    relay('node', near, far)
    relay('database', far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    refused: () => refused,
    connections: () => sockets.size / 2,
    cut() {
      state = 'cut'
      breakAll()
    },
    turnAway() {
      state = 'turning away'
    },
    freeze() {
      state = 'frozen'
      for (const socket of sockets.keys()) socket.pause()
    },
    lose(what) {
      state = 'losing'
      losingCommits = what === 'from commit on'
      if (losingCommits) return
      losing = new Set(what === 'everything' ? (['node', 'database'] as const) : (['database'] as const))
      for (const [socket, side] of sockets) if (losing.has(side)) mute.add(socket)
    },
    mend(breaking = false) {
      state = 'whole'
      losing = new Set()
      losingCommits = false
      for (const tell of untold.splice(0)) tell()
      if (breaking) breakAll()
      else for (const socket of sockets.keys()) socket.resume()
    },
    async stop() {
      breakAll()
      untold = []
      server.close()
      await once(server, 'close')
    },
  }
}
