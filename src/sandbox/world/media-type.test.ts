import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isShown, typeFor } from './media-type.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

test('a picture is what its bytes say, never what its sender says', () => {
  assert.equal(typeFor('image', 'image/png', bytes('\xff\xd8\xff\xe0')), 'image/jpeg')
  assert.equal(typeFor('image', 'image/png', bytes('<svg/>')), undefined)
  assert.equal(typeFor('image', 'image/png', bytes('')), undefined)
  assert.equal(typeFor('image', 'image/png', bytes('%PDF-1.7')), undefined)
})

test('containers of sound and film pass as either, other files as themselves', () => {
  const mp4 = bytes('\0\0\0\x20ftypisom')
  assert.equal(typeFor('video', 'video/mp4', mp4), 'video/mp4')
  assert.equal(typeFor('audio', 'audio/mp4', mp4), 'audio/mp4')
  assert.equal(typeFor('video', '', bytes('ID3\x03')), undefined)
  assert.equal(typeFor('audio', 'audio/amr', bytes('#!AMR')), 'audio/amr')
  assert.equal(typeFor('audio', 'text/html', bytes('<html>')), undefined)
  assert.equal(typeFor('file', 'text/csv; charset=utf-8', bytes('a,b')), 'text/csv')
  assert.equal(typeFor('file', 'not a type', bytes('a,b')), 'application/octet-stream')
})

test('a browser is shown nothing that can run', () => {
  assert.deepEqual(['image/png', 'application/pdf', 'image/svg+xml', 'text/html'].map(isShown), [
    true,
    true,
    false,
    false,
  ])
})
