import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import twilio from 'twilio'
import { type MessageVerb, readTwiml } from './twiml.ts'

const xml = (body: string) => readTwiml({ status: 200, contentType: 'text/xml; charset=utf-8', body })

function verbsOf(body: string) {
  const result = xml(body)
  assert.ok(result.ok, JSON.stringify(result))
  return result
}

function refusal(body: string): { code: number; reason: string } {
  const result = xml(body)
  assert.ok(!result.ok, JSON.stringify(result))
  return result
}

const warningCodes = (body: string): number[] => verbsOf(body).warnings.map(({ code }) => code)

const message = (fields: Partial<MessageVerb>): MessageVerb => ({
  verb: 'message',
  to: null,
  from: null,
  body: '',
  mediaUrls: [],
  statusCallback: null,
  action: null,
  method: 'POST',
  ...fields,
})

test('what the official library writes is read back', () => {
  const response = new twilio.twiml.MessagingResponse()
  response.message('Plain & <simple> "text" 🎉')
  const callbacks = { action: '/a', method: 'GET', statusCallback: '/s?x=1&y=2' } as const
  const second = response.message({ to: 'messenger:1', from: 'messenger:2', ...callbacks }, '')
  second.body('One ')
  second.body('two')
  second.media('https://example.com/a.png?x=1&y=2')
  second.media('/b.jpg')
  response.redirect({ method: 'GET' }, '/next?a=1&b=2')
  assert.deepEqual(verbsOf(response.toString()), {
    ok: true,
    verbs: [
      message({ body: 'Plain & <simple> "text" 🎉' }),
      message({
        body: 'One two',
        mediaUrls: ['https://example.com/a.png?x=1&y=2', '/b.jpg'],
        to: 'messenger:1',
        from: 'messenger:2',
        action: '/a',
        method: 'GET',
        statusCallback: '/s?x=1&y=2',
      }),
      { verb: 'redirect', url: '/next?a=1&b=2', method: 'GET' },
    ],
    warnings: [],
  })
  assert.deepEqual(verbsOf(new twilio.twiml.MessagingResponse().toString()), { ok: true, verbs: [], warnings: [] })
})

test('any text that the official library writes comes back the same, trimmed', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).filter((value) => value.trim() !== '')
  fc.assert(
    fc.property(text, (body) => {
      const response = new twilio.twiml.MessagingResponse()
      response.message(body)
      assert.deepEqual(verbsOf(response.toString()).verbs, [message({ body: body.trim() })])
    }),
  )
})

test('a text/plain answer is one message with the whole body, and an empty one is no reply', () => {
  const plain = (body: string) => readTwiml({ status: 200, contentType: 'Text/Plain; charset=utf-8', body })
  assert.deepEqual(plain('<b>Hi</b> & bye\n'), {
    ok: true,
    verbs: [message({ body: '<b>Hi</b> & bye\n' })],
    warnings: [],
  })
  assert.deepEqual(plain(' \n'), { ok: true, verbs: [], warnings: [] })
  const long = plain('x'.repeat(1601))
  assert.deepEqual(long.ok && [long.verbs.length, long.warnings[0]?.code], [0, 14103])
})

test('an empty body is no reply, whatever its type', () => {
  for (const contentType of [null, 'text/xml', 'application/json', 'text/plain']) {
    assert.deepEqual(readTwiml({ status: 200, contentType, body: ' \r\n' }), { ok: true, verbs: [], warnings: [] })
  }
  assert.equal(readTwiml({ status: 204, contentType: null, body: '' }).ok, true)
})

test('XML types and text/html are read as TwiML, other types and a missing type are refused', () => {
  const body = '<Response><Message>Hi</Message></Response>'
  for (const contentType of ['text/xml', 'application/xml;charset=utf-8', 'TEXT/HTML', 'application/twiml+xml']) {
    const result = readTwiml({ status: 200, contentType, body })
    assert.equal(result.ok && result.verbs.length, 1, contentType)
  }
  for (const contentType of [null, '', 'application/json', 'image/png', 'text/xmlish']) {
    const result = readTwiml({ status: 200, contentType, body })
    assert.equal(!result.ok && result.code, 12300, String(contentType))
  }
})

