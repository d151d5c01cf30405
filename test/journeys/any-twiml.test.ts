/** Whatever the customer's server answers is either run or refused with a documented code, and holds up nobody. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { readTwiml } from '#customer/twiml.ts'
import { type CustomerServer, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'

const DOCUMENTS = Number(process.env.PAGEWIRE_PROPERTY_RUNS ?? 120)

let gateway: MetaGateway
let customer: CustomerServer
let page: ConnectedPage
let documented: Set<number>

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  page = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/in#rc=0` } })
  const text = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const rows = text.matchAll(/^\| ([\d, ]+) \|/gm)
  documented = new Set([...rows].flatMap(([, codes = '']) => codes.split(', ').map(Number)))
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

const escaped = fc.constantFrom('hello', '', ' ', 'Grüße 🎉', '&amp;&lt;', '<![CDATA[<b>]]>', 'x'.repeat(1601), '&#65;')
const attribute = fc.constantFrom(
  ...['', '', ' to="x"', ' to="whatsapp:+1"', ' from="messenger:9"', ' from="x"', ' method="PUT"', ' method="get"'],
  ...[
    ' statusCallback="http://a_b/"',
    ' statusCallback="/s"',
    ' action="ftp://x"',
    ' action="http://["',
    ' color="red"',
  ],
)
const inside = fc.oneof(
  escaped,
  escaped.map((text) => `<Body>${text}</Body>`),
  fc.constantFrom('<Media>ftp://x</Media>', '<Media></Media>', '<Media>/a b</Media>', '<b>bold</b>', '<!-- -->'),
)
const message = fc
  .tuple(
    fc.constantFrom('Message', 'Message', 'Message', 'Sms', 'Say', 'message'),
    attribute,
    attribute,
    fc.array(inside, { maxLength: 3 }),
  )
  .map(([name, one, two, content]) => `<${name}${one}${two}>${content.join('')}</${name}>`)
const redirect = fc.constantFrom('<Redirect>/over</Redirect>', '<Redirect/>', '<Redirect>http://[</Redirect>')
const verbs = fc.oneof({ weight: 8, arbitrary: message }, { weight: 1, arbitrary: fc.oneof(redirect, escaped) })
const whole = fc
  .tuple(
    fc.constantFrom('', '<?xml version="1.0"?>', '\ufeff', ' ', '<!DOCTYPE x>'),
    fc.array(verbs, { maxLength: 13 }),
  )
  .map(([before, all]) => `${before}<Response>${all.join('')}</Response>`)
const damaged = fc
  .tuple(whole, fc.nat(), fc.constantFrom('<', '&', '\0', '\ud800', '', '</Response>', ']]>', '"'))
  .map(([text, at, piece]) => text.slice(0, at % text.length) + piece + text.slice((at % text.length) + 1))
const answer = fc.record({
  status: fc.constantFrom(200, 200, 200, 200, 200, 200, 201, 404, 500),
  type: fc.constantFrom(
    'text/xml',
    'text/xml',
    'text/xml',
    'application/xml; charset=utf-8',
    'text/plain',
    'text/html',
    'image/png',
    '',
  ),
  body: fc.oneof({ weight: 4, arbitrary: whole }, { weight: 2, arbitrary: damaged }, { weight: 1, arbitrary: escaped }),
})
type Answered = { status: number; type: string; body: string }

test('any document is run as far as it can be, refused with a documented code where it cannot, and nobody waits for it', async () => {
  const answers = fc.sample(answer, DOCUMENTS)
  const people = new Map<string, Answered>(answers.map((each) => [gateway.newPerson(), each]))
  customer.answer('/in', ({ params }) => people.get(params.From?.replace('messenger:', '') ?? '') ?? {})
  for (const psid of people.keys()) await gateway.says(psid, page.pageId, 'first')
  await nobodyWaits()

  for (const [psid, answered] of people) {
    const { replies, codes } = await outcomeFor(psid)
    const where = `${JSON.stringify(answered)} made ${replies} replies and the alerts ${codes}`
    for (const code of codes) assert.ok(documented.has(code), `${code} is not in docs/errors.md: ${where}`)
    // As it arrives: bytes that are no UTF-8 are replaced.
    const body = Buffer.from(answered.body).toString()
    const read = readTwiml({ status: answered.status, contentType: answered.type, body })
    if (answered.status >= 400) {
      assert.deepEqual([replies, codes], [0, [11200]], where)
    } else if (!read.ok) {
      assert.deepEqual([replies, codes], [0, [read.code]], where)
    } else {
      const messages = read.verbs.filter(({ verb }) => verb === 'message').length
      const isLost = read.verbs.some((verb) => verb.verb === 'redirect' && verb.url === 'http://[')
      if (messages > 10) assert.ok(replies <= 10, where)
      // Each is there, or there is a warning why it is not.
      else assert.equal(replies + codes.length - read.warnings.length - (isLost ? 1 : 0), messages, where)
    }
  }

  const all = [...people.keys()]
  people.clear()
  for (const psid of all) await gateway.says(psid, page.pageId, 'second')
  await nobodyWaits()
  const heard = customer.requests.filter(({ params }) => params.Body === 'second').map(({ params }) => params.From)
  assert.deepEqual(new Set(heard), new Set(all.map((psid) => `messenger:${psid}`)))
})

const nobodyWaits = () =>
  eventually('every callback to be done', async () => {
    const [found] = await gateway.sql<{ count: number }[]>`
      select count(*)::int from lanes where kind = 'call-customer'`
    return found?.count === 0
  })

async function outcomeFor(psid: string): Promise<{ replies: number; codes: number[] }> {
  const rows = await gateway.sql<{ sid: string; direction: string }[]>`
    select id::text as sid, direction from messages where contact_address = ${psid}`
  const inbound = rows.find(({ direction }) => direction === 'inbound')
  const alerts = await gateway.sql<{ code: number }[]>`
    select code from alerts where resource_sid = ${`SM${inbound?.sid.replaceAll('-', '')}`}`
  return { replies: rows.length - 1, codes: alerts.map(({ code }) => code) }
}
