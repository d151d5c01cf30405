import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type UsageCounts, usageCategories } from './usage.ts'

const COUNTS: UsageCounts = {
  inbound: 10,
  inboundWithMedia: 3,
  inboundMedia: 7,
  outbound: 100,
  outboundWithMedia: 20,
  outboundMedia: 50,
}

const CATEGORIES = usageCategories(['messenger', 'other'])
const amount = (name: string, usage: ReadonlyMap<string, UsageCounts>) =>
  CATEGORIES.find((category) => category.name === name)?.of(usage)

test('messages without media are sms, with media mms, and both are their channel’s', () => {
  const usage = new Map([
    ['messenger', COUNTS],
    ['other', COUNTS],
  ])
  const expected = {
    sms: 174,
    'sms-inbound': 14,
    'sms-outbound': 160,
    mms: 46,
    'mms-inbound': 6,
    'mms-outbound': 40,
    'channels-messenger': 110,
    'channels-messenger-inbound': 10,
    'channels-messenger-outbound': 100,
    'channels-messenger-media': 57,
    totalprice: 0,
    calls: 0,
  }
  for (const [name, total] of Object.entries(expected)) assert.equal(amount(name, usage), total, name)
  assert.equal(amount('channels-other', new Map([['messenger', COUNTS]])), 0)
  assert.equal(amount('sms', new Map()), 0)
})

test('every category is named once, in order, and described', () => {
  const names = CATEGORIES.map(({ name }) => name)
  assert.deepEqual(names, [...new Set(names)].sort())
  for (const { name, description } of CATEGORIES) assert.match(description, /^[A-Z0-9]/, name)
  assert.ok(names.length > 190)
})
