import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeBody } from './answer-body.ts'

const document = (declaration: string) => `<?xml version="1.0"${declaration}?><Response>Grüße</Response>`

test('what an XML document says of its encoding holds where the Content-Type says nothing', async () => {
  for (const [contentType, bytes] of [
    ['text/xml', Buffer.from(document(' encoding="ISO-8859-1"'), 'latin1')],
    ['text/xml', Buffer.from(document(" encoding = 'windows-1252' standalone='yes'"), 'latin1')],
    ['application/xml', Buffer.from(`\ufeff${document(' encoding="UTF-16"')}`, 'utf16le')],
    ['text/xml', Buffer.from(`\ufeff${document(' encoding="UTF-16"')}`, 'utf16le').swap16()],
    ['text/xml; charset=utf-8', Buffer.from(document(' encoding="ISO-8859-1"'))],
    ['text/xml', Buffer.from(document(' encoding="UTF-16"'))],
    ['text/xml', Buffer.from(document(' encoding="nonsense"'))],
    ['text/xml', Buffer.from(`\ufeff${document('')}`)],
  ] as const) {
    const decoded = await decodeBody(bytes, '', contentType)
    assert.match(decoded.ok ? decoded.text : '', /^<\?xml .*>Grüße<\/Response>$/, `${contentType} ${bytes.toString()}`)
  }
})
