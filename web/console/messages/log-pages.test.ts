import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessagePage, MessageRow } from '../../../src/console/contract/messages.ts'
import { newerThanKnown, withFresh } from './log-pages.ts'

const row = (place: number, status = 'sent') => ({ sid: `SM${String(place).padStart(3, '0')}`, status }) as MessageRow
const page = (items: MessageRow[], next: string | null = 'SM000') => ({ items, next, searchedTo: null }) as MessagePage
const said = ({ items }: MessagePage) => items.map(({ sid, status }) => `${Number(sid.slice(2))} ${status}`)

test('new rows come on top, changed ones in their place', () => {
  const known = page([row(5), row(4), row(3), row(2)])
  const fresh = page([row(6), row(5, 'read'), row(4)])
  assert.deepEqual(said(withFresh(known, fresh, null)), ['6 sent', '5 read', '4 sent', '3 sent', '2 sent'])
  assert.equal(newerThanKnown(known, fresh), 1)
})

test('while one reads further down, new rows are held back and changed ones are not', () => {
  const known = page([row(5), row(4)])
  assert.deepEqual(said(withFresh(known, page([row(6), row(5, 'read')]), null, true)), ['5 read', '4 sent'])
})

test('what a stretch does not hold any more goes, and the rest stays', () => {
  const known = page([row(9), row(8), row(7), row(6), row(5)])
  assert.deepEqual(said(withFresh(known, page([row(6, 'read')]), 'SM008')), ['9 sent', '8 sent', '6 read', '5 sent'])
  assert.deepEqual(said(withFresh(known, page([row(7)], null), 'SM008')), ['9 sent', '8 sent', '7 sent'])
})

test('with a gap between, only what came remains', () => {
  const known = page([row(5), row(4)])
  assert.deepEqual(said(withFresh(known, page([row(30), row(20)]), null)), ['30 sent', '20 sent'])
  assert.deepEqual(said(withFresh(page([]), page([row(1)]), null)), ['1 sent'])
})
