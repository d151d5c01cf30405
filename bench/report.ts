/** What is left of a run: a table to read, and JSON under bench/results/ by the commit that was measured. */
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import type { Figure } from './bench.ts'

const RESULTS = new URL('./results/', import.meta.url)

export function printFigures(figures: readonly Figure[], say: (line: string) => void): void {
  say(`\n${'figure'.padEnd(52)} ${'Pagewire'.padStart(14)} ${'against'.padStart(10)} ${'ratio'.padStart(6)}  reach`)
  for (const { name, unit, pagewire, against, bound, note } of figures) {
    const value = `${number(pagewire)} ${unit === 'per second' ? '/s' : unit}`
    const [other, ratio] = against ? [number(against.value), against.ratio.toFixed(2)] : ['', '']
    const line = `${name.padEnd(52)} ${value.padStart(14)} ${other.padStart(10)} ${ratio.padStart(6)}`
    say(`${line}  ${verdict(against, bound)}${note ? `  (${note})` : ''}`)
  }
}

const number = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2))

function verdict(against: Figure['against'], bound: Figure['bound']): string {
  if (bound) return `< ${bound.value} ${bound.kept ? 'kept' : 'MISSED'}`
  if (against?.reach === undefined) return ''
  return `≥ ${against.reach} ${against.ratio >= against.reach ? 'kept' : 'MISSED'}`
}

/** `some`: which figures, when they are not all; a run of a few does not replace the whole one. */
export async function saveFigures(figures: readonly Figure[], some: readonly string[]): Promise<void> {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', 'src') ? '-changed' : '')
  await mkdir(RESULTS, { recursive: true })
  const report = {
    commit,
    at: new Date().toISOString(),
    node: process.version,
    cores: cpus().length,
    cpu: cpus()[0]?.model,
    figures,
  }
  const file = `${[commit, ...some].join('-')}.json`
  await writeFile(new URL(file, RESULTS), `${JSON.stringify(report, null, 2)}\n`)
}
