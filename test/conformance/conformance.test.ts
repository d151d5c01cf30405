/** Every operation that is served, called with the official client and held to Twilio's documents and to our own. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { accountOperations } from './account.ts'
import { compatibilityPage } from './compatibility.ts'
import { coreOperations } from './core.ts'
import { messagingOperations } from './messaging.ts'
import { monitorOperations } from './monitor.ts'
import { REFUSED } from './own.ts'
import { startWorld, type World } from './world.ts'

let world: World
before(async () => {
  world = await startWorld()
})
after(() => world?.stop())

coreOperations(() => world)
accountOperations(() => world)
messagingOperations(() => world)
monitorOperations(() => world)

test('every route was called, and answered with success wherever there can be one', () => {
  const named = ({ method, path }: { method: string; path: string }) => `${method} ${path}`
  const succeeded = new Set(world.calls.filter(({ status }) => status < 400).map(named))
  const failed = new Set(world.calls.filter(({ status }) => status >= 400).map(named))
  const missing = world.routes.map(named).filter((each) => !(REFUSED.includes(each) ? failed : succeeded).has(each))
  assert.deepEqual(missing, [])
  assert.deepEqual(
    REFUSED.filter((each) => succeeded.has(each)),
    [],
  )
})

async function assertCurrent(name: string, text: string): Promise<void> {
  const file = new URL(`../../docs/${name}`, import.meta.url)
  if (process.env.PAGEWIRE_WRITE_DOCS) await writeFile(file, text)
  assert.ok(
    (await readFile(file, 'utf8').catch(() => '')) === text,
    `docs/${name} is not current: run \`npm run docs\``,
  )
}

test('docs/TWILIO-COMPATIBILITY.md says what this run has shown', async () => {
  await assertCurrent('TWILIO-COMPATIBILITY.md', compatibilityPage(world.calls, world.routes))
})

test('docs/openapi.json describes what is served', async () => {
  await assertCurrent('openapi.json', `${JSON.stringify(world.document, null, 1)}\n`)
})
