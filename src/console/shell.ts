/** What the console's start page shows before anybody has signed in. */
import type { FastifyInstance } from 'fastify'
import type { Shell } from './contract.ts'

export function registerConsole(server: FastifyInstance, shell: Shell): void {
  server.get('/console/api/shell', async (): Promise<Shell> => shell)
}
