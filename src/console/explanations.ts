/**
 * What the error codes mean, in plain words: the tables of `docs/errors.md`, so that the console and the documentation
 * cannot say different things.
 */
import { readFileSync } from 'node:fs'
import { errorText } from '#core/error-codes.ts'
import type { CodeView, ErrorCodes, MessageStatusName } from './contract/messages.ts'

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

/** Markdown's marks are for another reader; a link to another page stays as its name. */
const plain = (cell: string): string =>
  cell
    .trim()
    .replaceAll(/\[([^\]]*)\]\(([\w-]+\.md)[^)]*\)/g, '$1 (docs/$2)')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')

const FILE = new URL('../../docs/errors.md', import.meta.url)
let known: ErrorCodes['sections'] | undefined

export function explanations(): ErrorCodes['sections'] {
  known ??= readExplanations(readFileSync(FILE, 'utf8'))
  return known
}

/** Which table counts, where a code stands in several. Alerts tell of no answer of the API. */
const TABLES = { callback: /^Callbacks/, send: /^How a message can end/, alert: /^(?!Answers)/ }

/** `status`: of the message that it is about, where a code means something else for each. */
export function explain(
  code: number,
  reason: string | null,
  about: keyof typeof TABLES,
  status?: MessageStatusName,
): CodeView {
  const found = explanations().flatMap(({ title, codes }) =>
    codes.filter((each) => each.code === code).map((each) => ({ ...each, title })),
  )
  const ofTable = found.filter(({ title }) => TABLES[about].test(title))
  const ofStatus = ofTable.filter(({ when }) => status && when.startsWith(`${status}: `))
  const [best] = [ofStatus, ofTable, found.slice(-1)].filter(({ length }) => length > 0)
  // The later tables are about what happens most.
  const meanings = (best ?? [])
    .toReversed()
    .map(({ when, todo }) => ({ when: sentence(when), todo: todo && sentence(todo) }))
  return { code, title: errorText(code), reason, meanings }
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)
