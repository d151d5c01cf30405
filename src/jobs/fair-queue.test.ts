import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFairQueue } from './fair-queue.ts'

const ROOMY = { working: 1000, held: 1000 }

test('groups take turns, however much each of them has', () => {
  const queue = createFairQueue<string>({ ...ROOMY, perGroup: 100 })
  for (let nth = 1; nth <= 50; nth += 1) queue.push('busy', false, `busy ${nth}`)
  queue.push('calm', false, 'calm 1')
  queue.push('calm', false, 'calm 2')

  const order = Array.from({ length: 6 }, () => queue.next())

  assert.deepEqual(order, ['busy 1', 'calm 1', 'busy 2', 'calm 2', 'busy 3', 'busy 4'])
})

test('what is urgent goes first within its group', () => {
  const queue = createFairQueue<string>({ ...ROOMY, perGroup: 100 })
  queue.push('page', false, 'bulk 1')
  queue.push('page', false, 'bulk 2')
  queue.push('page', true, 'reply')

  assert.deepEqual([queue.next(), queue.next(), queue.next(), queue.next()], ['reply', 'bulk 1', 'bulk 2', undefined])
})

test('a group that hangs leaves the way free for the others', () => {
  const queue = createFairQueue<string>({ ...ROOMY, perGroup: 2 })
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

test('of many groups that hang each has less, and there are places for the next one', () => {
  const queue = createFairQueue<string>({ perGroup: 64, working: 512, held: 1024 })
  const take = () => {
    const begun: string[] = []
    for (let next = queue.next(); next; next = queue.next()) begun.push(next)
    return begun
  }
  /** Takes in hand what there is room for, one after the other. */
  const flood = (groups: string[]) => {
    for (let again = true; again; ) {
      again = false
      for (const group of groups) {
        if (queue.room(group) === 0) continue
        queue.push(group, false, group)
        again = true
      }
    }
  }
  const hanging = Array.from({ length: 60 }, (_, nth) => `hangs ${nth}`)
  flood(hanging)
  const begun = take()
  for (const group of hanging) {
    const share = begun.filter((each) => each === group).length
    assert.ok(share >= 7 && share <= 9, `${share} of ${group}`)
  }

  flood(['works'])
  assert.ok(take().length >= 6)
  queue.done('works')
  queue.push('works', false, 'works')
  assert.deepEqual(take(), ['works'])
})

test('a group that is alone has all that a group may have', () => {
  const queue = createFairQueue<string>({ perGroup: 64, working: 512, held: 1024 })
  assert.equal(queue.room('page'), 64)
  for (let nth = 0; nth < 64; nth += 1) queue.push('page', false, 'page')
  for (let nth = 0; nth < 64; nth += 1) assert.equal(queue.next(), 'page')
  assert.equal(queue.room('page'), 0)
  for (let nth = 0; nth < 32; nth += 1) queue.done('page')
  assert.ok(queue.isHalfFree('page'))
})
