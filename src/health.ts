/** `/healthz`: the process lives. `/readyz`: it can take work. `/metrics`: numbers for Prometheus. */
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Sql } from '#store/connection.ts'

export type Health = {
  /** Migrated, listening, not stopping. */
  ready: boolean
  /** The other nodes know that we live, so we may work on lanes. */
  dispatches: () => boolean
}

/** Who probes us gives up soon itself. */
const STORE_ANSWERS_WITHIN_MS = 1000

export function registerHealth(server: FastifyInstance, sql: Sql, health: Health): void {
  server.get('/healthz', async () => ({ status: 'ok' }))

  server.get('/readyz', async (_request, reply) => {
    const store = await Promise.race([
      sql`select 1`.then(
        () => true,
        () => false,
      ),
      setTimeout(STORE_ANSWERS_WITHIN_MS, false, { ref: false }),
    ])
    const checks = { store, started: health.ready, dispatching: health.dispatches() }
    const ready = Object.values(checks).every(Boolean)
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not ready', checks })
  })

  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  new Gauge({
    name: 'pagewire_lanes',
    help: 'Conversations with work to do, by kind of work, and how late the most overdue is',
    labelNames: ['kind', 'value'],
    registers: [registry],
    async collect() {
      const found = await sql<{ kind: string; waiting: string; seconds: number }[]>`
        select kind, count(*) as waiting, greatest(0, extract(epoch from clock_now() - min(due_at)))::float8 as seconds
        from lanes group by kind`.catch(() => [])
      // While the store is away these numbers are missing, and the others are wanted all the more.
      this.reset()
      for (const { kind, waiting, seconds } of found) {
        this.set({ kind, value: 'waiting' }, Number(waiting))
        this.set({ kind, value: 'overdue_seconds' }, seconds)
      }
    },
  })
  server.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
}