test('layout does not get into the text', () => {
  const { verbs } = verbsOf(`\ufeff<?xml version="1.0" encoding="ISO-8859-1"?>
    <!-- a reply -->
    <Response>
      <Message>
        Hello
        world
      </Message>
      <Message> <Body>Grüße</Body> <!-- and --> <Media> https://example.com/a.png </Media> </Message>
      <Sms>Old &#x1F600; <![CDATA[<style> & co]]></Sms>
    </Response>`)
  assert.deepEqual(verbs, [
    message({ body: 'Hello\n        world' }),
    message({ body: 'Grüße', mediaUrls: ['https://example.com/a.png'] }),
    message({ body: 'Old 😀 <style> & co' }),
  ])
})

test('verbs after a redirect are unreachable', () => {
  const { verbs, warnings } = verbsOf(
    '<Response><Message>a</Message><Redirect>next</Redirect><Message>b</Message><Dial/></Response>',
  )
  assert.deepEqual(verbs, [message({ body: 'a' }), { verb: 'redirect', url: 'next', method: 'POST' }])
  assert.deepEqual(warnings, [])
})

test('an empty redirect is passed over with a warning', () => {
  const { verbs, warnings } = verbsOf('<Response><Redirect> </Redirect><Message>b</Message></Response>')
  assert.deepEqual(verbs, [message({ body: 'b' })])
  assert.deepEqual(
    warnings.map(({ code }) => code),
    [11100],
  )
})

test('an unknown verb, attribute or nesting is a warning, and the rest runs', () => {
  const around = (inside: string) => `<Response>${inside}<Message>ok</Message></Response>`
  const cases: [string, number][] = [
    ['<Say>hi</Say>', 14110],
    ['<message>hi</message>', 14110],
    ['stray text', 12200],
    ['<Message color="red">hi</Message>', 12200],
    ['<Message><Body x="1">hi</Body></Message>', 12200],
    ['<Message>hi <b>you</b></Message>', 12200],
    ['<Message><Body>hi <b>you</b></Body></Message>', 12200],
    ['<Message>hi<Media/></Message>', 12200],
    ['<Message method="PUT">hi</Message>', 14104],
    ['<Message></Message>', 14103],
    ['<Message><Body> </Body></Message>', 14103],
    [`<Message>${'x'.repeat(1601)}</Message>`, 14103],
    [`<Message>hi${'<Media>u</Media>'.repeat(11)}</Message>`, 12200],
  ]
  for (const [inside, code] of cases) {
    const { verbs, warnings } = verbsOf(around(inside))
    assert.deepEqual(
      warnings.map((warning) => warning.code),
      [code],
      inside.slice(0, 50),
    )
    assert.deepEqual(verbs.at(-1), message({ body: 'ok' }))
  }
  assert.deepEqual(warningCodes('<Response version="2"/>'), [12200])
  assert.deepEqual(warningCodes('<Response xmlns:xsi="http://x" xsi:noNamespaceSchemaLocation="y"/>'), [])
})

test('a bad method falls back to POST, and letter case does not matter', () => {
  const { verbs } = verbsOf(
    '<Response><Message method="get">a</Message><Redirect method="DELETE">/x</Redirect></Response>',
  )
  assert.deepEqual(verbs, [message({ body: 'a', method: 'GET' }), { verb: 'redirect', url: '/x', method: 'POST' }])
})

test('1,600 characters are the limit, an emoji being one', () => {
  const { verbs } = verbsOf(`<Response><Message>${'😀'.repeat(1600)}</Message></Response>`)
  assert.equal(verbs.length, 1)
})

test('a message keeps its first ten media', () => {
  const media = Array.from({ length: 12 }, (_, index) => `<Media>/${index}.png</Media>`).join('')
  const [verb] = verbsOf(`<Response><Message>${media}</Message></Response>`).verbs
  assert.equal(
    verb?.verb === 'message' && verb.mediaUrls.join(),
    '/0.png,/1.png,/2.png,/3.png,/4.png,/5.png,/6.png,/7.png,/8.png,/9.png',
  )
})

