import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hrefOf, placeOf } from './place.ts'

const at = (address: string) => placeOf(new URL(address, 'http://localhost'))

test('the address says who one is and which Page one writes to', () => {
  assert.deepEqual(at('/sandbox/?person=p1&page=42'), { person: 'p1', page: '42', link: null })
  assert.deepEqual(at('/sandbox/?person='), { person: null, page: null, link: null })
})

test('a link to a Page carries its ref and leaves the person open', () => {
  assert.deepEqual(at('/sandbox/m/42?ref=autumn%20sale'), { person: null, page: '42', link: { ref: 'autumn sale' } })
  assert.deepEqual(at('/sandbox/m/42/'), { person: null, page: '42', link: { ref: null } })
})

test('a ref beside a chosen Page makes the address a link too', () => {
  assert.deepEqual(at('/sandbox/?page=42&ref=x'), { person: null, page: '42', link: { ref: 'x' } })
  assert.deepEqual(at('/sandbox/?ref=x'), { person: null, page: null, link: null })
})

test('a broken escape in a link is taken as it stands', () => {
  assert.equal(at('/sandbox/m/%E0%A4%A').page, '%E0%A4%A')
})

test('every place has an address that leads back to it', () => {
  for (const address of ['/sandbox/', '/sandbox/?person=a%26b&page=42', '/sandbox/m/42?person=p1&ref=x%3D1']) {
    assert.equal(hrefOf(at(address)), address)
  }
})
