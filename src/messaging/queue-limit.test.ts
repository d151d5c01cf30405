import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '#core/ids.ts'
import { createQueueLimit } from './queue-limit.ts'

/** A store with one sender's queue, a clock, and counts that take as long as they are held back. */
function setUp(limit: number) {
  const sender = newId()
  const store = { waiting: 0, counts: 0, now: 0, countMs: 1, fails: false }
  const errors: unknown[] = []
  const { takePlace } = createQueueLimit({
    limit,
    count: async (_sender, atMost) => {
      store.counts += 1
      store.now += store.countMs
      if (store.fails) throw new Error('the store is away')
      return Math.min(store.waiting, atMost)
    },
    onError: (error) => errors.push(error),
    nowMs: () => store.now,
  })
  const create = async () => {
    const taken = await takePlace(sender)
    if (taken) store.waiting += 1
    return taken
  }
  const createMany = async (times: number) => {
    let taken = 0
    for (let nth = 0; nth < times; nth += 1) if (await create()) taken += 1
    return taken
  }
  return { sender, store, errors, takePlace, create, createMany }
}

test('the limit is reached exactly, and refused from then on', async () => {
  const { store, createMany } = setUp(10)

  assert.equal(await createMany(15), 10)
  assert.equal(store.waiting, 10)
})

test('what was there before this node began counts', async () => {
  const { store, create, createMany } = setUp(10)
  store.waiting = 8
  // The first one is let in unseen: that count runs beside it.
  assert.equal(await create(), true)

  assert.equal(await createMany(10), 1)
})

test('a queue that is sent as fast as it fills is never refused, however small the limit', async () => {
  const { store, create } = setUp(5)

  for (let nth = 0; nth < 500; nth += 1) {
    assert.equal(await create(), true)
    store.waiting = 0
  }
  assert.ok(store.counts <= 101)
})

test('far from the limit the store is not asked', async () => {
  const { store, takePlace, sender } = setUp(1_000_000)

  for (let nth = 0; nth < 100_000; nth += 1) assert.equal(takePlace(sender), true)

  assert.equal(store.counts, 1)
})

test('what other nodes let in is found by counting again, before they can have filled the queue', async () => {
  const { store, create } = setUp(100_000)
  await create()
  store.now = 1990
  await create()
  assert.equal(store.counts, 1, 'nobody fills 100,000 places within 2 s')
  store.waiting = 200_000
  store.now = 2010
  await create()
  assert.equal(store.counts, 2)

  assert.equal(await create(), false)
})

test('a full queue is looked at again soon, but not by everybody', async () => {
  const { store, create, createMany } = setUp(10)
  await createMany(15)
  const { counts } = store
  assert.equal(await createMany(1000), 0)
  assert.equal(store.counts, counts)

  store.waiting = 9
  store.now += 100
  assert.equal(await create(), true)
  assert.equal(store.counts, counts + 1)
})

test('the more a count costs the seldomer a full queue is counted', async () => {
  const { store, create, createMany } = setUp(10)
  store.countMs = 700
  await createMany(15)
  store.waiting = 0

  store.now += 6900
  assert.equal(await create(), false)
  store.now += 100
  assert.equal(await create(), true)
})

test('a large queue takes messages again when a hundredth of it is free, not one by one', async () => {
  const { store, createMany } = setUp(1000)
  store.waiting = 1000
  await createMany(2)
  const look = async (waiting: number) => {
    store.waiting = waiting
    store.now += 1000
    return await createMany(1)
  }

  assert.equal(await look(995), 0)
  assert.equal(await look(990), 1)
})

test('those who come together while it is counted wait for one count', async () => {
  const { store, takePlace, sender, createMany } = setUp(10)
  await createMany(10)
  const { counts } = store
  store.waiting = 6

  const taken = await Promise.all(Array.from({ length: 10 }, () => takePlace(sender)))

  assert.equal(taken.filter(Boolean).length, 4)
  assert.equal(store.counts, counts + 1)
})

test('a queue that cannot be counted refuses nobody', async () => {
  const { store, create, createMany, errors } = setUp(3)
  await createMany(3)
  store.fails = true

  assert.equal(await create(), true)
  assert.equal(errors.length, 1)
})

test('senders have a queue each', async () => {
  const { createMany, takePlace } = setUp(2)
  assert.equal(await createMany(3), 2)

  assert.equal(takePlace(newId()), true)
})
