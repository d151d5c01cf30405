/**
 * `node scripts/run.mjs bench/simulate/run.ts`: what cannot be measured on one machine. A fleet of accounts of skewed sizes
 * on a Citus cluster that is distributed by account: how even the nodes get, what rebalancing moves, what isolating large
 * accounts gains, and where the hottest account and the hottest Page end it. The same seed prints the same tables.
 */
import { parseArgs } from 'node:util'
import { percentile } from '../processes.ts'
import { type Account, hottestPage, MAX_PAGES, makeAccounts } from './accounts.ts'
import { addNodes, type Cluster, imbalance, isolate, makeCluster, usefulNodes } from './cluster.ts'
import { rebalance } from './rebalance.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    accounts: { type: 'string', default: '10000' },
    skew: { type: 'string', default: '1' },
    shards: { type: 'string', default: '128' },
    fleets: { type: 'string', default: '100' },
    /** Messages a second that one database node bears, as measured (docs/PERFORMANCE.md). */
    'per-node': { type: 'string', default: '2000' },
  },
})
const [seed, count, skew, shards, fleetCount, perNode] = [
  values.seed,
  values.accounts,
  values.skew,
  values.shards,
  values.fleets,
  values['per-node'],
].map(Number) as [number, number, number, number, number, number]

/** Meta's limit per Page, and what the gateway makes of it (src/messaging/pace.ts). */
const PAGE_PER_SECOND = 300 * 0.95
const NODES = [2, 4, 8, 16, 32]
const ISOLATED = [0, 1, 10, 50]
const SKEWS = [0.6, 0.8, 1, 1.2]

const say = (line = '') => process.stdout.write(`${line}\n`)
const table = (head: string[], rows: string[][]) => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)))
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(' | ')} |`
  for (const cells of [head, widths.map((width) => '-'.repeat(width)), ...rows]) say(line(cells))
  say()
}
const number = (value: number) =>
  value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString('en') : value.toFixed(2)
const percent = (value: number) => `${(value * 100).toFixed(1)} %`
/** The usual fleet, and the unlucky one of twenty. */
const spread = (all: number[]) => `${number(percentile(all, 0.5))} (${number(percentile(all, 0.95))})`
const spreadOfRates = (all: number[]) => `${number(percentile(all, 0.5))} (${number(percentile(all, 0.05))})`

const fleets = Array.from({ length: fleetCount }, (_, nth) => makeAccounts(seed + nth, count, skew))
/** The largest ones on shards of their own. */
const isolated = (cluster: Cluster, accounts: readonly Account[], largest: number) =>
  accounts.slice(0, largest).reduce((before, account) => isolate(before, accounts, account), cluster)

say(`${number(count)} accounts, sizes by Zipf with exponent ${skew}; ${fleetCount} fleets from seed ${seed}.`)
say('Of every figure the usual fleet, in parentheses the unlucky one of twenty.\n')

say('Load of the most loaded node, in multiples of its equal part, by number of shards, as they are dealt:')
const counts = [32, 64, 128, 256]
table(
  ['nodes', ...counts.map((each) => `${each} shards`)],
  NODES.map((nodes) => [
    String(nodes),
    ...counts.map((each) => spread(fleets.map((accounts) => imbalance(makeCluster(accounts, each, nodes))))),
  ]),
)

/** By nodes and number of isolated accounts: every fleet's cluster, rebalanced. */
const settled = new Map(
  NODES.flatMap((nodes) =>
    ISOLATED.map((largest): [string, Cluster[]] => [
      `${nodes} ${largest}`,
      fleets.map((each) => rebalance(isolated(makeCluster(each, shards, nodes), each, largest)).cluster),
    ]),
  ),
)
const settledOf = (nodes: number, largest: number) => settled.get(`${nodes} ${largest}`) ?? []
const isolatedHead = ISOLATED.map((largest) => (largest === 0 ? 'none isolated' : `${largest} isolated`))
say(`The same with ${shards} shards, rebalanced, and with the largest accounts on shards of their own:`)
table(
  ['nodes', ...isolatedHead],
  NODES.map((nodes) => [String(nodes), ...ISOLATED.map((largest) => spread(settledOf(nodes, largest).map(imbalance)))]),
)
say(`What that is in messages a second before the most loaded node is full, at ${number(perNode)}/s per node:`)
table(
  ['nodes', 'perfect', ...isolatedHead],
  NODES.map((nodes) => [
    String(nodes),
    number(nodes * perNode),
    ...ISOLATED.map((largest) => spreadOfRates(settledOf(nodes, largest).map((each) => usefulNodes(each) * perNode))),
  ]),
)

say(`Twice the nodes, ${shards} shards, the 10 largest isolated: what the rebalancing moves.`)
table(
  ['nodes', 'shards moved', 'part of the data', 'most loaded before', 'after'],
  NODES.slice(0, -1).map((nodes) => {
    const before = settledOf(nodes, 10)
    const grown = before.map((cluster) => rebalance(addNodes(cluster, nodes)))
    return [
      `${nodes} to ${nodes * 2}`,
      spread(grown.map(({ moves }) => moves)),
      percent(
        percentile(
          grown.map(({ movedShare }) => movedShare),
          0.5,
        ),
      ),
      spread(before.map(imbalance)),
      spread(grown.map(({ cluster }) => imbalance(cluster))),
    ]
  }),
)

say('The hottest: an account is on one node, whatever their number, and a Page sends no faster than Meta allows.')
table(
  [
    'Zipf',
    'largest account',
    'nodes that help',
    'its node is full at',
    'its hottest Page is full at',
    'of all messages',
  ],
  SKEWS.map((each) => {
    const accounts = makeAccounts(seed, count, each)
    const largest = accounts[0]?.share ?? 0
    const page = hottestPage(accounts)
    return [
      each.toFixed(1),
      percent(largest),
      number(1 / largest),
      `${number(perNode / largest)}/s`,
      `${number(PAGE_PER_SECOND / page)}/s`,
      percent(page),
    ]
  }),
)
say(
  `One account sends at most ${number(MAX_PAGES * PAGE_PER_SECOND)}/s over ${MAX_PAGES} Pages, one Page ${number(PAGE_PER_SECOND)}/s:`,
)
say(`100,000 messages on one Page take ${number(100_000 / PAGE_PER_SECOND)} s, on any hardware.`)
