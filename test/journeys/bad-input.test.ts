import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type CustomerServer, type Received, startCustomerServer } from '../customer-server.ts'
import { eventually } from '../eventually.ts'
import { type ConnectedPage, type MetaGateway, startMetaGateway } from '../meta-gateway.ts'
import { META_APP } from '../meta-stand-in.ts'
import { entryOf, fromPerson, type Item, metaJson, postEntries, postRaw, signatureOf } from '../meta-webhooks.ts'
import { requestRaw } from '../raw-request.ts'

let gateway: MetaGateway
let customer: CustomerServer
let page: ConnectedPage

before(async () => {
  gateway = await startMetaGateway()
  customer = await startCustomerServer()
  page = await gateway.connectPage({ webhook: { callback_url: `${customer.url}/in` } })
})
after(async () => {
  await gateway?.stop()
  await customer?.stop()
})

const countEvents = async () => Number((await gateway.sql`select count(*) as n from events`)[0]?.n)
const heardFrom = (psid: string) => customer.next(({ params }) => params.From === `messenger:${psid}`)

/** The person's message as the customer got it. */
async function deliver(item: Item, psid: string): Promise<Received['params']> {
  assert.equal((await postEntries(gateway.url, entryOf(page.pageId, item))).status, 200)
  return (await heardFrom(psid)).params
}

test('a webhook without the right signature is a 403 that tells nothing, and nothing is kept', async () => {
  const body = metaJson({
    object: 'page',
    entry: [entryOf(page.pageId, fromPerson(page.pageId, '77', { message: { mid: 'm', text: 'x' } }))],
  })
  const right = signatureOf(body)
  const before = await countEvents()
  for (const signature of [
    '',
    'sha256=',
    right.slice('sha256='.length),
    right.replace('sha256', 'sha1'),
    `sha1=${createHmac('sha1', META_APP.appSecret).update(body).digest('hex')}`,
    right.slice(0, -1),
    `${right}0`,
    right.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    signatureOf(`${body} `),
    signatureOf(body, ''),
    signatureOf(body, META_APP.verifyToken),
    `sha256=${'é'.repeat(64)}`,
    `sha256=${'0'.repeat(10_000)}`,
  ]) {
    const answer = await postRaw(gateway.url, body, { 'X-Hub-Signature-256': signature })
    assert.equal(answer.status, 403, signature)
    assert.equal(answer.text.includes(right.slice(7)), false)
    assert.deepEqual(Object.keys(JSON.parse(answer.text)), ['error'])
  }
  // Decoded and encoded again, the same event has other bytes.
  const again = await postRaw(gateway.url, JSON.stringify(JSON.parse(metaJson('/é'))), {
    'X-Hub-Signature-256': signatureOf(metaJson('/é')),
  })
  assert.equal(again.status, 403)
  assert.equal(await countEvents(), before)
})

test('a signed body that is no JSON object is a 400; one too large to be from Meta a 413', async () => {
  const before = await countEvents()
  for (const body of ['', ' ', '{', '[]', 'null', '1', '"page"', 'object=page', '{}{}', '\ufeff{}', '{"a":\u0001}']) {
    assert.equal((await postRaw(gateway.url, body)).status, 400, body)
  }
  assert.equal((await postRaw(gateway.url, '['.repeat(1_000_000))).status, 400)
  assert.equal((await postRaw(gateway.url, `{"a":"${'x'.repeat(4 * 1024 * 1024)}"}`)).status, 413)
  assert.equal(await countEvents(), before)
})

test('what a webhook calls its body does not matter, only its signature', async () => {
  const body = '{"object":"page","entry":[]}'
  const types = ['', ' ', ';', 'json', 'a/b/c', 'application/json, text/html', 'application/x-www-form-urlencoded']
  for (const type of types) {
    const send = (signature: string) =>
      requestRaw(
        gateway.url,
        'POST',
        '/webhooks/messenger',
        { 'Content-Type': type, 'X-Hub-Signature-256': signature },
        body,
      )
    assert.equal((await send(signatureOf(body))).status, 200, type)
    assert.equal((await send('sha256=0')).status, 403, type)
  }
})

