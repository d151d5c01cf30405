import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFairQueue } from './fair-queue.ts'

test('groups take turns, however much each of them has', () => {
  const queue = createFairQueue<string>(100)
  for (let nth = 1; nth <= 50; nth += 1) queue.push('busy', false, `busy ${nth}`)
  queue.push('calm', false, 'calm 1')
  queue.push('calm', false, 'calm 2')

  const order = Array.from({ length: 6 }, () => queue.next())

  assert.deepEqual(order, ['busy 1', 'calm 1', 'busy 2', 'calm 2', 'busy 3', 'busy 4'])
})

test('what is urgent goes first within its group', () => {
  const queue = createFairQueue<string>(100)
  queue.push('page', false, 'bulk 1')
  queue.push('page', false, 'bulk 2')
  queue.push('page', true, 'reply')

  assert.deepEqual([queue.next(), queue.next(), queue.next(), queue.next()], ['reply', 'bulk 1', 'bulk 2', undefined])
})

test('a group that hangs leaves the way free for the others', () => {
  const queue = createFairQueue<string>(2)
  for (const nth of [1, 2, 3]) queue.push('hangs', false, `hangs ${nth}`)
  assert.deepEqual([queue.next(), queue.next(), queue.next()], ['hangs 1', 'hangs 2', undefined])
  queue.push('works', false, 'works 1')

  assert.equal(queue.next(), 'works 1')
  assert.equal(queue.next(), undefined)
  assert.equal(queue.room('hangs'), 0)
  assert.equal(queue.room('works'), 1)
  assert.equal(queue.room('unheard of'), 2)

  queue.done('hangs')
  assert.equal(queue.next(), 'hangs 3')
  assert.equal(queue.next(), undefined)
})
