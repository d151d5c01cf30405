/** The proof at the end of a run: what was accepted against what became of it, line by line. */
import { readFile } from 'node:fs/promises'
import type { Evidence, Row, Violation } from './evidence.ts'
import { inwardRows } from './inward.ts'
import { outwardRows } from './outward.ts'
import { reportRows } from './reports.ts'

export type Ledger = { rows: Row[]; violations: Violation[] }

export function makeLedger(evidence: Evidence): Ledger {
  const { problems, badSignatures, lanes, jobs } = evidence
  const none = (promise: string, found: number, texts: string[] = []): Row => ({
    promise,
    expected: 0,
    found,
    violations:
      found === 0 ? [] : (texts.length > 0 ? texts : [`${promise}: ${found}`]).map((text) => ({ text, about: [] })),
  })
  const rows = [
    ...inwardRows(evidence),
    ...outwardRows(evidence),
    ...reportRows(evidence),
    none('callbacks with a wrong signature', badSignatures),
    none('lanes left', lanes),
    none('jobs left', jobs),
    none('refusals, exits and time-outs', problems.length, problems),
  ]
  return { rows, violations: rows.flatMap((row) => row.violations) }
}

export function tableOf(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ promise }) => promise.length))
  const lines = rows.map(({ promise, expected, found, violations }) => {
    const verdict = violations.length === 0 ? 'ok' : `${violations.length} WRONG`
    return `${promise.padEnd(width)}  ${String(expected).padStart(8)}  ${String(found).padStart(8)}  ${verdict}`
  })
  return [`${'promise'.padEnd(width)}  ${'expected'.padStart(8)}  ${'found'.padStart(8)}`, ...lines].join('\n')
}

const MAX_SHOWN = 10
const MAX_LINES = 6

/** The first violations, each with the lines of the nodes' logs that name what it is about. */
export async function tellViolations(violations: readonly Violation[], logFiles: string[]): Promise<string> {
  const logs = await Promise.all(
    logFiles.map(async (file) => ({
      name: file.split('/').at(-1),
      lines: (await readFile(file, 'utf8').catch(() => '')).split('\n'),
    })),
  )
  const shown = violations.slice(0, MAX_SHOWN).map(({ text, about }) => {
    const lines = logs.flatMap(({ name, lines: all }) =>
      all
        .filter((line) => about.some((word) => word !== '' && line.includes(word)))
        .slice(-MAX_LINES)
        .map((line) => `    ${name}: ${line.slice(0, 400)}`),
    )
    return [`- ${text}`, ...lines].join('\n')
  })
  const more = violations.length - shown.length
  return [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n')
}
