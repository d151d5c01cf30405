/** The network between a node and its database: a TCP relay that can be cut and frozen. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Cable = {
  port: number
  /** Every connection breaks, new ones are refused. */
  cut: () => void
  /** Nothing passes, and neither side is told anything. */
  freeze: () => void
  /** As it was. After `freeze` everything that waited passes, unless it is to break. */
  mend: (breaking?: boolean) => void
  stop: () => Promise<void>
}

export async function layCable(targetPort: number): Promise<Cable> {
  let state: 'whole' | 'cut' | 'frozen' = 'whole'
  const sockets = new Set<Socket>()
  /** What a side would have been told while nothing passed. */
  let untold: (() => void)[] = []
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  const relay = (from: Socket, to: Socket) => {
    sockets.add(from)
    from.on('data', (chunk) => {
      if (to.write(chunk)) return
      from.pause()
      to.once('drain', () => state === 'frozen' || from.resume())
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      const tell = () => to.destroy()
      if (state === 'frozen') untold.push(tell)
      else tell()
    })
    if (state === 'frozen') from.pause()
  }
  const server = createServer((near) => {
    if (state === 'cut') return near.resetAndDestroy()
    const far = connect(targetPort, '127.0.0.1')
    relay(near, far)
    relay(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut'
      breakAll()
    },
    freeze() {
      state = 'frozen'
      for (const socket of sockets) socket.pause()
    },
    mend(breaking = false) {
      state = 'whole'
      for (const tell of untold.splice(0)) tell()
      if (breaking) breakAll()
      else for (const socket of sockets) socket.resume()
    },
    async stop() {
      breakAll()
      untold = []
      server.close()
      await once(server, 'close')
    },
  }
}
