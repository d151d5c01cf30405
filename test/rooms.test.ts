import assert from 'node:assert/strict'
import { glob, readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { importsOf, isRoom, violationsOf } from './rooms.ts'

test('every file imports only from where its room may', async () => {
  const violations: string[] = []
  let files = 0
  for await (const path of glob(['src/**/*.ts', 'web/**/*.{ts,tsx}'], { exclude: ['web/dist/**'] })) {
    files += 1
    violations.push(...violationsOf(path.replaceAll('\\', '/'), await readFile(path, 'utf8')))
  }
  assert.ok(files > 100)
  assert.deepEqual(violations, [])
})

test('every folder of src/ is a room of the table', async () => {
  const folders = (await readdir('src', { withFileTypes: true })).filter((each) => each.isDirectory())
  assert.deepEqual(
    folders.map(({ name }) => name).filter((name) => !isRoom(name)),
    [],
  )
})

test('imports are found in all their forms', () => {
  const source = `
import 'a'
import b from 'b'
import {
  c,
} from 'c'
import type { D } from 'd'
import type E, { F } from 'e'
export * from "f"
export type { G } from 'g'
export { h } from 'h'
import * as i from 'i'
const later = await import('j'), alike: import('k').K = x
import { type L } from 'l'
import type from 'm'
// import 'not-this'
/* import n from 'nor-that' */
export const text = 'from here'
export function f() { return 'x' }
`
  const found = importsOf(source).map(({ specifier, isType }) => (isType ? `type ${specifier}` : specifier))
  assert.deepEqual(found.toSorted(), ['a', 'b', 'c', 'f', 'h', 'i', 'j', 'k', 'l', 'm', 'type d', 'type e', 'type g'])
})

const forbidden: [path: string, source: string][] = [
  ['src/core/ids.ts', "import { sql } from '#store/connection.ts'"],
  ['src/core/ids.ts', "import type { Sql } from '../store/connection.ts'"],
  ['src/store/parts.ts', "export { enqueue } from '#jobs/queue.ts'"],
  ['src/messaging/commit.ts', "const api = await import('../api/api.ts')"],
  ['src/messaging/commit.ts', "import { startApp } from '../app.ts'"],
  ['src/sandbox/sandbox.ts', "import { connect } from '#store/connection.ts'"],
  ['src/sandbox/sandbox.ts', "import { sign } from '../channels/meta/signature.ts'"],
  ['src/api/api.ts', "import { enqueue } from '#jobs/queue.ts'"],
  ['src/webhooks/receive.ts', "import { sql } from '#store/connection.ts'"],
  ['src/customer/twiml.ts', "import { startGateway } from '../../test/gateway.ts'"],
  ['src/customer/twiml.test.ts', "import { enqueue } from '#jobs/queue.ts'"],
  ['src/pages.ts', "import { App } from '../web/console/app.tsx'"],
  ['web/console/app.tsx', "import { StatusView } from '../../src/console/contract.ts'"],
  ['web/console/app.tsx', "import { type StatusView } from '../../src/console/contract.ts'"],
  ['web/console/app.tsx', "import type { Message } from '../../src/core/message.ts'"],
  ['src/api/api.ts', 'await import(name)'],
]
for (const [path, source] of forbidden) {
  test(`in ${path}, ${source} is refused`, () => assert.equal(violationsOf(path, source).length, 1))
}

const allowed: [path: string, source: string][] = [
  ['src/app.ts', "import { registerApi } from './api/api.ts'"],
  ['src/demo.ts', "import { connectSender } from '#messaging/connect-sender.ts'"],
  ['src/messaging/commit.ts', "import { enqueue } from '#jobs/queue.ts'\nimport { pino } from 'pino'"],
  ['src/channels/messenger/send.ts', "import { exchange } from '../meta/exchange.ts'"],
  ['src/customer/twiml.test.ts', "import { eventually } from '../../test/eventually.ts'"],
  ['web/console/app.tsx', "import type { StatusView } from '../../src/console/contract.ts'\nimport x from './y.ts'"],
]
for (const [path, source] of allowed) {
  test(`in ${path}, ${source.split('\n')[0]} is allowed`, () => assert.deepEqual(violationsOf(path, source), []))
}