test('whatever else Meta signs is a 200 and kept, acted on or not', async () => {
  const { pageId } = page
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  // Long ids that do not compress: index entries have a limit.
  const odd = Array.from({ length: 400 }, (_, n) => String.fromCharCode(0x4e00 + ((n * 7919) % 20_000))).join('')
  const bodies = [
    '{}',
    '{"object":"page"}',
    '{"object":"page","entry":null}',
    '{"object":"page","entry":[null,1,"x",[],{}]}',
    '{"object":"instagram","entry":[{"id":"1"}]}',
    `{"object":"page","entry":{"id":"${pageId}","messaging":{"sender":{"id":"71"},"message":{"mid":"bare"}}}}`,
    metaJson({
      object: 'page',
      entry: [
        entryOf('999999999999', fromPerson('999999999999', '72', { message: { mid: 'm_other', text: 'lost?' } })),
      ],
    }),
    metaJson({
      object: 'page',
      entry: [
        entryOf(
          pageId,
          fromPerson(pageId, '73', { never_seen: { a: 1 } }),
          {},
          { sender: 5 },
          fromPerson(pageId, pageId, { message: { mid: 'm_self', text: 'me' } }),
        ),
      ],
    }),
    `{"object":"page","entry":[{"id":"${pageId}","messaging":[{"__proto__":{"x":1},"sender":{"id":"74"},"constructor":{"id":"m"}}]}]}`,
    `{"object":"page","entry":[{"id":"${pageId}","changes":[{"field":"feed","value":${deep}}]}]}`,
    metaJson({
      object: 'page',
      entry: [entryOf(odd, fromPerson(odd, `${odd}x`.slice(1), { message: { mid: odd.slice(0, 90), text: 'x' } }))],
    }),
    metaJson({
      object: 'page',
      entry: [entryOf(pageId, fromPerson(pageId, odd, { message: { mid: `${odd}z`.slice(1), text: 'x' } }))],
    }),
    metaJson({
      object: 'page',
      entry: [entryOf(pageId, fromPerson(pageId, '75', { message: { mid: 'm'.repeat(10_000), text: 'x' } }))],
    }),
    Buffer.from(`{"object":"page","entry":[{"id":"${pageId}","x":"\xff\xfe"}]}`, 'latin1'),
  ]
  for (const [index, body] of bodies.entries()) {
    const before = await countEvents()
    const answer = await postRaw(gateway.url, body)
    assert.deepEqual(answer, { status: 200, text: 'EVENT_RECEIVED' }, String(body).slice(0, 300))
    assert.ok((await countEvents()) > before, `body ${index} left no event`)
  }
  const [unknown] = await gateway.sql`select note, raw from events where sender_address = '999999999999'`
  assert.equal(unknown?.note, 'no account holds this sender')
  assert.equal(unknown?.raw.message.text, 'lost?')
})

test('a megabyte of text, and every character there is, reaches the customer', async () => {
  const psid = gateway.newPerson()
  const long = '🦉 ünïcödé / <b> % @ '.repeat(25_000)
  assert.ok(metaJson(long).length > 1024 * 1024)
  const told = await deliver(fromPerson(page.pageId, psid, { message: { mid: 'm_long', text: long } }), psid)
  assert.equal(told.Body, long)

  const text = 'nul \0 half \ud83e pair \udd89 end'
  const event = {
    message: { mid: 'm_\0\ud83e', text, quick_reply: { payload: text }, reply_to: { mid: text } },
    referral: { ref: text, source: text },
  }
  const { Body, ButtonPayload, ReferralRef } = await deliver(fromPerson(page.pageId, psid, event), psid)
  const kept = 'nul \ufffd half \ufffd pair \ufffd end'
  assert.deepEqual([Body, ButtonPayload, ReferralRef], [kept, kept, kept])
})

test('ids may be numbers, and times seconds or text', async () => {
  const number = '90071992547409931'
  const seconds = Math.floor(Date.now() / 1000)
  const body = `{"object":"page","entry":[{"id":${page.pageId},"time":"${seconds}","messaging":[{"sender":{"id":${number}},
    "recipient":{"id":${page.pageId}},"timestamp":${seconds},"message":{"mid":"m_number","text":"by number"}}]}]}`
  assert.equal((await postRaw(gateway.url, body)).status, 200)
  const { params } = await heardFrom(number)
  assert.deepEqual([params.Body, params.To], ['by number', `messenger:${page.pageId}`])
  // The window is open, so the seconds were taken as such.
  const created = await gateway.create({ From: `messenger:${page.pageId}`, To: `messenger:${number}`, Body: 'answer' })
  assert.equal(created.status, 201)
  const [send] = await eventually('the answer', () => {
    const sends = gateway.meta.sendsTo(number)
    return sends.length > 0 && sends
  })
  assert.equal(send?.body.messaging_type, 'RESPONSE')
})

const LAUGHS = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">${Array.from('bcdefghij', (name, index) => `<!ENTITY ${name} "${`&${'abcdefghi'[index]};`.repeat(10)}">`).join('')}]><Response><Message>&j;</Message></Response>`

