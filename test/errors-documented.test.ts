import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CODES } from '#core/error-codes.ts'
import { MISTAKES } from '#core/errors.ts'

const document = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')

/** The rows of the tables below a heading: their first cell's codes, and all cells. */
function rowsBelow(heading: string): { codes: number[]; cells: string[] }[] {
  const [, section = ''] = document.split(`\n## ${heading}\n`)
  const [table = ''] = section.split('\n## ')
  return [...table.matchAll(/^\| (\d{5}.*?) \|$/gm)].map(([, row = '']) => {
    const cells = row.split(/ ?\| ?/)
    return { codes: [...(cells[0] ?? '').matchAll(/\d{5}/g)].map(Number), cells }
  })
}

const answers = rowsBelow('Answers of the API')
const ends = [...rowsBelow('How a message can end'), ...rowsBelow('Callbacks and TwiML')]

test('every code that the API answers is in docs/errors.md, with its HTTP status', () => {
  // The code of what the channel refused is one of a message's.
  const { channel_refused: _, ...known } = MISTAKES
  const missing = Object.entries(known).flatMap(([key, [code, status]]) => {
    const row = answers.find(({ codes }) => codes.includes(code))
    return row?.cells.join(' | ').includes(String(status)) ? [] : [`${key}: ${code}, ${status}`]
  })
  assert.deepEqual(missing, [])
})

test('every code of a message or an alert is in docs/errors.md, and a warning is called one', () => {
  const wrong = Object.entries(CODES).flatMap(([code, [level, text]]) => {
    const row = ends.find(({ codes }) => codes.includes(Number(code)))
    const isWarning = row?.cells[1]?.startsWith('warning: ') ?? false
    return row && isWarning === (level === 'warning') ? [] : [`${code}: ${text}`]
  })
  assert.deepEqual(wrong, [])
})

test('docs/errors.md explains no code that there is not', () => {
  const mistakes = new Set<number>(Object.values(MISTAKES).map(([code]) => code))
  const foreign = [
    ...answers.flatMap(({ codes }) => codes.filter((code) => !mistakes.has(code))),
    ...ends.flatMap(({ codes }) => codes.filter((code) => !(code in CODES))),
  ]
  assert.deepEqual(foreign, [])
})
