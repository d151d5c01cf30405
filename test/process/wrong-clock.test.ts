import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createDatabase } from '../database.ts'
import { eventually } from '../eventually.ts'
import { fromPerson, signatureOf } from '../meta-webhooks.ts'
import { personAtPage } from '../people.ts'
import { type Installation, makeInstallation } from './gateway-process.ts'
import { commandWithClock, type NodeProcess, type NodesAtMeta, PAGE, prepareNodes } from './nodes-at-meta.ts'

const MINUTE_MS = 60_000
const ADA = '7000000000000001'
const BEN = '7000000000000002'

let world: NodesAtMeta
let ahead: NodeProcess
let behind: NodeProcess

before(async () => {
  world = await prepareNodes()
  ahead = await world.startNode({ wrongByMs: 7 * MINUTE_MS, environment: { LOG_LEVEL: 'info' } })
  behind = await world.startNode({ wrongByMs: -5 * MINUTE_MS })
  await world.connectPage(ahead, { callback_url: `${world.customer.url}/in` })
})
after(() => world?.stop())

/** The nodes take turns, beginning with the one that is ahead. */
const nodeFor = (nth: number) => (nth % 2 === 0 ? ahead : behind)

async function hears(node: NodeProcess, psid: string, text: string) {
  assert.equal((await world.post(node, world.webhook([world.says(psid, `m_${psid}_${text}`, text)]))).status, 200)
  return world.customer.next(({ params }) => params.From === `messenger:${psid}` && params.Body === text)
}

type Listed = { sid: string; body: string; date_created: string; date_sent: string }
type List = { messages: Listed[]; next_page_uri: string | null; previous_page_uri: string | null }
const list = async (path: string) => (await world.read(ahead, path)) as List

const isAboutNow = (at: string | Date) => Math.abs(new Date(at).getTime() - Date.now()) < 20_000

test('messages of a node that is 7 minutes ahead and of one 5 behind are listed and paged as they were made', async () => {
  await hears(ahead, ADA, 'hello')
  const texts: string[] = []
  for (let nth = 0; nth < 8; nth += 1) {
    const created = await world.post(nodeFor(nth), world.createRequest(ADA, `create ${nth}`))
    assert.equal(created.status, 201, created.text)
    texts.push(`create ${nth}`)
  }
  await eventually('all to be sent', async () => {
    const sent = await world.database.sql`select from messages where contact_address = ${ADA} and sent_at is not null`
    return sent.length === 8
  })

  const first = await list(`/Messages.json?PageSize=3&To=messenger:${ADA}`)
  const paged = [...first.messages]
  for (let page = first; page.next_page_uri; ) {
    page = await list(page.next_page_uri)
    paged.push(...page.messages)
  }
  assert.deepEqual(
    paged.map(({ body }) => body),
    texts.toReversed(),
  )
  for (const message of paged) {
    assert.ok(isAboutNow(message.date_created) && isAboutNow(message.date_sent), JSON.stringify(message))
  }

  // A client that holds the newest message asks for what is newer.
  const newest = paged[0] as Listed
  const later = await world.post(behind, world.createRequest(ADA, 'later'))
  assert.equal(later.status, 201)
  const newer = await list(`/Messages.json?PageSize=3&PageToken=PB${newest.sid}&To=messenger:${ADA}`)
  assert.deepEqual(
    newer.messages.map(({ body }) => body),
    ['later'],
  )
})

test('what the one node kept for a minute is not over for the other', async () => {
  world.customer.answer('/in', { status: 204, headers: { 'Set-Cookie': 'session=ben; Max-Age=60' } })
  const cookies: (string | undefined)[] = []
  for (let nth = 0; nth < 4; nth += 1) {
    cookies.push((await hears(nodeFor(nth), BEN, `turn ${nth}`)).headers.cookie)
    await eventually('the cookie to be kept', async () => {
      const [left] = await world.database.sql`select count(*)::int as count from lanes where lane like 'in:%'`
      return left?.count === 0
    })
  }
  assert.deepEqual(cookies, [undefined, 'session=ben', 'session=ben', 'session=ben'])

  const keyed = (node: NodeProcess) => world.post(node, world.createRequest(BEN, 'once', { key: 'the key' }))
  const [one, other] = [await keyed(ahead), await keyed(behind)]
  assert.deepEqual([one.status, other.status], [201, 201])
  assert.equal(JSON.parse(one.text).sid, JSON.parse(other.text).sid)
})

test('what has no time of its own is dated by the clock that the nodes share, and logs by their own', async () => {
  const { timestamp: _, ...untimed } = fromPerson(PAGE, BEN, { message: { mid: 'm_untimed', text: 'untimed' } })
  const body = JSON.stringify({ object: 'page', entry: [{ id: PAGE, messaging: [untimed] }] })
  const headers = { 'Content-Type': 'application/json', 'X-Hub-Signature-256': signatureOf(body) }
  assert.equal((await world.post(behind, { path: '/webhooks/messenger', headers, body })).status, 200)
  const { sql } = world.database
  const [event] = await sql<{ happenedAt: Date }[]>`select happened_at from events where raw::text like '%m_untimed%'`
  assert.ok(isAboutNow(event?.happenedAt as Date), String(event?.happenedAt))

  const exchanges = await sql<{ startedAt: Date }[]>`select started_at from exchanges`
  assert.ok(exchanges.length >= 5)
  for (const { startedAt } of exchanges) assert.ok(isAboutNow(startedAt), String(startedAt))

  // The clocks were wrong indeed.
  const [line] = ahead.gateway
    .stdout()
    .split('\n')
    .filter((each) => each.startsWith('{'))
  const loggedAt = (JSON.parse(line ?? '{}') as { time: number }).time
  assert.ok(Math.abs(loggedAt - 7 * MINUTE_MS - Date.now()) < MINUTE_MS, `logged at ${loggedAt}`)
})

test('the built-in Messenger of both nodes has one time: what was read at the one after the other sent it is read', async () => {
  const database = await createDatabase()
  const made: Installation[] = []
  const startSandbox = async (wrongByMs: number) => {
    const shared = { DATABASE_URL: database.url, PAGEWIRE_SECRET_KEY: 'shared by all the nodes' }
    const installation = await makeInstallation({ ...shared, WRONG_BY_MS: String(wrongByMs) })
    made.push(installation)
    await installation.start({}, commandWithClock(wrongByMs))
    return installation
  }
  try {
    const [one, two] = [await startSandbox(7 * MINUTE_MS), await startSandbox(-5 * MINUTE_MS)]
    const ada = await personAtPage(two.url)
    await ada.say('hi')
    await ada.hears(/^Welcome!/)
    const [account] = await database.sql<{ sid: string }[]>`select sid from accounts`
    const form = new URLSearchParams({ From: `messenger:${ada.pageId}`, To: `messenger:${ada.psid}`, Body: 'news' })
    const created = await one.call('POST', `/2010-04-01/Accounts/${account?.sid}/Messages.json`, form)
    assert.equal(created.status, 201)
    await ada.hears('news')
    await ada.look()
    await eventually('both to be read', async () => {
      const found = await database.sql<{ status: string }[]>`select status from messages where direction <> 'inbound'`
      return found.length === 2 && found.every(({ status }) => status === 'read')
    })
  } finally {
    await Promise.all(made.map((each) => each.remove()))
    await database.drop()
  }
})
