/**
 * `npm run bench`: every figure as a ratio inside one run, or an absolute bound; a table, and JSON under bench/results/.
 * `-- --rounds 3 --count 20000 --only accept,relay`.
 */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  accept,
  callbackLatency,
  type Figure,
  fullRound,
  memoryWithBacklog,
  prepare,
  relay,
  startBench,
  stopBench,
  webhookLatency,
  withStatusCallbacks,
} from './figures.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    count: { type: 'string', default: '20000' },
    backlog: { type: 'string', default: '100000' },
    only: { type: 'string', default: 'accept,relay,round,latency,status,memory' },
  },
})
const only = new Set(values.only.split(','))
const say = (line: string) => process.stdout.write(`${line}\n`)
const dataDir = await mkdtemp(join(tmpdir(), 'pagewire-bench-'))
const bench = await startBench(dataDir, Number(values.rounds), Number(values.count), say)
const figures: Figure[] = []
try {
  await prepare(bench)
  if (only.has('accept')) figures.push(await accept(bench))
  const relayed = only.has('relay') || only.has('status') ? await relay(bench) : undefined
  if (relayed) figures.push(relayed)
  if (only.has('round')) figures.push(await fullRound(bench))
  if (only.has('latency')) figures.push(await webhookLatency(bench), ...(await callbackLatency(bench)))
  if (only.has('status') && relayed) figures.push(await withStatusCallbacks(bench, relayed))
  if (only.has('memory')) figures.push(await memoryWithBacklog(bench, Number(values.backlog)))
} finally {
  await stopBench(bench)
  await rm(dataDir, { recursive: true, force: true })
}

const number = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2))
say(`\n${'figure'.padEnd(52)} ${'Pagewire'.padStart(14)} ${'against'.padStart(10)} ${'ratio'.padStart(6)}  reach`)
for (const { name, unit, pagewire, against, bound, note } of figures) {
  const value = `${number(pagewire)} ${unit === 'per second' ? '/s' : unit}`
  const [other, ratio, reach] = against
    ? [
        number(against.value),
        against.ratio.toFixed(2),
        `≥ ${against.reach} ${against.ratio >= against.reach ? 'kept' : 'MISSED'}`,
      ]
    : ['', '', bound ? `< ${bound.value} ${bound.kept ? 'kept' : 'MISSED'}` : '']
  say(
    `${name.padEnd(52)} ${value.padStart(14)} ${other.padStart(10)} ${ratio.padStart(6)}  ${reach}${note ? `  (${note})` : ''}`,
  )
}

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') ? '-changed' : '')
const results = new URL('./results/', import.meta.url)
await mkdir(results, { recursive: true })
const report = {
  commit,
  at: new Date().toISOString(),
  node: process.version,
  cores: cpus().length,
  cpu: cpus()[0]?.model,
  figures,
}
await writeFile(new URL(`${commit}.json`, results), `${JSON.stringify(report, null, 2)}\n`)
