import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Flow } from './flow.ts'
import { privateHostProblem } from './private-host.ts'

const problem = (url: string, allowPrivateCallbacks = false) =>
  privateHostProblem({ allowPrivateCallbacks, publicUrl: 'http://localhost:8080' } as Flow, url)

test('a host that no call reaches is told before it is saved', () => {
  for (const host of [
    'localhost',
    'LOCALHOST.',
    'app.localhost',
    '127.0.0.1',
    '10.1.2.3',
    '192.168.0.9',
    '[::1]',
    '[fd00::1]',
    '0x7f.1',
  ])
    assert.match(problem(`http://${host}:3000/sms`) ?? '', /PAGEWIRE_ALLOW_PRIVATE_CALLBACKS/, host)
})

test('public hosts, names, our own bins and paths are not', () => {
  for (const url of [
    'https://app.example/sms',
    'https://8.8.8.8/',
    'https://[2606:4700::1]/',
    '/bins/welcome',
    'http://localhost:8080/bins/a',
  ])
    assert.equal(problem(url), undefined, url)
  assert.equal(problem('http://10.1.2.3/sms', true), undefined)
})
