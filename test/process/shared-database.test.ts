import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { connect, PATIENT, type Sql } from '../../src/store/connection.ts'
import { layCable } from '../cable.ts'
import { eventually } from '../eventually.ts'
import { personAtPage } from '../people.ts'
import { credentialsOf, type GatewayProcess, type Installation, makeInstallation } from './gateway-process.ts'

const SECRET = { PAGEWIRE_SECRET_KEY: 'shared by all the nodes' }

let admin: Sql
let sql: Sql
let name: string
let url: string
const made: Installation[] = []

before(async () => {
  const server = process.env.TEST_DATABASE_URL as string
  name = `test_${randomBytes(6).toString('hex')}`
  url = `${server}/${name}`
  admin = connect({ url: `${server}/postgres` }, 1, PATIENT)
  await admin.unsafe(`create database ${name} template template0`)
  sql = connect({ url }, 2)
})
after(async () => {
  await Promise.all(made.map((each) => each.remove()))
  await sql?.end()
  await admin?.unsafe(`drop database if exists ${name} with (force)`)
  await admin?.end()
})

async function install(environment: Record<string, string> = SECRET): Promise<Installation> {
  const installation = await makeInstallation({ DATABASE_URL: url, ...environment })
  made.push(installation)
  return installation
}

const sidShown = (gateway: GatewayProcess) => /Account SID +(AC\w+)/.exec(gateway.stdout())?.[1]

test('two gateways that start together on an empty database agree, share the work, and outlive each other', async () => {
  const [one, two] = [await install(), await install()]
  const gateways = await Promise.all([one.start(), two.start()])
  const [first, second] = gateways as [GatewayProcess, GatewayProcess]

  const applied = await sql`select series, version from migrations`
  assert.equal(new Set(applied.map((each) => `${each.series} ${each.version}`)).size, applied.length)
  assert.equal((await sql`select from accounts`).length, 1)
  assert.equal((await sql`select from nodes`).length, 2)
  await eventually('both to show the same account', () => sidShown(first) && sidShown(first) === sidShown(second))

  const [ada, bruno] = [await personAtPage(one.url, 0), await personAtPage(two.url, 1)]
  await Promise.all([ada.say('hi'), bruno.say('hi')])
  await Promise.all([ada.hears(/^Welcome!/), bruno.hears(/^Welcome!/)])
  assert.equal((await sql`select from senders`).length, 1)

  // The app's webhook may point at either: the one that goes tells the other by leaving it the work.
  const webhook = await sql<{ url: string }[]>`select callback_url as url from sandbox.app_subscriptions`
  const [dying, living, chiyo] = webhook[0]?.url.startsWith(one.url)
    ? [second, first, await personAtPage(one.url, 2)]
    : [first, second, await personAtPage(two.url, 2)]
  await dying.ended('SIGKILL')
  await chiyo.say('still there?')
  await chiyo.hears(/^Welcome!/)
  await eventually('the dead node to be given up', async () => (await sql`select from nodes`).length === 1)
  assert.equal((await living.ended('SIGTERM')).code, 0)
  assert.equal((await sql`select from nodes`).length, 0)
})

test('a migration that fails is named, ends the start, and leaves nothing of itself', async () => {
  const other = `${name}_other`
  await admin.unsafe(`create database ${other} template template0`)
  const otherUrl = url.replace(name, other)
  const look = connect({ url: otherUrl }, 1)
  try {
    await look`create table alerts (somebody_elses integer)`
    const installation = await install({ DATABASE_URL: otherUrl })

    const { code, stderr } = await installation.launch().ended()

    assert.equal(code, 1)
    assert.match(stderr, /the migration \d{4}_\w+\.sql failed: relation "alerts" already exists/)
    assert.equal((await look`select from migrations`).length, 0)
  } finally {
    await look.end()
    await admin.unsafe(`drop database ${other} with (force)`)
  }
})

test('another secret key is refused with a sentence that names the setting, and shows neither key', async () => {
  const installation = await install({ PAGEWIRE_SECRET_KEY: 'quite another key' })

  const { code, stderr } = await installation.launch().ended()

  assert.equal(code, 1)
  assert.match(stderr, /set up with another secret key: set PAGEWIRE_SECRET_KEY to the one it was made with/)
  assert.doesNotMatch(stderr, /quite another|shared by all/)
  assert.doesNotMatch(stderr, new RegExp((await credentialsOf(installation.dataDir)).authToken))
})

test('a database of a newer version is refused and left as it is', async () => {
  await sql`insert into migrations (series, version, name) values ('gateway', 9999, '9999_from_the_future.sql')`
  const installation = await install()

  const { code, stderr } = await installation.launch().ended()

  assert.equal(code, 1)
  assert.match(stderr, /the database is at schema gateway 9999, .* start a newer version/)
  assert.equal((await sql`select from nodes`).length, 0)
  await sql`delete from migrations where version = 9999`
})

test('a database that cannot be reached is told without its password', async () => {
  const installation = await makeInstallation({ DATABASE_URL: 'postgres://pagewire:hunter2@127.0.0.1:1/none' })
  made.push(installation)

  const { code, stderr } = await installation.launch().ended()

  assert.equal(code, 1)
  assert.match(stderr, /the database of DATABASE_URL cannot be used: .*ECONNREFUSED/)
  assert.doesNotMatch(stderr, /hunter2/)
})

for (const moment of ['before it was reached', 'after that']) {
  test(`a database that restarts as a gateway starts, ${moment}, is waited for`, async (t) => {
    const cable = await layCable(Number(new URL(url).port))
    t.after(() => cable.stop())
    const throughCable = new URL(url)
    throughCable.port = String(cable.port)
    const installation = await install({ ...SECRET, DATABASE_URL: throughCable.href })
    if (moment === 'before it was reached') cable.cut()
    const started = installation.start()
    // Its failure is seen below.
    started.catch(() => {})
    if (moment === 'after that') {
      // The second is for the migrations.
      await eventually('two connections', () => cable.connections() > 1)
      cable.cut()
    }
    await eventually('a try in vain', () => cable.refused() > 0)
    cable.mend()

    const gateway = await started

    assert.equal((await gateway.ended('SIGTERM')).code, 0)
  })
}
