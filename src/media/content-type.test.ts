import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Kind, refuseContent, refuseDeclared, settleType } from './content-type.ts'

const cases: [found: string | undefined, declared: string | null, expected: Kind | null, type: string][] = [
  ['image/png', 'image/jpeg', 'image', 'image/png'],
  ['image/png', null, null, 'image/png'],
  ['image/apng', 'image/png', null, 'image/png'],
  ['video/mp4', 'video/mp4', 'audio', 'audio/mp4'],
  ['video/mp4', 'audio/mp4', null, 'audio/mp4'],
  ['video/mp4', 'video/mp4', 'video', 'video/mp4'],
  ['audio/x-m4a', 'application/octet-stream', null, 'audio/mp4'],
  ['audio/ogg; codecs=opus', 'audio/ogg', null, 'audio/ogg'],
  [
    'application/zip',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'file',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  ],
  ['application/zip', 'application/octet-stream', 'file', 'application/zip'],
  ['application/zip', 'image/png', 'image', 'application/zip'],
  ['application/x-cfb', 'application/msword', 'file', 'application/msword'],
  ['application/xml', 'image/svg+xml', 'image', 'image/svg+xml'],
  [undefined, 'text/plain; charset=utf-8', 'file', 'text/plain'],
  [undefined, 'image/png', 'image', 'application/octet-stream'],
  [undefined, 'application/pdf', 'file', 'application/octet-stream'],
  [undefined, 'image/svg+xml', 'image', 'image/svg+xml'],
  [undefined, 'audio/mpeg', 'audio', 'audio/mpeg'],
  [undefined, 'TEXT/HTML', 'file', 'text/html'],
  [undefined, 'text/html\r\nX: y', 'file', 'application/octet-stream'],
  [undefined, '', 'file', 'application/octet-stream'],
  [undefined, `a/${'b'.repeat(500)}`, 'file', 'application/octet-stream'],
  [undefined, null, null, 'application/octet-stream'],
]
for (const [found, declared, expected, type] of cases) {
  const said = declared?.slice(0, 60) ?? 'nothing'
  test(`bytes of ${found ?? 'no known kind'} that come as ${said}, sent as ${expected}, are ${type}`, () => {
    assert.equal(settleType(found, declared, expected), type)
  })
}

test('a page, and what has no type, is refused before it is read', () => {
  for (const type of ['text/html', 'Text/HTML; charset=utf-8', 'application/xhtml+xml', '', 'png', null]) {
    assert.equal(refuseDeclared(type)?.code, 12300, String(type))
  }
  for (const type of ['image/png', 'application/octet-stream', 'text/plain;charset=x']) {
    assert.equal(refuseDeclared(type), undefined, type)
  }
})

test('a picture that is none, and a film that is something else, is refused', () => {
  const refused: [declared: string, found: string | undefined][] = [
    ['image/png', undefined],
    ['image/jpeg', 'application/pdf'],
    ['video/mp4', 'image/png'],
    ['audio/mpeg', 'application/zip'],
  ]
  for (const [declared, found] of refused) assert.equal(refuseContent(declared, found)?.code, 63005, declared)
  const fine: [declared: string, found: string | undefined][] = [
    ['image/jpeg', 'image/png'],
    ['image/svg+xml', undefined],
    ['video/mp4', 'audio/mp4'],
    ['audio/amr', undefined],
    ['audio/ogg', 'application/ogg'],
    ['application/pdf', undefined],
    ['application/octet-stream', 'image/png'],
  ]
  for (const [declared, found] of fine) assert.equal(refuseContent(declared, found), undefined, declared)
})
