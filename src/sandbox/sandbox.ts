/**
 * The built-in Messenger: pretend people, Pages and Graph API. In come Graph calls of any program, and what people do on
 * the chat page; out go signed webhooks, as Meta sends them. It meets the gateway only over HTTP: it must never import
 * from the rooms that make the gateway, nor touch their tables.
 */

import type { FastifyInstance } from 'fastify'
import type { Clock } from '#core/clock.ts'
import { createFeed } from './chat/feed.ts'
import { registerChat } from './chat/routes.ts'
import { registerCdn } from './chat/uploads.ts'
import { createDial } from './dial/dial.ts'
import { registerGraph } from './graph/router.ts'
import { createDelivery } from './webhooks/delivery.ts'
import { issueTokens, putApp } from './world/apps.ts'
import { createPage, listPages } from './world/pages.ts'
import { createPerson } from './world/people.ts'
import type { Log, Sql, World } from './world/world.ts'

export const sandboxMigrations = new URL('./migrations/', import.meta.url)

export type SandboxDeps = {
  sql: Sql
  /** The pretend Meta app that the gateway uses. */
  app: { appId: string; appSecret: string }
  /** Where programs reach `/sandbox`, for example `http://127.0.0.1:8080/sandbox`; asked once the server listens. */
  baseUrl: () => string
  /** Where browsers reach `/sandbox`. */
  publicUrl: string
  /** The real one; the dial moves it forward. */
  clock: Clock
  log: Log
}

export type Sandbox = {
  /** Makes the app, and on the very first start a Page and three people; answers the Pages that exist. Idempotent. */
  seed(): Promise<{ pages: { id: string; name: string; accessToken: string }[] }>
  /** Begins to send the webhooks that wait. */
  start(): void
  /** Ends the sending; what was not accepted waits for the next start. Streams end with the server. */
  stop(): Promise<void>
}

const SEED_LOCK = 0x0b1e_55ed

/** Adds `/sandbox/graph/*`, `/sandbox/api/*` and `/sandbox/cdn/*` to the server. */
export async function registerSandbox(server: FastifyInstance, deps: SandboxDeps): Promise<Sandbox> {
  const { sql, clock, log, baseUrl, publicUrl, app } = deps
  // They need the world, and the world has them: each asks for it when it is whole.
  const delivery = createDelivery(() => world)
  const feed = createFeed(() => world)
  const dial = createDial(
    () => world,
    clock,
    () => {
      // What waited for its time may be due, and every open page shows the dial.
      delivery.wake()
      feed.tellHere({ type: 'state' })
    },
  )
  const { wake } = delivery
  const world: World = { sql, clock: dial.clock, dial, log, baseUrl, publicUrl, appId: app.appId, feed, wake }

  await server.register(async (scope) => registerGraph(scope, world), { prefix: '/sandbox/graph' })
  await server.register(async (scope) => registerChat(scope, world), { prefix: '/sandbox/api' })
  await server.register(async (scope) => registerCdn(scope, world), { prefix: '/sandbox/cdn' })

  return {
    async seed() {
      await dial.refresh()
      await sql.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(${SEED_LOCK})`
        await putApp(tx, app.appId, app.appSecret)
        const [known] = await tx`select 1 from sandbox.pages limit 1`
        if (known === undefined) {
          await createPage(tx, app.appId, 'Owl Coffee')
          for (const name of ['Ada Lindqvist', 'Bruno Tavares', 'Chiyo Mori']) await createPerson(tx, name)
        }
        await issueTokens(tx, app.appId)
      })
      const pages = await listPages(world)
      return { pages: pages.map(({ id, name, accessToken }) => ({ id, name, accessToken })) }
    },
    start() {
      delivery.start()
      feed.listen()
      dial.listen()
    },
    async stop() {
      await dial.close()
      await delivery.stop()
      await feed.close()
    },
  }
}
