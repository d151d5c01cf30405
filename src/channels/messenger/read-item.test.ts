import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AT_MS, eventsOf, item, PAGE, PERSON, readAs, webhook } from './signed-webhook.ts'

test('a text message of a person', () => {
  const message = { mid: 'm_1', text: 'hello', reply_to: { mid: 'm_0' } }
  assert.deepEqual(readAs('message', { message }), {
    kind: 'message',
    senderAddress: PAGE,
    contactAddress: PERSON,
    happenedAt: new Date(AT_MS),
    dedupeKey: `${PAGE}|message|m_1`,
    standby: false,
    raw: item({ message }),
    channelMessageId: 'm_1',
    deletionKey: `${PAGE}|deletion|m_1`,
    text: 'hello',
    media: [],
    button: null,
    referral: null,
    repliedTo: 'm_0',
    location: null,
  })
})

test('a tapped quick reply carries payload and title', () => {
  const event = readAs('message', { message: { mid: 'm_1', text: 'Red', quick_reply: { payload: 'COLOR_RED' } } })
  assert.deepEqual(event.button, { payload: 'COLOR_RED', text: 'Red' })
  assert.equal(event.text, 'Red')
})

test('a postback carries payload, title and referral', () => {
  const event = readAs('postback', {
    postback: {
      mid: 'm_1',
      title: 'Start',
      payload: 'GO',
      referral: { ref: 'shop', source: 'ADS', type: 'OPEN_THREAD', ad_id: 6045246247433 },
    },
  })
  assert.equal(event.text, 'Start')
  assert.deepEqual(event.button, { payload: 'GO', text: 'Start' })
  assert.deepEqual(event.referral, { ref: 'shop', source: 'ADS', type: 'OPEN_THREAD', adId: '6045246247433' })
  assert.equal(event.dedupeKey, `${PAGE}|postback|m_1`)
})

test('a postback without mid or payload, as in old fixtures and in standby, still reads', () => {
  const event = readAs('postback', { postback: { title: 'Start' } })
  assert.equal(event.channelMessageId, null)
  assert.equal(event.button, null)
  assert.match(event.dedupeKey, /^postback\|[0-9a-f]{64}$/)
})

test('a referral alone is an event without text', () => {
  const event = readAs('referral', { referral: { ref: null, source: 'SHORTLINK', type: 'OPEN_THREAD' } })
  assert.equal(event.text, '')
  assert.deepEqual(event.referral, { ref: null, source: 'SHORTLINK', type: 'OPEN_THREAD', adId: null })
})

test('a message that Meta cannot represent is still something said', () => {
  const event = readAs('message', { message: { mid: 'm_1', is_unsupported: true } })
  assert.equal(event.text, '')
  assert.deepEqual(event.media, [])
})

test('an echo points the other way and tells whose send it was', () => {
  const message = { is_echo: true, app_id: 1517776481860111, metadata: 'SM1', mid: 'm_1', text: 'hi' }
  const event = readAs('echo', { sender: { id: PAGE }, recipient: { id: PERSON }, message })
  assert.equal(event.contactAddress, PERSON)
  assert.equal(event.channelMessageId, 'm_1')
  assert.equal(event.metadata, 'SM1')
})

test('an echo in the wrong direction still finds the person', () => {
  const event = readAs('echo', { message: { is_echo: true, mid: 'm_1', text: 'hi' } })
  assert.equal(event.contactAddress, PERSON)
  assert.equal(event.metadata, null)
})

test('a message, its echo, its edits, its reactions and its deletion all have keys of their own', () => {
  const events = eventsOf(
    webhook(
      item({ message: { mid: 'm_1', text: 'a' } }),
      item({ message: { mid: 'm_1', is_deleted: true } }),
      item({ message: { mid: 'm_1', is_echo: true } }),
      item({ message: { mid: 'm_1', is_echo: true, is_deleted: true } }),
      item({ message_edit: { mid: 'm_1', text: 'b', num_edit: '1' } }),
      item({ message_edit: { mid: 'm_1', text: 'c', num_edit: 2 } }),
      item({ reaction: { mid: 'm_1', action: 'react', reaction: 'love' } }),
      item({ reaction: { mid: 'm_1', action: 'unreact' } }),
      item({ reaction: { mid: 'm_1', action: 'react', reaction: 'love' }, timestamp: AT_MS + 1 }),
    ),
  )
  assert.equal(new Set(events.map((event) => event.dedupeKey)).size, 9)
  assert.deepEqual(
    events.map((event) => event.kind),
    ['message', 'deletion', 'echo', 'other', 'other', 'other', 'other', 'other', 'other'],
  )
})

test('the same edit told with a number or a text is one event', () => {
  const [first, second] = eventsOf(
    webhook(
      item({ message_edit: { mid: 'm_1', num_edit: '37' } }),
      item({ message_edit: { mid: 'm_1', num_edit: 37 } }),
    ),
  )
  assert.equal(first?.dedupeKey, second?.dedupeKey)
})

