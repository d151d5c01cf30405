/**
 * Runs the tests: one throw-away PostgreSQL for all, one database per test file cloned from a migrated template, and no
 * request that leaves this machine.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, PATIENT } from '../src/store/connection.ts'
import { startEmbedded } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'
import { TEMPLATE } from './database.ts'
import { freePort } from './free-port.ts'

const patterns = process.argv.slice(2)
const files: string[] = []
for await (const file of glob(
  patterns.length > 0 ? patterns : ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
))
  files.push(file)
files.sort()

const dataDir = await mkdtemp(join(tmpdir(), 'pagewire-test-'))
const port = await freePort()
const server = await startEmbedded({
  dataDir,
  // Nothing here outlives the run; what must survive a crash is tested on servers of its own.
  settings: { listen_addresses: '127.0.0.1', port: String(port), fsync: 'off', max_connections: '300' },
  log: (line) => / LOG: /.test(line) || process.stderr.write(`${line}\n`),
})
let code = 1
try {
  const url = `postgres://pagewire@127.0.0.1:${port}`
  const admin = connect({ url: `${url}/postgres` }, 1, PATIENT)
  await admin.unsafe(`create database ${TEMPLATE}`)
  await admin.end()
  const template = connect({ url: `${url}/${TEMPLATE}` }, 1, PATIENT)
  await migrate(template, 'gateway', new URL('../src/store/migrations/', import.meta.url))
  await migrate(template, 'sandbox', new URL('../src/sandbox/migrations/', import.meta.url))
  await template.end()

  const child = spawn(
    process.execPath,
    ['--import', './test/stay-local.ts', '--test', '--test-concurrency=3', '--test-timeout=120000', ...files],
    { stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: url } },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  ;[code] = (await once(child, 'exit')) as [number]
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
process.exit(code ?? 1)
