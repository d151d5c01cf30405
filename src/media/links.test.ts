import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Id } from '#core/ids.ts'
import { createLinks, type MediaName } from './links.ts'

const now = new Date('2026-01-02T03:04:05Z')
const after = (ms: number) => new Date(now.getTime() + ms)
const open = (publicUrl = 'https://gateway.example/base', secretKey = 'the secret key') =>
  createLinks({ publicUrl, secretKey })
const links = open()
const name: MediaName = {
  accountSid: `AC${'a'.repeat(32)}`,
  messageSid: `MM${'b'.repeat(32)}`,
  id: '0198c0de-0000-7000-8000-000000000001' as Id,
}
const queryOf = (url: string) => new URL(url).searchParams

test('a URL leads to the file and is read back, with an ending or a signature too', () => {
  const url = links.plain(name)
  assert.equal(
    url,
    `https://gateway.example/base/2010-04-01/Accounts/${name.accountSid}/Messages/${name.messageSid}/Media/ME0198c0de000070008000000000000001`,
  )
  for (const each of [url, `${url}.png`, links.signed(name, after(1000))])
    assert.deepEqual(links.read(each)?.name, name)
  const foreign = [
    url.replace('/base', ''),
    `${url}.json.x`,
    url.replace('https', 'http'),
    url.replace('/base/', '/basement/'),
  ]
  for (const each of [...foreign, 'nonsense', '']) assert.equal(links.read(each), undefined, each)
})

test('a signature holds for its file, its time and its key alone', () => {
  const query = queryOf(links.signed(name, after(60_000)))
  const changed = (key: string, value: string) => {
    const copy = new URLSearchParams(query)
    copy.set(key, value)
    return copy
  }
  assert.equal(links.isSigned(name, query, now), true)
  assert.equal(open('http://other.example').isSigned(name, query, now), true, 'whatever the host is called')
  assert.equal(links.isSigned({ ...name, messageSid: `MM${'c'.repeat(32)}` }, query, now), false)
  assert.equal(links.isSigned({ ...name, accountSid: `AC${'c'.repeat(32)}` }, query, now), false)
  assert.equal(open(undefined, 'another key').isSigned(name, query, now), false)
  assert.equal(links.isSigned(name, changed('Expires', String(Number(query.get('Expires')) + 1)), now), false)
  for (const wrong of ['', 'x', 'ü'.repeat(43), `${query.get('Signature')}x`]) {
    assert.equal(links.isSigned(name, changed('Signature', wrong), now), false)
  }
  for (const wrong of ['', '-1', '1e9', '9'.repeat(30)])
    assert.equal(links.isSigned(name, changed('Expires', wrong), now), false)
  assert.equal(links.isSigned(name, new URLSearchParams(), now), false)

  assert.equal(links.isSigned(name, query, after(60_000)), true)
  assert.equal(links.isSigned(name, query, after(61_001)), false)
})
