import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ENTERED_FROM, isFinal, type MessageStatus } from './status.ts'

const ALL = Object.keys(ENTERED_FROM) as MessageStatus[]

/** All that may come after a status, however long it takes. */
function after(status: MessageStatus): Set<MessageStatus> {
  const found = new Set<MessageStatus>()
  const follow = (from: MessageStatus) => {
    for (const next of ALL.filter((each) => ENTERED_FROM[each].includes(from) && !found.has(each))) {
      found.add(next)
      follow(next)
    }
  }
  follow(status)
  return found
}

test('no status ever comes back', () => {
  for (const status of ALL) assert.ok(!after(status).has(status), status)
})

test('a message that was sent can only be delivered, read or undelivered', () => {
  assert.deepEqual(after('sent'), new Set(['delivered', 'read', 'undelivered']))
})

test('after a failure, a cancellation, a reading and a receiving nothing follows', () => {
  for (const end of ['failed', 'undelivered', 'canceled', 'read', 'received'] as const) {
    assert.deepEqual(after(end), new Set(), end)
  }
})

test('only what is scheduled can be canceled', () => {
  assert.deepEqual(ENTERED_FROM.canceled, ['scheduled'])
})

test('a final status leads to receipts at most, any other to more', () => {
  // "sending" is told, not written.
  for (const status of ALL.filter((each) => each !== 'sending')) {
    const onlyReceipts = after(status).isSubsetOf(new Set(['delivered', 'read', 'undelivered']))
    assert.equal(isFinal(status), onlyReceipts, status)
  }
})
