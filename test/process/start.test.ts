import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { eventually } from '../eventually.ts'
import { freePort } from '../free-port.ts'
import { personAtPage } from '../people.ts'
import { type Ids, type Installation, isAlive, MAIN, makeInstallation } from './gateway-process.ts'

const made: Installation[] = []
after(() => Promise.all(made.map((each) => each.remove())))

const install = async (environment?: Record<string, string>, ids?: Ids) => {
  const installation = await makeInstallation(environment, ids)
  made.push(installation)
  return installation
}

test('wrong settings are listed all at once, without their secrets, and nothing is started or made', async () => {
  const installation = await install({
    PORT: '99999',
    DATABASE_URL: 'mysql://root:hunter2@db/x',
    PAGEWIRE_PUBLIC_URL: 'http://admin:hunter2@example.com',
    PAGEWIRE_ROLES: 'web,cook',
    PAGEWIRE_SECRET_KEY: 'hunter2',
    PAGEWIRE_AUTH_TOKEN: 'hunter2',
    PAGEWIRE_RETENTION_DAYS: '6',
    META_APP_ID: '1234567',
    LOG_LEVEL: 'loud',
  })

  const { code, stderr, stdout } = await installation.launch().ended()

  assert.equal(code, 1)
  assert.equal(stdout, '')
  const told = stderr.split('\n').filter((line) => line.startsWith('  - '))
  for (const name of [
    'PORT',
    'DATABASE_URL',
    'PAGEWIRE_PUBLIC_URL',
    'PAGEWIRE_ROLES',
    'PAGEWIRE_SECRET_KEY',
    'PAGEWIRE_AUTH_TOKEN',
    'PAGEWIRE_ACCOUNT_SID',
    'PAGEWIRE_RETENTION_DAYS',
    'META_APP_SECRET',
    'META_VERIFY_TOKEN',
    'LOG_LEVEL',
  ]) {
    assert.ok(
      told.some((line) => line.includes(name)),
      `${name} is not in:\n${stderr}`,
    )
  }
  assert.doesNotMatch(stderr, /hunter2/)
  assert.equal(existsSync(installation.dataDir), false)
})

test('a first start shows the credentials once, is ready, and stops cleanly with its PostgreSQL', async () => {
  const installation = await install()
  const first = await installation.start()
  const { authToken, accountSid } = JSON.parse(await readFile(join(installation.dataDir, 'credentials.json'), 'utf8'))

  assert.match(first.stdout(), new RegExp(`Account SID +${accountSid}\n`))
  assert.match(first.stdout(), new RegExp(`Auth token +${authToken} `))
  assert.equal(statSync(join(installation.dataDir, 'credentials.json')).mode & 0o777, 0o600)
  assert.deepEqual(await (await fetch(`${installation.url}/healthz`)).json(), { status: 'ok' })
  const postgres = (await installation.postgresPid()) as number
  assert.ok(isAlive(postgres))

  const { code, stderr } = await first.ended('SIGINT')
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(isAlive(postgres), false)

  const from = performance.now()
  const second = await installation.start()
  // Under 5 s on a machine that does nothing else.
  assert.ok(performance.now() - from < 15_000, `a later start took ${performance.now() - from} ms`)
  assert.doesNotMatch(second.stdout(), new RegExp(authToken))
  assert.equal((await second.ended('SIGTERM')).code, 0)
})

test('while one gateway runs on a data folder, a second start on it is refused and harms nothing', async () => {
  const installation = await install()
  await installation.start()
  const postgres = await installation.postgresPid()

  const { code, stderr } = await installation.launch({ PORT: String(await freePort()) }).ended()

  assert.equal(code, 1)
  assert.match(stderr, /another Pagewire is running on .*: stop it, or set PAGEWIRE_DATA_DIR/)
  assert.equal(await installation.postgresPid(), postgres)
  assert.equal((await fetch(`${installation.url}/readyz`)).status, 200)
})

