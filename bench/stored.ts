/**
 * A database that holds many messages against one that holds few: accept and relay must not feel it, and a page of the
 * list must cost the same at any depth and with any filter. Both databases are there at once and take turns.
 */
import { join } from 'node:path'
import type { Sql } from '../src/store/connection.ts'
import { type Bench, compared, type Figure, prepare, withGateway } from './bench.ts'
import { inRounds } from './figures.ts'
import { fill, type Stored } from './fill.ts'
import { acceptRate, relayRate } from './measure.ts'
import { median, type Running } from './processes.ts'
import { ACCOUNT, authorization, PEOPLE } from './world.ts'

const FEW = 10_000
const PAGE_SIZE = 50
const DEPTHS = [1, 1000, 100_000]
const LISTS = 40
/** A list that takes longer is asked less often. */
const LIST_BUDGET_MS = 10_000

export async function stored(bench: Bench, size: number): Promise<Figure[]> {
  const [few, many] = [join(bench.workDir, 'few'), join(bench.workDir, 'many')]
  const [small, large] = [await make(bench, few, FEW), await make(bench, many, size)]
  const both = <T>(environment: Record<string, string>, use: (few: Node, many: Node) => Promise<T>): Promise<T> =>
    withGateway(bench, { ...environment, PAGEWIRE_DATA_DIR: few }, (gateway, sql) =>
      withGateway(bench, { ...environment, PAGEWIRE_DATA_DIR: many }, (other, otherSql) =>
        use({ gateway, sql }, { gateway: other, sql: otherSql }),
      ),
    )
  // Before the load adds its own.
  const lists = await both({ PAGEWIRE_ROLES: 'web' }, async (a, b) => [
    ...(await depths(b.gateway, large)),
    ...(await filters(a.gateway, small, b.gateway, large)),
  ])
  const [title, against] = [`with ${size.toLocaleString('en')} stored`, `with ${FEW.toLocaleString('en')} stored`]
  const accepted = await both({ PAGEWIRE_ROLES: 'web' }, (a, b) =>
    inRounds(bench, `accept ${title}`, async () => ({
      other: await acceptRate(bench, a.gateway, a.sql),
      pagewire: await acceptRate(bench, b.gateway, b.sql),
    })),
  )
  const relayed = await both({}, (a, b) =>
    inRounds(bench, `relay ${title}`, async () => ({
      other: await relayRate(bench, a.gateway, a.sql),
      pagewire: await relayRate(bench, b.gateway, b.sql),
    })),
  )
  return [
    compared(`accept ${title}`, against, 0.9, accepted),
    compared(`relay ${title}`, against, 0.9, relayed),
    ...lists,
  ]
}

type Node = { gateway: Running; sql: Sql }

async function make(bench: Bench, dataDir: string, count: number): Promise<Stored> {
  const environment = { PAGEWIRE_DATA_DIR: dataDir }
  await prepare(bench, environment)
  return await withGateway(bench, { ...environment, PAGEWIRE_ROLES: 'web' }, () =>
    fill(join(dataDir, 'run'), count, bench.log),
  )
}

/** Pages of the whole list, from the newest to far below, as one arrives there with the API's own tokens. */
async function depths(gateway: Running, { count, idAt }: Stored): Promise<Figure[]> {
  const reached = DEPTHS.filter((depth) => depth * PAGE_SIZE < count)
  const times = new Map<number, number[]>(reached.map((depth) => [depth, []]))
  for (let nth = 0; nth < LISTS; nth += 1) {
    for (const depth of reached) {
      // The first page has no token; each try looks at a page of its own.
      const edge = count - (depth - 1 + nth) * PAGE_SIZE
      const token = edge < count ? `PASM${idAt(edge).replaceAll('-', '')}` : undefined
      const { ms, found } = await list(gateway, token ? { PageToken: token } : {})
      if (found !== PAGE_SIZE) throw new Error(`page ${depth} of the list has ${found} messages`)
      times.get(depth)?.push(ms)
    }
  }
  const first = median(times.get(1) ?? [])
  return reached.slice(1).map((depth) => {
    const value = median(times.get(depth) ?? [])
    return {
      name: `list: page ${depth.toLocaleString('en')} of ${count.toLocaleString('en')} messages`,
      unit: 'ms',
      pagewire: value,
      against: { name: 'page 1', value: first, ratio: first / value, reach: 0.8 },
    }
  })
}

async function filters(few: Running, small: Stored, many: Running, large: Stored): Promise<Figure[]> {
  const { psid, page } = PEOPLE[7] as (typeof PEOPLE)[number]
  const day = (stored: Stored, share: number) =>
    stored
      .timeAt(Math.floor(stored.count * share))
      .toISOString()
      .slice(0, 10)
  const kinds: [name: string, query: (stored: Stored) => Record<string, string>][] = [
    ['From=Page', () => ({ From: `messenger:${page}` })],
    ['To=Page', () => ({ To: `messenger:${page}` })],
    ['From=person', () => ({ From: `messenger:${psid}` })],
    ['To=person', () => ({ To: `messenger:${psid}` })],
    ['From=Page, To=person', () => ({ From: `messenger:${page}`, To: `messenger:${psid}` })],
    ['DateSent of 45 days ago', (stored) => ({ DateSent: day(stored, 0.5) })],
    ['DateSent< 60 days ago', (stored) => ({ 'DateSent<': day(stored, 0.33) })],
    ['DateSent> 10 days ago', (stored) => ({ 'DateSent>': day(stored, 0.9) })],
    ['From=Page, 45 days ago', (stored) => ({ From: `messenger:${page}`, DateSent: day(stored, 0.5) })],
  ]
  const figures: Figure[] = []
  for (const [name, query] of kinds) {
    const value = await usualMs(() => list(many, query(large)))
    const other = await usualMs(() => list(few, query(small)))
    figures.push({
      name: `list: ${name}`,
      unit: 'ms',
      pagewire: value.ms,
      against: { name: `of ${FEW.toLocaleString('en')}`, value: other.ms, ratio: other.ms / value.ms, reach: 0.5 },
      ...(value.found === undefined && { note: 'given up by the gateway' }),
    })
  }
  return figures
}

async function usualMs(ask: () => Promise<Listed>): Promise<Listed> {
  const all: Listed[] = []
  const startedAt = performance.now()
  while (all.length < LISTS && performance.now() - startedAt < LIST_BUDGET_MS) all.push(await ask())
  return { ms: median(all.map(({ ms }) => ms)), found: all.at(-1)?.found }
}

/** `found`: how many messages the page has; undefined when there was no page. */
type Listed = { ms: number; found: number | undefined }

async function list(gateway: Running, query: Record<string, string>): Promise<Listed> {
  const startedAt = performance.now()
  const path = `/2010-04-01/Accounts/${ACCOUNT.sid}/Messages.json?${new URLSearchParams(query)}`
  const answer = await fetch(`${gateway.url}${path}`, { headers: { Authorization: authorization } })
  const text = await answer.text()
  const ms = performance.now() - startedAt
  return { ms, found: answer.ok ? (JSON.parse(text) as { messages: unknown[] }).messages.length : undefined }
}
