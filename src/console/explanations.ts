/**
 * What the error codes mean, in plain words: the tables of `docs/errors.md`, so that the console and the documentation
 * cannot say different things.
 */
import { readFileSync } from 'node:fs'
import { errorText } from '#core/error-codes.ts'
import type { CodeView, ErrorCodes } from './contract/messages.ts'

export function readExplanations(markdown: string): ErrorCodes['sections'] {
  const sections: ErrorCodes['sections'] = []
  let columns: string[] = []
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) sections.push({ title: line.slice(3).trim(), codes: [] })
    if (!line.startsWith('|')) columns = []
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1).map(plain) : []
    if (cells[0] === 'code') columns = cells
    const [codes = ''] = cells
    if (columns.length === 0 || !/^\d{5}/.test(codes)) continue
    const cell = (name: string) => cells[columns.indexOf(name)] || null
    for (const [code] of codes.matchAll(/\d{5}/g)) {
      const suffix = codes.includes(', ') && !/\d{5}, \d{5}/.test(codes) ? `${codes.split(', ')[1]}: ` : ''
      sections.at(-1)?.codes.push({ code: Number(code), when: suffix + (cell('when') ?? ''), todo: cell('what to do') })
    }
  }
  return sections.filter(({ codes }) => codes.length > 0)
}

/** Markdown's marks are for another reader. */
const plain = (cell: string): string =>
  cell
    .trim()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')

const FILE = new URL('../../docs/errors.md', import.meta.url)
let known: ErrorCodes['sections'] | undefined

export function explanations(): ErrorCodes['sections'] {
  known ??= readExplanations(readFileSync(FILE, 'utf8'))
  return known
}

/** Which table counts, where a code stands in several. */
const TABLES = { callback: /^Callbacks/, send: /^How a message can end/, any: /^$/ }

export function explain(code: number, reason: string | null, about: 'callback' | 'send' | 'any' = 'any'): CodeView {
  const found = explanations().flatMap(({ title, codes }) =>
    codes.filter((each) => each.code === code).map((each) => ({ ...each, title })),
  )
  const entry = found.find(({ title }) => TABLES[about].test(title)) ?? found.at(-1)
  return { code, title: errorText(code), reason, when: sentence(entry?.when), todo: sentence(entry?.todo) }
}

function sentence(words: string | null | undefined): string | null {
  return words ? words.charAt(0).toUpperCase() + words.slice(1) : null
}
