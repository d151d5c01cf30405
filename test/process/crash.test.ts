import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { META_APP, type MetaStandIn, startMetaStandIn } from '../meta-stand-in.ts'
import { echoOf, entryOf, fromPerson, postEntries } from '../meta-webhooks.ts'
import { credentialsOf, type Installation, isAlive, makeInstallation } from './gateway-process.ts'

const PAGE = '100200300400500'
const PEOPLE = Array.from({ length: 20 }, (_, nth) => String(7_000_000_000_000_001 + nth))
const EACH = 10

let meta: MetaStandIn
const made: Installation[] = []

before(async () => {
  meta = await startMetaStandIn()
})
after(async () => {
  await Promise.all(made.map((each) => each.remove()))
  await meta?.stop()
})

async function install(): Promise<Installation> {
  const installation = await makeInstallation({
    PAGEWIRE_ALLOW_PRIVATE_CALLBACKS: 'true',
    META_GRAPH_URL: meta.url,
    META_APP_ID: META_APP.appId,
    META_APP_SECRET: META_APP.appSecret,
    META_VERIFY_TOKEN: META_APP.verifyToken,
  })
  made.push(installation)
  return installation
}

async function connectPage(installation: Installation): Promise<void> {
  const connected = await installation.call('POST', '/messaging/v2/Channels/Senders', {
    sender_id: `messenger:${PAGE}`,
    configuration: { page_access_token: meta.addPage(PAGE, 'Owl Coffee') },
  })
  assert.equal(connected.status, 202, await connected.text())
  for (const psid of PEOPLE) {
    const hello = fromPerson(PAGE, psid, { message: { mid: `m_hello_${psid}`, text: 'hello' } })
    assert.equal((await postEntries(installation.url, entryOf(PAGE, hello))).status, 200)
  }
}

/** Each conversation's messages one after the other, each until it is accepted. Answers their SIDs. */
async function sendToAll(installation: Installation, run: string): Promise<string[]> {
  const { accountSid } = await credentialsOf(installation.dataDir)
  const send = async (psid: string, nth: number): Promise<string> => {
    const form = new URLSearchParams({ From: `messenger:${PAGE}`, To: `messenger:${psid}`, Body: `${run} ${nth}` })
    const sid = await eventually(
      'the message to be accepted',
      async () => {
        const headers = { 'Idempotency-Key': `${run}-${psid}-${nth}` }
        const path = `/2010-04-01/Accounts/${accountSid}/Messages.json`
        const created = await installation.call('POST', path, form, headers).catch(() => undefined)
        if (created?.status === 201) return ((await created.json()) as { sid: string }).sid
        await wait(50)
        return undefined
      },
      30_000,
    )
    return sid
  }
  const all = await Promise.all(
    PEOPLE.map(async (psid) => {
      const sids: string[] = []
      for (let nth = 0; nth < EACH; nth += 1) sids.push(await send(psid, nth))
      return sids
    }),
  )
  return all.flat()
}

const sendsOf = (run: string) =>
  PEOPLE.flatMap((psid) => meta.sendsTo(psid)).filter(({ body }) => body.message.text?.startsWith(`${run} `))

/** Meta tells the app of everything that it has taken, also of what the app did not hear the answer of. */
async function echoAll(installation: Installation, run: string): Promise<void> {
  const echoes = sendsOf(run).map(({ psid, mid, body }) =>
    echoOf(PAGE, psid, { mid, app_id: Number(META_APP.appId), ...body.message }),
  )
  for (let from = 0; from < echoes.length; from += 50) {
    assert.equal((await postEntries(installation.url, entryOf(PAGE, ...echoes.slice(from, from + 50)))).status, 200)
  }
}

/** Every accepted message ends, at Meta once and in order or, when its fate is unknown for 5 minutes, nowhere. */
async function assertNothingLost(installation: Installation, run: string, sids: string[]): Promise<void> {
  assert.equal(new Set(sids).size, PEOPLE.length * EACH)
  const sql = installation.sql()
  const open = () =>
    sql<{ body: string; status: string }[]>`
      select body, status from messages where body like ${`${run} %`} and status in ('queued', 'sending')`
  const cutOff = () => sql`
    select 1 from message_parts p join messages m on m.id = p.message_id
    where p.state in ('started', 'unknown') and m.body like ${`${run} %`}`
  await eventually(
    'all to be sent but what was cut off',
    async () => {
      await echoAll(installation, run)
      const sent = sendsOf(run).length
      const left = await open()
      if (left.length === 0) return true
      // What was written down to be sent and never left: 5 minutes pass without an echo.
      if ((await cutOff()).length > 0) {
        await sql`update message_parts set started_at = started_at - interval '6 minutes' where state in ('started', 'unknown')`
        await sql`update lanes set due_at = now() where node_id is null`
      }
      await wait(200)
      return sent === sids.length && left.length === 0
    },
    30_000,
  )
  const sends = sendsOf(run)
  const marks = sends.map(({ body }) => body.message.metadata)
  assert.equal(new Set(marks).size, marks.length, 'nothing was sent twice')
  for (const psid of PEOPLE) {
    const texts = sends.filter((send) => send.psid === psid).map(({ body }) => Number(body.message.text?.split(' ')[1]))
    assert.deepEqual(
      texts,
      texts.toSorted((a, b) => a - b),
      'in order',
    )
  }
  const ends = await sql<{ status: string; count: number }[]>`
    select status, count(*)::int as count from messages where body like ${`${run} %`} group by status`
  const count = Object.fromEntries(ends.map((each) => [each.status, each.count]))
  assert.equal(count.sent, sends.length)
  assert.equal((count.sent ?? 0) + (count.undelivered ?? 0), sids.length)
  assert.deepEqual(meta.violations, [])
}