for (const { what, answer, code } of [
  {
    what: 'an HTML page',
    answer: { type: 'text/html', body: '<!doctype html><html><body><p>Hi<br></body></html>' },
    code: '12100',
  },
  { what: 'an XHTML page', answer: { type: 'text/html', body: '<html><body>Hi</body></html>' }, code: '12102' },
  { what: 'a bomb of entities', answer: { body: LAUGHS }, code: '12100' },
  {
    what: 'a reference to a file',
    answer: {
      body: '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><Response><Message>&x;</Message></Response>',
    },
    code: '12100',
  },
  {
    what: 'nine thousand nested elements',
    answer: { body: `${'<a>'.repeat(9_000)}${'</a>'.repeat(9_000)}` },
    code: '12100',
  },
  { what: 'broken XML', answer: { body: '<Response><Message>' }, code: '12100' },
  { what: 'a NUL in XML', answer: { body: '<Response><Message>\0</Message></Response>' }, code: '12100' },
  { what: 'JSON', answer: { type: 'application/json', body: '{}' }, code: '12300' },
  { what: 'an image', answer: { type: 'image/png', body: '\x89PNG' }, code: '12300' },
  {
    what: 'a document above 64 kB',
    answer: { body: `<Response><!--${'x'.repeat(66_000)}--></Response>` },
    code: '11750',
  },
  {
    what: 'a redirect to nowhere',
    answer: { status: 302, headers: { Location: 'javascript:alert(1)' } },
    code: '11216',
  },
  { what: 'a verb of a telephone call', answer: { body: '<Response><Say>Hi</Say></Response>' }, code: '14110' },
  {
    what: 'a body of 1,601 characters',
    answer: { body: `<Response><Message>${'é'.repeat(1601)}</Message></Response>` },
    code: '14103',
  },
  {
    what: 'an emoji cut in half',
    answer: { body: `<Response><Redirect>xy:${'🦉'.repeat(200)}</Redirect></Response>` },
    code: '11100',
  },
  {
    what: 'a message to somebody of another kind',
    answer: { body: '<Response><Message to="+15551234567">Hi</Message></Response>' },
    code: '14101',
  },
  {
    what: 'a message from a Page that is not ours',
    answer: { body: '<Response><Message from="messenger:99999999">Hi</Message></Response>' },
    code: '14102',
  },
  {
    what: 'a message with an impossible picture',
    answer: { body: '<Response><Message><Media>ftp://x/y</Media></Message></Response>' },
    code: '21620',
  },
]) {
  test(`${what} as an answer is an alert ${code}: nothing is sent, and the message stays`, async () => {
    customer.answer('/in', answer)
    const psid = gateway.newPerson()
    await gateway.says(psid, page.pageId, what)
    const { MessageSid = '' } = (await heardFrom(psid)).params
    const alert = await eventually(`the alert ${code}`, async () =>
      (await gateway.client.monitor.v1.alerts.list()).find((each) => each.resourceSid === MessageSid),
    )
    assert.equal(alert.errorCode, code, alert.alertText)
    const whole = JSON.stringify(await gateway.client.monitor.v1.alerts(alert.sid).fetch())
    for (const secret of [gateway.account.authToken, page.token]) assert.equal(whole.includes(secret), false)
    assert.doesNotMatch(whole, /node:internal|\.ts:\d+/)
    assert.equal((await gateway.client.messages(MessageSid).fetch()).body, what)
    assert.deepEqual(gateway.meta.sendsTo(psid), [])
  })
}

test('what is no trouble is none: an empty answer, no answer type with 204, an XML declaration with a mark', async () => {
  for (const answer of [{ body: '' }, { status: 204 }, { body: '\ufeff<?xml version="1.0"?><Response/>' }]) {
    customer.answer('/in', answer)
    const psid = gateway.newPerson()
    await gateway.says(psid, page.pageId, 'hi')
    const { MessageSid = '' } = (await heardFrom(psid)).params
    await eventually(
      'the exchange to be kept',
      async () =>
        (
          await gateway.sql`select 1 from exchanges x join messages m
      on m.id = x.message_id where m.contact_address = ${psid}`
        ).length > 0,
    )
    const alerts = await gateway.client.monitor.v1.alerts.list()
    assert.equal(
      alerts.find((each) => each.resourceSid === MessageSid),
      undefined,
    )
  }
})

test('the verification of the webhook answers the challenge to the holder of the token only', async () => {
  const verify = async (query: string) => {
    const response = await fetch(`${gateway.url}/webhooks/messenger?${query}`)
    return { status: response.status, text: await response.text() }
  }
  const right = 'hub.mode=subscribe&hub.verify_token=open%20sesame&hub.challenge=1158201444'
  assert.deepEqual(await verify(right), { status: 200, text: '1158201444' })
  for (const query of [
    '',
    right.replace('sesame', 'says%20me'),
    right.replace('subscribe', 'unsubscribe'),
    right.replace('1158201444', '%3Cscript%3E'),
    `${right}&hub.challenge=2`,
    right.replace('hub.verify_token', 'hub.verify_token[]'),
    right.replaceAll('hub.', 'hub_'),
    `hub.mode=subscribe&hub.verify_token=%ff&hub.challenge=1`,
  ]) {
    const answer = await verify(query)
    assert.equal(answer.status, 403, query)
    assert.doesNotMatch(answer.text, /sesame|script/)
  }
  assert.equal((await fetch(`${gateway.url}/webhooks/messenger/123?${right}`)).status, 404)
  assert.equal((await fetch(`${gateway.url}/webhooks/messenger/${META_APP.appId}?${right}`)).status, 200)
  assert.equal((await fetch(`${gateway.url}/webhooks/messenger`, { method: 'PUT' })).status, 404)
})
