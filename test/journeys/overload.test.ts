/** More than the store can take: refused at once, with a word on when to come again, and taken when it has got through. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { entryOf, fromPerson, metaJson, signatureOf } from '../meta-webhooks.ts'
import { assertTwilioError } from '../twilio-error.ts'

let gateway: MetaGateway
let page: ConnectedPage
let psid: string

before(async () => {
  gateway = await startMetaGateway()
  page = await gateway.connectPage()
  psid = gateway.newPerson()
  await gateway.says(psid, page.pageId, 'hello')
})
after(() => gateway?.stop())

const create = () => gateway.create({ From: `messenger:${page.pageId}`, To: `messenger:${psid}`, Body: 'news' })

type Call = () => Promise<Response>

/** One webhook call with so many messages of one person, to be made as often as wanted. */
function say(texts: string[], name: string): Call {
  const events = texts.map((text, nth) => fromPerson(page.pageId, psid, { message: { mid: `m_${name}_${nth}`, text } }))
  const body = metaJson({ object: 'page', entry: [entryOf(page.pageId, ...events)] })
  const headers = { 'Content-Type': 'application/json', 'X-Hub-Signature-256': signatureOf(body) }
  return () => fetch(`${gateway.url}/webhooks/messenger`, { method: 'POST', headers, body })
}

/** As Meta does: again, until it is taken. */
const deliver = (call: Call) => eventually('the webhook to be taken', async () => (await call()).status === 200)

/** The store takes its time until `work` is done. */
async function whileStoreStands(work: () => Promise<void>): Promise<void> {
  await gateway.sql.begin(async (tx) => {
    await tx`set local idle_in_transaction_session_timeout = 0`
    await tx`lock table contacts in access exclusive mode`
    await work()
  })
}

const storeIsWaitedFor = () =>
  eventually('a transaction to wait for the store', async () => {
    const waiting = await gateway.sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
    return waiting.length > 0
  })

async function assertComeAgain(answer: Response): Promise<void> {
  assert.equal(answer.status, 503, await answer.text())
  assert.equal(answer.headers.get('retry-after'), '1')
}

test('while thousands of events wait for the store, creates get a 429 and Meta a 503, and nothing of them is kept', async () => {
  const many = say(
    Array.from({ length: 5000 }, (_, nth) => `${nth}`),
    'many',
  )
  const more = say(['and this'], 'more')
  let first: Promise<Response> | undefined
  await whileStoreStands(async () => {
    first = many()
    await storeIsWaitedFor()

    const refused = await create()
    assertTwilioError(refused, 429, 20429)
    assert.equal(refused.headers.get('retry-after'), '1')
    await assertComeAgain(await more())
  })

  await first
  await deliver(many)
  await deliver(more)
  assert.equal((await create()).status, 201)
  const kept = await gateway.sql<{ direction: string; count: number }[]>`
    select direction, count(*)::int from messages group by direction order by direction`
  assert.deepEqual(
    kept.map(({ direction, count }) => [direction, count]),
    [
      ['inbound', 5002],
      ['outbound-api', 1],
    ],
  )
})

test('a few calls that are as long as can be are enough', async () => {
  const [tooMuch, ...calls] = Array.from({ length: 9 }, (_, nth) => say(['x'.repeat(4_190_000)], `long ${nth}`)) as [
    Call,
    ...Call[],
  ]
  let first: Promise<Response>[] = []
  await whileStoreStands(async () => {
    first = calls.map((call) => call())
    await storeIsWaitedFor()
    // Refused at once, not when the store has been waited for in vain.
    const refused = await eventually('one too many', async () => {
      const answer = await Promise.race([tooMuch(), wait(300)])
      return answer?.status === 503 && answer
    })
    await assertComeAgain(refused)
  })

  await Promise.all(first)
  for (const call of [...calls, tooMuch]) await deliver(call)
})
