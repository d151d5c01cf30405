/**
 * The way to an HTTP server, which can be shut without breaking a request that was heard: from outside the server cannot
 * be reached, and nothing that was tried meanwhile has come to it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export type Door = {
  /** Nobody listens: connections are refused. */
  shut: () => void
  /** Who wants to connect hears nothing. */
  swallow: () => Promise<void>
  /** As it was; also after neither. */
  open: () => Promise<void>
  /** What `swallow` has started ends at once. */
  destroy: () => void
}

/** A listener that takes nobody: with its queue full, Linux drops whoever knocks. It stands still once it listens. */
const DEAF = `
const server = require('node:net').createServer()
server.listen({ host: '127.0.0.1', port: Number(process.argv[1]), backlog: 1 }, () => {
  process.stdout.write('listening', () => process.kill(process.pid, 'SIGSTOP'))
})`
/** More than its queue holds. */
const KNOCKS = 8
const QUEUE_IS_FULL_MS = 200

/** Of a server that listens. */
export function doorOf(server: Server): Door {
  const { port } = server.address() as AddressInfo
  let isOpen = true
  let deaf: ChildProcess | undefined
  let knocking: Socket[] = []

  server.prependListener('request', (_request, response: ServerResponse) => {
    const { writeHead } = response
    response.writeHead = ((...head: Parameters<typeof writeHead>) => {
      if (!isOpen) response.setHeader('Connection', 'close')
      return Reflect.apply(writeHead, response, head)
    }) as typeof writeHead
  })

  const shut = () => {
    if (!isOpen) return
    isOpen = false
    // Idle connections end with it.
    server.close()
  }
  const destroy = () => {
    deaf?.kill('SIGKILL')
    for (const socket of knocking) socket.destroy()
    knocking = []
  }
  return {
    shut,
    async swallow() {
      shut()
      deaf = spawn(process.execPath, ['-e', DEAF, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(deaf.stdout as NonNullable<typeof deaf.stdout>, 'data')
      knocking = Array.from({ length: KNOCKS }, () => connect(port, '127.0.0.1').on('error', () => {}))
      await wait(QUEUE_IS_FULL_MS)
    },
    async open() {
      if (isOpen) return
      if (deaf?.exitCode === null && deaf.signalCode === null) {
        const gone = once(deaf, 'exit')
        destroy()
        await gone
      }
      isOpen = true
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    destroy,
  }
}
