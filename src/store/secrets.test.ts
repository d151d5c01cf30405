import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createVault } from './secrets.ts'

const vault = createVault('the secret key of this installation')

test('whatever is sealed opens with the same key at the same place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, place) => {
      assert.equal(vault.open(vault.seal(text, place), place), text)
    }),
  )
})

test('what is sealed shows nothing of the text, and is never the same twice', () => {
  const [one, two] = [vault.seal('a page token', 'sender:1'), vault.seal('a page token', 'sender:1')]
  assert.notDeepEqual(one, two)
  assert.ok(!one.includes('token'))
})

test('neither another key nor another place nor changed bytes open it', () => {
  const sealed = vault.seal('a page token', 'sender:1')
  assert.throws(() => createVault('the secret key of another').open(sealed, 'sender:1'))
  assert.throws(() => vault.open(sealed, 'sender:2'))
  for (const index of [0, 12, 28, sealed.length - 1]) {
    const changed = Buffer.from(sealed)
    changed[index] = (changed[index] as number) ^ 1
    assert.throws(() => vault.open(changed, 'sender:1'), `byte ${index}`)
  }
  assert.throws(() => vault.open(sealed.subarray(0, 20), 'sender:1'))
  assert.throws(() => vault.open(Buffer.alloc(0), 'sender:1'))
})