test('documents that are no TwiML are refused with the code that says why', () => {
  const cases: [string, number, RegExp][] = [
    ['Hello', 12100, /not well-formed/],
    ['<Response>', 12100, /line 1/],
    ['<Response><Message>a & b</Message></Response>', 12100, /Unterminated reference/],
    ['<Response><Message>a</message></Response>', 12100, /Missing end tag/],
    ['<Response/><Response/>', 12100, /not well-formed/],
    ['\n<?xml version="1.0"?><Response/>', 12100, /before <\?xml/],
    ['<Response>\0</Response>', 12100, /not well-formed/],
    ['<?xml version="1.1"?><Response/>', 12101, /1\.0/],
    ['<?xml version="2.0"?><Response/>', 12101, /1\.0/],
    ['<response/>', 12102, /not "response"/],
    ['<Twiml><Response/></Twiml>', 12102, /not "Twiml"/],
    ['<html><body>Oops</body></html>', 12102, /HTML page/],
    ['<!DOCTYPE html><html><head><meta charset=utf-8></head></html>', 12100, /HTML page/],
    ['<!doctype html>\n<title>502</title>', 12100, /HTML page/],
    ['<!DOCTYPE Response SYSTEM "http://evil.example/x.dtd"><Response/>', 12100, /DOCTYPE/],
    ['<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><Response><Message>&x;</Message></Response>', 12100, /&x;/],
    ['<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><Response/>', 12100, /DOCTYPE/],
    ['<Response><Message>&constructor;&__proto__;</Message></Response>', 12100, /constructor/],
  ]
  for (const [body, code, reason] of cases) {
    const result = refusal(body)
    assert.equal(result.code, code, body)
    assert.match(result.reason, reason, body)
  }
})

test('a hostile document is refused quickly', () => {
  const documents = [
    '<a>'.repeat(20_000) + '</a>'.repeat(20_000),
    '<a>'.repeat(20_000),
    `<Response>${'<Message>'.repeat(20_000)}`,
    '<'.repeat(65_000),
    '<!--'.repeat(16_000),
    `<Response ${'a '.repeat(30_000)}`,
    '&amp;'.repeat(13_000),
    `<Response>${'<![CDATA['.repeat(7_000)}`,
    `${' '.repeat(65_000)}<`,
    `<!--${' '.repeat(65_000)}`,
  ]
  for (const body of documents) {
    const startedMs = performance.now()
    assert.equal(refusal(body).code, 12100, body.slice(0, 20))
    assert.ok(performance.now() - startedMs < 500, body.slice(0, 20))
  }
})

test('deep nesting is refused for the number of its elements, before it is parsed', () => {
  assert.match(refusal('<a>'.repeat(1001) + '</a>'.repeat(1001)).reason, /more than 1000 elements/)
  assert.equal(refusal('<a>'.repeat(1000) + '</a>'.repeat(1000)).code, 12102)
})

test('warnings are few and short, whatever the document holds', () => {
  const { warnings } = verbsOf(`<Response>${`<${'x'.repeat(60)}/>`.repeat(900)}</Response>`)
  assert.equal(warnings.length, 20)
  assert.ok(warnings.every(({ text }) => text.length < 150))
})

const PIECES = [
  ...'<Response> </Response> <Message> </Message> <Body> </Body> <Media> </Media> <Redirect> </Redirect>'.split(' '),
  ...'<Response/> <Sms\tmethod=" "> <!DOCTYPE\tx> <![CDATA[ ]]> <!-- --> &amp; &#0; &#xD800; &x; text < >'.split(' '),
  ...['<?xml version="1.0"?>', ' ', '\0', '\ud800', '\ufeff', '🎉'],
]

test('no answer makes it throw, and every result can be stored', () => {
  const pieces = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary' })), { maxLength: 20 })
  const types = fc.constantFrom(null, 'text/xml', 'text/plain', 'text/html', 'application/json', '\0\ud800')
  fc.assert(
    fc.property(types, pieces, fc.boolean(), (contentType, parts, wrapped) => {
      const inside = parts.join('')
      const body = wrapped ? `<Response><Message>${inside}</Message></Response>` : inside
      const result = readTwiml({ status: 200, contentType, body })
      const kept = JSON.stringify(result, (_, value: unknown) => {
        if (typeof value === 'string') assert.ok(value.isWellFormed() && !value.includes('\0'))
        return value
      })
      assert.ok(kept.length > 0)
      if (!result.ok) assert.ok([12100, 12101, 12102, 12300].includes(result.code) && result.reason !== '')
    }),
    { numRuns: 3000 },
  )
})
