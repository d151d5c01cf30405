import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { assertTwilioError } from '../twilio-error.ts'
import { assertDescribed } from '../twilio-schema.ts'

const PATH = '/messaging/v2/Channels/Senders'
const OF_TWILIO = '/v2/Channels/Senders'
const ALLOWED = { added: ['m_me_url'], open: ['configuration', 'profile'] }

type SenderList = { senders: { sid: string }[]; meta: Record<string, string | number | null> }

let gateway: MetaGateway
let pages = 0

before(async () => {
  gateway = await startMetaGateway()
  for (let count = 0; count < 5; count += 1) await gateway.connectPage()
})
after(() => gateway?.stop())

/** The create of a Page that Meta knows. */
function newPage() {
  const pageId = String(555_000_000_000 + ++pages)
  const token = gateway.meta.addPage(pageId, `Bakery ${pages}`)
  return { sender_id: `messenger:${pageId}`, configuration: { page_access_token: token } }
}

test('a list needs its channel, and pages lead forward and back', async () => {
  assertTwilioError(await gateway.call('GET', PATH), 400, 20422, /Channel/)
  const whole = await gateway.call('GET', `${PATH}?Channel=messenger`)
  assertDescribed('twilio_messaging_v2', `GET ${OF_TWILIO}`, whole, ALLOWED)
  const { senders, meta } = whole.json() as SenderList
  assert.equal(meta.key, 'senders')
  assert.equal(senders.length, 5)
  const sids = (list: SenderList) => list.senders.map((sender) => sender.sid)
  const follow = async (url: unknown) =>
    (await gateway.call('GET', String(url).replace(/^http:\/\/localhost:\d+/, ''))).json() as SenderList
  const first = await follow(`${PATH}?Channel=Messenger&PageSize=2`)
  const second = await follow(first.meta.next_page_url)
  assert.deepEqual([...sids(first), ...sids(second)], sids({ senders, meta }).slice(0, 4))
  const back = await follow(second.meta.previous_page_url)
  assert.deepEqual([sids(back), back.meta.previous_page_url], [sids(first), null])
  const bySdk = await gateway.client.messaging.v2.channelsSenders.list({ channel: 'messenger', pageSize: 2 })
  assert.deepEqual(
    bySdk.map((sender) => sender.sid),
    sids({ senders, meta }),
  )
  for (const channel of ['whatsapp', 'rcs', '%00', 'constructor']) {
    assert.deepEqual(((await gateway.call('GET', `${PATH}?Channel=${channel}`)).json() as SenderList).senders, [])
  }
  for (const size of ['0', '100000', 'x']) {
    assertTwilioError(await gateway.call('GET', `${PATH}?Channel=messenger&PageSize=${size}`), 400, 20007)
  }
  assertTwilioError(await gateway.call('GET', `${PATH}?Channel=messenger&PageToken=XE1`), 400, 21481)
  const odd = await gateway.call('GET', `${PATH}?Channel=messenger&Page=Infinity`)
  assertDescribed('twilio_messaging_v2', `GET ${OF_TWILIO}`, odd, ALLOWED)
})

test('an account has at most 25 Pages, also when it asks for several at once', async () => {
  const own = await gateway.sql`select id from senders where account_sid = ${gateway.account.sid}`
  const answers = await Promise.all(
    Array.from({ length: 25 - own.length + 3 }, () => gateway.call('POST', PATH, newPage())),
  )
  assert.equal(answers.filter((answer) => answer.status === 202).length, 25 - own.length)
  const refused = answers.filter((answer) => answer.status !== 202)
  assert.equal(refused.length, 3)
  for (const answer of refused) assertTwilioError(answer, 400, 20422, /at most 25 Pages/)
  assert.deepEqual(gateway.meta.violations, [])
})
