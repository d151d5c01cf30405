import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hueOf, initialsOf } from './initials.ts'

test('initials come from the first and the last word, whatever the script', () => {
  assert.equal(initialsOf('Grace Brewster Hopper'), 'GH')
  assert.equal(initialsOf('owl'), 'O')
  assert.equal(initialsOf('（Ünal） Öz'), 'ÜÖ')
  assert.equal(initialsOf('山田 太郎'), '山太')
})

test('a name without letters still has a face', () => {
  assert.equal(initialsOf(' 🎉 -- '), '?')
  assert.equal(initialsOf(''), '?')
})

test('a name keeps its hue, and the hues of many names are spread', () => {
  assert.equal(hueOf('Owl Coffee'), hueOf('Owl Coffee'))
  const sectors = new Set(Array.from({ length: 60 }, (_, index) => Math.floor(hueOf(`Page ${index}`) / 30)))
  assert.equal(sectors.size, 12)
})
