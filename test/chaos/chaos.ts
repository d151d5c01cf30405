/** `npm run chaos -- --seconds 60 --seed 42 --nodes 2 --people 60 --report ledger.json`: exit code 1 when a promise broke. */
import { randomInt } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { tableOf, tellViolations } from './ledger/ledger.ts'
import { isKind, type Kind, makePlan } from './plan.ts'
import { runChaos } from './run.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    nodes: { type: 'string', default: '2' },
    people: { type: 'string', default: '60' },
    only: { type: 'string' },
    report: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const number = (name: 'seconds' | 'seed' | 'nodes' | 'people', least: number): number => {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value >= least) return value
  process.stderr.write(`--${name} must be a whole number from ${least}\n`)
  process.exit(2)
}
function kindsOf(list: string): Kind[] {
  const kinds = list.split(',').map((kind) => kind.trim())
  if (kinds.every(isKind)) return kinds
  process.stderr.write(`--only: there is no ${kinds.find((kind) => !isKind(kind))}\n`)
  process.exit(2)
}
const options = {
  seconds: number('seconds', 5),
  seed: number('seed', 0),
  nodes: number('nodes', 1),
  people: number('people', 1),
  ...(values.only !== undefined && { only: kindsOf(values.only) }),
}

const started = performance.now()
const print = (text: string) => process.stdout.write(`${text}\n`)
const run = await runChaos(makePlan(options), 120_000 + options.seconds * 200, (line) =>
  print(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}`),
)
const { ledger, counts, statuses, drainedInMs, diary } = run

const list = (of: Record<string, number>) =>
  Object.entries(of)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
print(`\nHappened: ${list(counts)}`)
print(`Outbound messages ended as: ${list(statuses)}`)
print(`Drained in ${(drainedInMs / 1000).toFixed(1)} s\n`)
print(tableOf(ledger.rows))
if (values.report) {
  const report = { ...options, counts, statuses, drainedInMs, diary, rows: ledger.rows }
  await writeFile(values.report, `${JSON.stringify(report, null, 2)}\n`)
}
if (ledger.violations.length > 0) {
  print(`\n${await tellViolations(ledger.violations, run.logFiles)}`)
  print(`\nThe nodes' logs are in ${run.dir}. The same plan again: --seed ${options.seed}`)
} else if (values.keep) print(`\nThe nodes' logs are in ${run.dir}`)
else await rm(run.dir, { recursive: true, force: true })
process.exit(ledger.violations.length > 0 ? 1 : 0)
