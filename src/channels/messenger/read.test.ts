import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readWebhook, verifySubscription } from './read.ts'
import { APP, AT_MS, eventsOf, item, PAGE, PERSON, postSigned, RECEIVED_AT, webhook } from './signed-webhook.ts'

const query = (mode: unknown, token: unknown, challenge: unknown) => ({
  'hub.mode': mode,
  'hub.verify_token': token,
  'hub.challenge': challenge,
})

test('the subscription check answers the challenge to who knows the token', () => {
  assert.equal(verifySubscription(query('subscribe', 'open', '1158201444'), APP), '1158201444')
})

test('the subscription check refuses everything else', () => {
  for (const refused of [
    {},
    query('unsubscribe', 'open', '1'),
    query('subscribe', 'shut', '1'),
    query('subscribe', '', '1'),
    query('subscribe', ['open'], '1'),
    query(['subscribe'], 'open', '1'),
    query('subscribe', 'open', undefined),
    query('subscribe', 'open', ''),
    query('subscribe', 'open', '<script>alert(1)</script>'),
    query('subscribe', 'open', '1\n'),
    query('subscribe', 'open', '1'.repeat(257)),
  ]) {
    assert.equal(verifySubscription(refused, APP), undefined, JSON.stringify(refused))
  }
  assert.equal(verifySubscription(query('subscribe', '', '1'), { ...APP, verifyToken: '' }), undefined)
})

test('a bad signature is refused without telling the good one', () => {
  const body = Buffer.from(webhook(item({ message: { mid: 'm_1', text: 'hi' } })))
  for (const header of [undefined, `sha256=${'0'.repeat(64)}`]) {
    const result = readWebhook(body, { 'x-hub-signature-256': header }, APP, RECEIVED_AT)
    assert.ok(!result.ok && result.status === 403)
    assert.doesNotMatch(result.reason, /[0-9a-f]{16}/)
  }
})

test('what is not a JSON object is refused', () => {
  for (const body of ['', 'hello', '[]', 'null', '"page"', '{"object":', '7', Buffer.from([0xff, 0xfe])]) {
    const result = postSigned(body)
    assert.ok(!result.ok && result.status === 400, String(body))
  }
})

test('every item of every entry is read, in order', () => {
  const say = (mid: string, page: string) => item({ recipient: { id: page }, message: { mid, text: mid } })
  const events = eventsOf(
    JSON.stringify({
      object: 'page',
      entry: [
        { id: PAGE, time: AT_MS, messaging: [say('m_1', PAGE), say('m_2', PAGE)] },
        { id: '222222', time: AT_MS, messaging: [say('m_3', '222222'), say('m_4', '222222')] },
      ],
    }),
  )
  assert.deepEqual(
    events.map((event) => [event.senderAddress, event.kind === 'message' && event.channelMessageId]),
    [
      [PAGE, 'm_1'],
      [PAGE, 'm_2'],
      ['222222', 'm_3'],
      ['222222', 'm_4'],
    ],
  )
})

test('messaging, standby and changes of one entry are all read', () => {
  const events = eventsOf(
    JSON.stringify({
      object: 'page',
      entry: [
        {
          id: PAGE,
          time: AT_MS,
          messaging: item({ message: { mid: 'm_1', text: 'one thing, not a list' } }),
          standby: [item({ message: { mid: 'm_2', text: 'to another app' } })],
          changes: [{ field: 'inbox_labels', value: { user: { id: PERSON } } }],
        },
      ],
    }),
  )
  assert.deepEqual(
    events.map((event) => [event.kind, event.standby]),
    [
      ['message', false],
      ['message', true],
      ['other', false],
    ],
  )
  const [, , change] = events
  assert.ok(change?.kind === 'other' && change.name === 'changes.inbox_labels' && change.contactAddress === null)
  assert.deepEqual(change.happenedAt, new Date(AT_MS))
})

test('a body that holds nothing to act on is kept whole', () => {
  for (const [body, name] of [
    ['{}', 'webhook'],
    ['{"object":"page","entry":[]}', 'webhook'],
    [`{"object":"page","entry":[{"id":"${PAGE}","messaging":[]}]}`, 'entry'],
    ['{"object":"page","entry":[7]}', 'entry'],
    ['{"object":"page","entry":"x"}', 'entry'],
    ['{"object":"page","entry":[{"messaging":"x"}]}', 'unknown'],
    ['{"object":"instagram","entry":[{"id":"5","messaging":[{}]}]}', 'instagram'],
    ['{"object":"<b>","entry":[{"id":"5"}]}', 'unknown'],
  ] as const) {
    const [event, ...more] = eventsOf(body)
    assert.equal(more.length, 0, body)
    assert.ok(event?.kind === 'other' && event.name === name, body)
    assert.ok(event.reason.endsWith('kept, not acted on'))
    assert.deepEqual(event.happenedAt, RECEIVED_AT)
  }
})

const cleanText = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000')

test('any bytes and any JSON are read without throwing, and come out storable', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      postSigned(Buffer.from(bytes))
    }),
  )
  const id = fc.oneof(fc.constantFrom(PAGE, PERSON), fc.string({ unit: 'binary' }), fc.jsonValue())
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u0000', '\ud800x', 1e300),
  )
  const body = fc.oneof(
    odd,
    fc.dictionary(
      fc.constantFrom(
        'mid',
        'mids',
        'text',
        'is_echo',
        'is_deleted',
        'watermark',
        'attachments',
        'payload',
        'title',
        'reply_to',
        'quick_reply',
        'referral',
        '__proto__',
      ),
      fc.oneof(
        odd,
        fc.constantFrom<unknown>(true, 'm_1', AT_MS, [{ type: 'image', payload: { url: 'https://x.io/a.png' } }]),
      ),
    ),
  )
  const anyItem = fc.oneof(
    odd,
    fc
      .tuple(
        fc.constantFrom(
          'message',
          'postback',
          'referral',
          'delivery',
          'read',
          'reaction',
          'message_edit',
          'optin',
          '__proto__',
          '\u0000',
        ),
        body,
        fc.record({ sender: fc.record({ id }), recipient: fc.record({ id }), timestamp: odd }, { requiredKeys: [] }),
      )
      .map(([name, value, envelope]) => ({ ...envelope, [name]: value })),
  )
  fc.assert(
    fc.property(
      fc.array(anyItem, { minLength: 1, maxLength: 4 }),
      fc.array(anyItem, { maxLength: 2 }),
      id,
      (items, standby, pageId) => {
        const events = eventsOf(JSON.stringify({ object: 'page', entry: [{ id: pageId, messaging: items, standby }] }))
        assert.equal(events.length, items.length + standby.length)
        for (const event of events) {
          assert.ok(Number.isFinite(event.happenedAt.getTime()))
          assert.ok(event.dedupeKey.length <= 600)
          JSON.stringify(event, (key, value: unknown) => {
            assert.ok(cleanText(key) && (typeof value !== 'string' || cleanText(value)))
            return value
          })
          if (event.kind !== 'other')
            assert.ok(event.contactAddress !== '' && event.contactAddress !== event.senderAddress)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('a redelivered body has the same keys, also in another batch and with its keys in another order', () => {
  const first = item({ delivery: { watermark: AT_MS } })
  const again = Object.fromEntries(Object.entries(first).reverse())
  const other = item({ read: { watermark: AT_MS } })
  assert.equal(eventsOf(webhook(first))[0]?.dedupeKey, eventsOf(webhook(other, again))[1]?.dedupeKey)
})
