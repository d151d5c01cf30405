/** What the documents show: the code between the fences of one language, in order. */
import { readFileSync } from 'node:fs'

export function snippetsOf(document: string, language: string): string[] {
  const text = readFileSync(new URL(`../docs/${document}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, code = '']) =>
    name === language ? code : [],
  )
}
