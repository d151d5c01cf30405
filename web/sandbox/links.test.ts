import assert from 'node:assert/strict'
import { test } from 'node:test'
import { piecesOf, webUrlOf } from './links.ts'

test('only web addresses are followed', () => {
  assert.equal(webUrlOf('javascript:alert(1)'), undefined)
  assert.equal(webUrlOf('data:text/html,x'), undefined)
  assert.equal(webUrlOf('https://a.example/b'), 'https://a.example/b')
  assert.equal(webUrlOf('/sandbox/cdn/1.png'), '/sandbox/cdn/1.png')
})

test('an address in a sentence becomes a link without the full stop', () => {
  assert.deepEqual(piecesOf('See (https://a.example/b). Soon!'), [
    { text: 'See (' },
    { text: 'https://a.example/b', href: 'https://a.example/b' },
    { text: '). Soon!' },
  ])
})

test('a bracket belongs to the address that opened it', () => {
  const address = 'https://a.example/owl_(bird)'
  assert.deepEqual(piecesOf(`(${address}).`), [{ text: '(' }, { text: address, href: address }, { text: ').' }])
})

test('a text without addresses stays in one piece', () => {
  assert.deepEqual(piecesOf('http is a protocol: http://'), [{ text: 'http is a protocol: http://' }])
  assert.deepEqual(piecesOf(''), [])
})