test('a taken-back message names what must go', () => {
  const event = readAs('deletion', { message: { mid: 'm_1', is_deleted: true } })
  assert.equal(event.channelMessageId, 'm_1')
  assert.equal(event.contactAddress, PERSON)
  assert.equal(readAs('message', { message: { mid: 'm_1', text: 'a' } }).deletionKey, event.dedupeKey)
})

test('receipts read with and without mids, with a watermark as text, and without a timestamp', () => {
  const delivery = readAs('delivery', { delivery: { mids: ['m_1', 'm_2'], watermark: AT_MS } })
  assert.deepEqual(delivery.channelMessageIds, ['m_1', 'm_2'])
  assert.deepEqual(delivery.watermark, new Date(AT_MS))

  const read = readAs('read', { read: { watermark: String(AT_MS - 9) }, timestamp: null })
  assert.deepEqual(read.channelMessageIds, [])
  assert.deepEqual(read.watermark, new Date(AT_MS - 9))
  assert.deepEqual(read.happenedAt, new Date(AT_MS - 9))
})

test('a watermark in whole seconds holds until the next one', () => {
  const seconds = Math.floor(AT_MS / 1000)
  for (const watermark of [seconds, String(seconds)]) {
    const event = readAs('read', { read: { watermark } })
    assert.deepEqual(event.watermark, new Date(seconds * 1000 + 999))
  }
})

test('a delivery without a watermark confirms the named messages and no others', () => {
  const event = readAs('delivery', { delivery: { mids: ['m_1'] } })
  assert.deepEqual(event.watermark, new Date(0))
})

test('ids that came as numbers keep every digit', () => {
  const body = webhook(item({ message: { mid: 'm_1', text: 'hi' } })).replace(`"${PERSON}"`, '98765432109876543')
  const [event] = eventsOf(body)
  assert.equal(event?.contactAddress, '98765432109876543')
  assert.match(JSON.stringify(event?.raw), /98765432109876543/)
})

test('timestamps in seconds and as text are understood', () => {
  for (const timestamp of [1_785_500_000, '1785500000', '1785500000000']) {
    assert.deepEqual(readAs('message', { message: { mid: 'm_1' }, timestamp }).happenedAt, new Date(AT_MS))
  }
})

test('an event without a time is dated by its entry', () => {
  assert.deepEqual(readAs('message', { message: { mid: 'm_1' }, timestamp: null }).happenedAt, new Date(AT_MS + 500))
})

test('a policy warning reads with a hyphen and without', () => {
  for (const key of ['policy_enforcement', 'policy-enforcement']) {
    const event = readAs('other', { sender: null, [key]: { action: 'block', reason: 'spam' } })
    assert.equal(event.name, 'policy_enforcement')
    assert.equal(event.contactAddress, null)
  }
})

test('what is not acted on is kept under its name with a reason', () => {
  for (const [name, event] of Object.entries({
    reaction: { reaction: { reaction: 'love', emoji: '❤️', action: 'react', mid: 'm_1' } },
    optin: { sender: { user_ref: 'UNIQUE' }, optin: { ref: 'PASS', user_ref: 5 } },
    take_thread_control: { take_thread_control: { new_owner_app_id: '1' } },
    account_linking: { account_linking: { status: 'unlinked' } },
    something_new: { something_new: { a: 1 } },
    unknown: { '<script>': 1 },
  })) {
    const other = readAs('other', event)
    assert.equal(other.name, name)
    assert.match(other.reason, /kept, not/)
    assert.doesNotMatch(other.reason, /</)
  }
})

test('items that make no sense are kept, each as one event', () => {
  for (const event of [
    { message: null },
    { message: 'text' },
    { message: [] },
    { sender: { user_ref: 'u' }, message: { mid: 'm_1', text: 'who?' } },
    { sender: { id: PAGE }, message: { mid: 'm_1', text: 'the Page, not marked as an echo' } },
    { message: { is_echo: true, text: 'no mid' } },
    { message: { is_deleted: true } },
    { sender: { id: PAGE }, recipient: null, message: { mid: 'm_1', is_echo: true } },
    { delivery: {} },
    { read: { watermark: 'never' } },
  ]) {
    assert.match(readAs('other', event).reason, /kept, not acted on/)
  }
  for (const junk of [null, 7, 'x', [], {}]) {
    const [read] = eventsOf(webhook(junk))
    assert.equal(read?.kind, 'other')
  }
})

test('without an id on the entry the recipient is the Page', () => {
  const body = JSON.stringify({ object: 'page', entry: [{ messaging: [item({ message: { mid: 'm_1' } })] }] })
  assert.equal(eventsOf(body)[0]?.senderAddress, PAGE)
})

test('very long ids make a key that an index takes', () => {
  const event = readAs('other', { reaction: { mid: 'm'.repeat(400), action: 'x'.repeat(4000) } })
  assert.ok(event.dedupeKey.length < 100)
})
