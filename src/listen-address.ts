/** Whether HOST and PORT can be listened on, found out before anything is started. */
import { once } from 'node:events'
import { createServer } from 'node:net'

export async function problemsOfAddress(host: string, port: number): Promise<string[]> {
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening')
    return []
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') return [portTaken(port)]
    if (code === 'EACCES') return [`PORT is "${port}": this user may not listen on it`]
    return [`HOST is "${host}": expected an address of this machine (${code ?? message})`]
  } finally {
    if (server.listening) {
      server.close()
      await once(server, 'close')
    }
  }
}

export const portTaken = (port: number) => `another program listens on port ${port}: stop it, or set PORT`
