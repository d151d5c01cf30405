/** The dial's and the clock's HTTP API, below the chat page's own, as `contract.ts` tells. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { idOf, Refused } from '../chat/input.ts'
import type { Fault } from '../contract.ts'
import { restoreTokens, setTokenState } from '../world/pages.ts'
import type { Tx, World } from '../world/world.ts'
import { MEASURES } from './catalogue.ts'
import { ALL_PAGES, type FaultRow, listFaults, putFault, removeFaults } from './faults.ts'
import { faultName, readAdvance, readFault, readLimit, readTokenState } from './input.ts'
import { readLedger } from './ledger.ts'
import { advanceClock, readClock } from './time.ts'

const LEDGER_PART = 1000

type DialRequest = FastifyRequest<{ Params: { page: string; name: string } }>

export function registerDial(server: FastifyInstance, world: World): void {
  const { sql, dial } = world

  /** All nodes hear of it; this one has, when it answers. */
  async function change(act: (tx: Tx) => Promise<unknown>): Promise<void> {
    await sql.begin(async (tx) => {
      await act(tx)
      await dial.announce(tx)
    })
    await dial.refresh()
  }

  server.get('/clock', () => readClock(sql))
  server.post('/clock', async (request) => {
    const before = await readClock(sql)
    const byMs = readAdvance(request.body, new Date(before.now), before.offsetMs)
    await change((tx) => advanceClock(tx, byMs))
    return readClock(sql)
  })

  server.get('/faults', async (request): Promise<Fault[]> => {
    const faults = await listFaults(sql, await pageAsked(world, request))
    return faults.filter(({ countLeft }) => countLeft !== 0).map(toFault)
  })
  server.put('/faults/:page/:name', async (request: DialRequest): Promise<Fault> => {
    const fault = readFault(faultName(request.params.name), request.body)
    const pageId = await scopeOf(world, request.params.page)
    await change((tx) => putFault(tx, { ...fault, pageId }))
    return toFault({ ...fault, pageId, hits: 0 })
  })
  server.delete('/faults/:page/:name', async (request: DialRequest, reply) => {
    const name = faultName(request.params.name)
    const pageId = await scopeOf(world, request.params.page)
    await change((tx) => removeFaults(tx, pageId, name))
    return reply.code(204).send()
  })
  server.delete('/faults/:page', async (request: DialRequest, reply) => {
    const pageId = await scopeOf(world, request.params.page)
    await change(async (tx) => {
      await removeFaults(tx, pageId, null)
      if (pageId !== ALL_PAGES) await restoreTokens(tx, pageId)
    })
    return reply.code(204).send()
  })
  server.delete('/faults', async (_request, reply) => {
    await change(async (tx) => {
      await removeFaults(tx, null, null)
      await restoreTokens(tx, null)
    })
    return reply.code(204).send()
  })

  server.put('/pages/:page/token', async (request: DialRequest, reply) => {
    const state = readTokenState(request.body)
    const pageId = idOf(request.params.page)
    await change(async (tx) => {
      if (!(await setTokenState(tx, pageId, state))) throw new Refused(404, 'no such Page')
    })
    return reply.code(204).send()
  })

  server.get('/ledger', async (request) => {
    const { after, limit } = request.query as Record<string, unknown>
    if (after !== undefined && typeof after !== 'string') throw new Refused(400, '"after" must be one cursor')
    const pageId = await pageAsked(world, request)
    return readLedger(sql, pageId, after ?? null, readLimit(limit, LEDGER_PART, LEDGER_PART * 10))
  })
}

const toFault = ({ pageId, countLeft, amount, ...row }: FaultRow): Fault => {
  const measure = MEASURES[row.name]
  return {
    page: pageId,
    name: row.name,
    probability: row.probability,
    count: countLeft,
    seed: row.seed,
    hits: row.hits,
    ...(measure === undefined || amount === null ? {} : { [measure.unit]: amount }),
  }
}

async function scopeOf(world: World, page: string): Promise<string> {
  if (page === ALL_PAGES) return ALL_PAGES
  const [known] = await world.sql`select 1 from sandbox.pages where id = ${idOf(page)}`
  if (known === undefined) throw new Refused(404, 'no such Page')
  return page
}

/** `?page=`; null: all of them. */
async function pageAsked(world: World, request: FastifyRequest): Promise<string | null> {
  const { page } = request.query as { page?: unknown }
  if (page === undefined) return null
  if (typeof page !== 'string') throw new Refused(400, '"page" must be one id')
  return scopeOf(world, page)
}
