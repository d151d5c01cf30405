import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { connectCommand } from './connect-command.ts'

test('a shell hands curl the Senders request, whatever the token holds', () => {
  const accessToken = `EAA'$(date)"\\x`
  const command = connectCommand({ id: '42', accessToken }, 'http://localhost:8080')
  const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${command}`
  const words = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0')
  assert.equal(words[0], 'http://localhost:8080/messaging/v2/Channels/Senders')
  assert.deepEqual(JSON.parse(words[words.indexOf('-d') + 1] ?? ''), {
    sender_id: 'messenger:42',
    configuration: { page_access_token: accessToken },
    webhook: { callback_url: '/bins/welcome', callback_method: 'POST' },
  })
})
