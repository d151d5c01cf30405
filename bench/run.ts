/**
 * `npm run bench`: every figure as a ratio inside one run, or an absolute bound; a table, and JSON under bench/results/.
 * `-- --rounds 3 --count 20000 --only accept,relay`.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { backlog } from './backlog.ts'
import { type Figure, prepare, startBench, stopBench } from './bench.ts'
import { failover } from './failover.ts'
import { accept, callbackLatency, fullRound, relay, webhookLatency, withStatusCallbacks } from './figures.ts'
import { kannel } from './kannel.ts'
import { nodes } from './nodes.ts'
import { printFigures, saveFigures } from './report.ts'
import { stored } from './stored.ts'

const ALL = ['accept', 'relay', 'kannel', 'round', 'latency', 'status', 'nodes', 'failover', 'backlog', 'stored']

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    count: { type: 'string', default: '20000' },
    backlog: { type: 'string', default: '100000' },
    stored: { type: 'string', default: '1000000' },
    only: { type: 'string', default: ALL.join(',') },
  },
})
const only = new Set(values.only.split(','))
const say = (line: string) => process.stdout.write(`${line}\n`)
for (const name of only) if (!ALL.includes(name)) throw new Error(`--only knows ${ALL.join(', ')}; not ${name}`)

const workDir = await mkdtemp(join(tmpdir(), 'pagewire-bench-'))
// PostgreSQL may run as another user, see src/store/postgres-user.ts.
await chmod(workDir, 0o711)
const bench = await startBench(workDir, Number(values.rounds), Number(values.count), say)
const figures: Figure[] = []
try {
  await prepare(bench)
  if (only.has('accept')) figures.push(await accept(bench))
  const relayed = only.has('relay') || only.has('status') ? await relay(bench) : undefined
  if (relayed) figures.push(...relayed)
  if (only.has('kannel')) figures.push(...(await kannel(bench)))
  if (only.has('round')) figures.push(await fullRound(bench))
  if (only.has('latency')) figures.push(await webhookLatency(bench), ...(await callbackLatency(bench)))
  if (only.has('status') && relayed) figures.push(await withStatusCallbacks(bench, relayed[0]))
  if (only.has('nodes')) figures.push(...(await nodes(bench)))
  if (only.has('failover')) figures.push(...(await failover(bench)))
  if (only.has('backlog')) figures.push(...(await backlog(bench, Number(values.backlog))))
  if (only.has('stored')) figures.push(...(await stored(bench, Number(values.stored))))
} finally {
  await stopBench(bench)
  await rm(workDir, { recursive: true, force: true })
}
printFigures(figures, say)
await saveFigures(figures, only.size < ALL.length ? ALL.filter((name) => only.has(name)) : [])
