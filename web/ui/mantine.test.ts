import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const web = fileURLToPath(new URL('../', import.meta.url))
const styles = fileURLToPath(new URL('../../node_modules/@mantine/core/styles/', import.meta.url))

test("every component of Mantine's that a page uses has its style sheet", () => {
  const used = globSync(['console/**/*.tsx', 'sandbox/**/*.tsx', 'ui/**/*.tsx'], { cwd: web }).flatMap((file) => {
    const imports = readFileSync(web + file, 'utf8').match(/import \{[^}]*\} from '@mantine\/core'/g) ?? []
    return imports.flatMap((line) => line.match(/\b[A-Z]\w+/g) ?? [])
  })
  assert.ok(used.includes('Button'))
  const imported = readFileSync(`${web}ui/mantine.css`, 'utf8')
  const missing = [...new Set(used)].filter(
    (name) => existsSync(`${styles}${name}.css`) && !imported.includes(`/${name}.css"`),
  )
  assert.deepEqual(missing, [])
})