test('of two first starts at once on a folder, one runs, with credentials that open its database ever after', async () => {
  const installation = await install()
  const starts = [installation.launch(), installation.launch({ PORT: String(await freePort()) })]
  const loser = await Promise.race(starts.map(async (each) => ({ each, how: await each.ended() })))

  assert.equal(loser.how.code, 1)
  assert.match(loser.how.stderr, /another Pagewire is running on/)
  const winner = starts.find((each) => each !== loser.each)
  await eventually('the other to run', () => winner?.stdout().includes('Pagewire is running'))
  assert.equal((await winner?.ended('SIGTERM'))?.code, 0)
  const again = await installation.start()
  assert.equal((await again.ended('SIGTERM')).code, 0)
})

test('a port that is taken and damaged credentials are told in a sentence, and nothing is started', async () => {
  const taken = await install()
  await taken.start()
  const installation = await install({ PORT: new URL(taken.url).port })
  const refused = await installation.launch().ended()
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /another program listens on port \d+: stop it, or set PORT\n$/)
  assert.equal(existsSync(installation.dataDir), false)

  await mkdir(installation.dataDir)
  await writeFile(join(installation.dataDir, 'credentials.json'), '{"accountSid": "AC')
  const damaged = await installation.launch().ended()
  assert.equal(damaged.code, 1)
  assert.match(damaged.stderr, /another program listens on port/)
  assert.match(damaged.stderr, /credentials.json is damaged/)
  assert.deepEqual(await readdir(installation.dataDir), ['credentials.json'])
})

test('an address that this machine does not have is told before anything is started', async () => {
  // 192.0.2.0/24 is nobody's (RFC 5737).
  for (const HOST of ['192.0.2.1', '256.1.1.1']) {
    const installation = await install({ HOST, LOG_LEVEL: 'loud' })
    const { code, stderr } = await installation.launch().ended()
    assert.equal(code, 1)
    assert.ok(stderr.includes(`  - HOST is "${HOST}": expected an address of this machine`), stderr)
    assert.match(stderr, /LOG_LEVEL/)
    assert.equal(existsSync(installation.dataDir), false)
  }
})

test('a data folder that cannot be made is told with the other problems', async () => {
  const installation = await install({ PAGEWIRE_ROLES: 'cook' })
  await writeFile(join(installation.folder, 'file'), '')
  const unusable = [join(installation.folder, 'file'), join(installation.folder, 'file', 'data')]
  if (process.platform === 'linux') unusable.push('/proc/data')
  for (const PAGEWIRE_DATA_DIR of unusable) {
    const { code, stderr } = await installation.launch({ PAGEWIRE_DATA_DIR }).ended()
    assert.equal(code, 1)
    assert.ok(stderr.includes(`  - PAGEWIRE_DATA_DIR ${PAGEWIRE_DATA_DIR} cannot be used: `), stderr)
    assert.match(stderr, /PAGEWIRE_ROLES/)
  }
  assert.deepEqual(await readdir(installation.folder), ['file'])
})

test('a PATH without anything in it is enough, also for root', async () => {
  const installation = await install({ PATH: '' })
  const gateway = await installation.start()
  assert.equal((await gateway.ended('SIGTERM')).code, 0)
})

test('an ordinary user runs it all', async (t) => {
  const nobody = { uid: 65534, gid: 65534 }
  const isRoot = process.getuid?.() === 0
  const reach = ['-e', `fs.readFileSync(${JSON.stringify(MAIN)}); require.resolve('fastify')`]
  const reachable = await promisify(execFile)(process.execPath, reach, isRoot ? nobody : {}).then(
    () => true,
    () => false,
  )
  if (!reachable) return t.skip('the checkout is in a folder that other users cannot reach')
  const installation = await install({}, isRoot ? nobody : undefined)
  const gateway = await installation.start()

  const ada = await personAtPage(installation.url)
  await ada.say('hi')
  await ada.hears(/^Welcome!/)
  assert.equal(statSync(join(installation.dataDir, 'postgres')).uid, isRoot ? nobody.uid : process.getuid?.())
  assert.equal((await gateway.ended('SIGTERM')).code, 0)
})
