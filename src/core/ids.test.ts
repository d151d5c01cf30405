import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromSid, type Id, messageSid, newAccountSid, newAuthToken, newId, toSid } from './ids.ts'

test('ids come in the order in which they are made', () => {
  const ids = Array.from({ length: 20_000 }, newId)
  assert.equal(
    ids.findIndex((id, index) => index > 0 && id <= (ids[index - 1] as Id)),
    -1,
  )
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const ahead = Number.parseInt(ids.at(-1)?.replace('-', '').slice(0, 12) ?? '', 16) - Date.now()
  assert.ok(Math.abs(ahead) < 1000, `${ahead} ms ahead of the clock`)
})

test('every id survives the way into a SID and back', () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      assert.equal(fromSid(toSid('XE', uuid as Id), 'XE'), uuid)
      assert.equal(
        fromSid(
          toSid('XE', uuid as Id).replace(/[a-f]/g, (digit) => digit.toUpperCase()),
          'XE',
        ),
        uuid,
      )
    }),
  )
})

test('what is not a SID with one of the prefixes has no id', () => {
  const sid = toSid('SM', newId())
  assert.ok(fromSid(sid, 'SM', 'MM'))
  const others = [
    sid.slice(0, -1),
    `${sid}0`,
    `${sid}\n`,
    sid.replace('SM', 'sm'),
    sid.replace(/.$/, 'g'),
    '',
    'SM',
    ' ',
  ]
  for (const other of others) assert.equal(fromSid(other, 'SM', 'MM'), undefined, JSON.stringify(other))
  assert.equal(fromSid(sid, 'MM'), undefined)
  assert.equal(fromSid(sid), undefined)
})

test("a message's SID says whether it carries media", () => {
  const id = '0193e7a0-0000-7000-8000-00000000abcd' as Id
  assert.equal(messageSid(id, 0), 'SM0193e7a000007000800000000000abcd')
  assert.equal(messageSid(id, 2), 'MM0193e7a000007000800000000000abcd')
})

test('account SIDs and auth tokens have the form that twilio-cli demands', () => {
  assert.match(newAccountSid(), /^AC[0-9a-f]{32}$/)
  assert.match(newAuthToken(), /^[0-9a-f]{32}$/)
  assert.notEqual(newAuthToken(), newAuthToken())
})