test('a gateway that was killed starts again at once on what it left, and everything accepted comes to its end', async () => {
  const installation = await install()
  const gateway = await installation.start()
  await connectPage(installation)
  const sending = sendToAll(installation, 'killed')
  await eventually('half of it', () => sendsOf('killed').length > 60)
  const leftOver = (await installation.postgresPid()) as number
  await gateway.ended('SIGKILL')
  assert.ok(isAlive(leftOver), 'its PostgreSQL is still there')

  const again = await installation.start()
  assert.equal(isAlive(leftOver), false)

  await assertNothingLost(installation, 'killed', await sending)
  assert.equal((await again.ended('SIGTERM')).code, 0)
})

test('whoever has the number of a killed PostgreSQL by now is left alone and keeps nothing from starting', async () => {
  const installation = await install()
  const gateway = await installation.start()
  const leftOver = (await installation.postgresPid()) as number
  await gateway.ended('SIGKILL')
  process.kill(leftOver, 'SIGKILL')
  for (const name of ['postgres/postmaster.pid', 'run/.s.PGSQL.5432.lock']) {
    const path = join(installation.dataDir, name)
    const [, ...rest] = (await readFile(path, 'utf8')).split('\n')
    await writeFile(path, [process.pid, ...rest].join('\n'))
  }

  const again = await installation.start()

  assert.equal((await again.ended('SIGTERM')).code, 0)
})

test('an embedded PostgreSQL that is killed comes back while the gateway runs, and nothing is lost', async () => {
  const installation = await install()
  const gateway = await installation.start()
  await connectPage(installation)
  for (const nth of [1, 2]) {
    const run = `again${nth}`
    const sending = sendToAll(installation, run)
    await eventually('half of it', () => sendsOf(run).length > 60)
    const postgres = (await installation.postgresPid()) as number
    process.kill(postgres, 'SIGKILL')

    await eventually('another PostgreSQL', async () => {
      const pid = await installation.postgresPid()
      return pid !== undefined && pid !== postgres
    })
    await eventually('the gateway to be ready', async () => (await fetch(`${installation.url}/readyz`)).status === 200)
    assert.equal(gateway.child.exitCode, null)
    await assertNothingLost(installation, run, await sending)
  }
  assert.equal((await gateway.ended('SIGTERM')).code, 0)
})

test('a send that Meta does not answer holds up no stop, and is not made twice', async () => {
  const installation = await install()
  const gateway = await installation.start()
  await connectPage(installation)
  const [psid = ''] = PEOPLE
  const { promise, resolve } = Promise.withResolvers<void>()
  meta.answerNext(psid, { after: promise })
  const { accountSid } = await credentialsOf(installation.dataDir)
  const form = new URLSearchParams({ From: `messenger:${PAGE}`, To: `messenger:${psid}`, Body: 'unheard 1' })
  const created = await installation.call('POST', `/2010-04-01/Accounts/${accountSid}/Messages.json`, form)
  assert.equal(created.status, 201)
  await eventually('the send', () => sendsOf('unheard').length === 1)

  const { code, afterMs } = await gateway.ended('SIGTERM')
  assert.equal(code, 0)
  assert.ok(afterMs < 10_000, `it took ${afterMs} ms`)
  assert.equal(await installation.postgresPid(), undefined)
  resolve()

  await installation.start()
  await echoAll(installation, 'unheard')
  const { sid } = (await created.json()) as { sid: string }
  await eventually('the message to be sent', async () => {
    const answer = await installation.call('GET', `/2010-04-01/Accounts/${accountSid}/Messages/${sid}.json`)
    return ((await answer.json()) as { status: string }).status === 'sent'
  })
  assert.equal(sendsOf('unheard').length, 1)
})
