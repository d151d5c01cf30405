import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Account, hottestPage, MAX_PAGES, makeAccounts, zipf } from './accounts.ts'
import { addNodes, imbalance, isolate, loads, makeCluster, usefulNodes } from './cluster.ts'
import { rebalance } from './rebalance.ts'

const account = (hash: number, share: number): Account => ({ hash, share, pages: [share] })
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} ≠ ${expected}`)

test('Zipf parts add up to one, and the second is half of the first when the exponent is 1', () => {
  const parts = zipf(1000, 1)
  close(sum(parts), 1)
  close((parts[1] as number) * 2, parts[0] as number)
  assert.deepEqual(zipf(4, 0), [0.25, 0.25, 0.25, 0.25])
})

test('the same seed makes the same accounts, another one other accounts of the same sizes', () => {
  const [one, same, other] = [makeAccounts(1, 500, 1), makeAccounts(1, 500, 1), makeAccounts(2, 500, 1)]
  assert.deepEqual(one, same)
  assert.notDeepEqual(one, other)
  assert.deepEqual(
    one.map(({ share }) => share),
    other.map(({ share }) => share),
  )
})

test('an account has 1 to 25 Pages, which share its messages', () => {
  const accounts = makeAccounts(1, 2000, 1)
  for (const { share, pages } of accounts) close(sum(pages), share)
  assert.equal(accounts[0]?.pages.length, MAX_PAGES)
  assert.equal(accounts.at(-1)?.pages.length, 1)
  assert.equal(hottestPage(accounts), accounts[0]?.pages[0])
})

test('shards are dealt to the nodes in turn, and an account is on one of them whole', () => {
  const cluster = makeCluster([account(0.1, 0.5), account(0.3, 0.2), account(0.9, 0.3)], 4, 2)
  assert.deepEqual(
    cluster.shards.map(({ node }) => node),
    [0, 1, 0, 1],
  )
  assert.deepEqual(loads(cluster), [0.5, 0.5])
  assert.equal(imbalance(cluster), 1)
  assert.equal(usefulNodes(cluster), 2)
})

test('an isolated account has its own shard, and nobody is lost or counted twice', () => {
  const large = account(0.12, 0.6)
  const accounts = [large, account(0.11, 0.1), account(0.2, 0.1), account(0.8, 0.2)]
  const cluster = isolate(makeCluster(accounts, 4, 2), accounts, large)
  assert.deepEqual(
    cluster.shards.map(({ share }) => Number(share.toFixed(9))),
    [0.1, 0.6, 0.1, 0, 0, 0.2],
  )
  assert.deepEqual(
    cluster.shards.map(({ node }) => node),
    [0, 0, 0, 1, 0, 1],
  )
  // Once more: of its own shard only the account is left.
  close(sum(loads(isolate(cluster, accounts, large))), 1)
})

test('rebalancing moves no more than it must, and never makes the fullest node fuller', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const before = makeCluster(makeAccounts(seed, 1000, 1), 64, 8)
    const { cluster, moves, movedShare } = rebalance(before)
    assert.ok(imbalance(cluster) <= imbalance(before))
    close(sum(loads(cluster)), sum(loads(before)))
    assert.equal(cluster.shards.filter(({ node }, index) => node !== before.shards[index]?.node).length <= moves, true)
    assert.ok(movedShare < 1)
  }
})

test('what is even already stays where it is', () => {
  const even = makeCluster(
    [0.1, 0.3, 0.6, 0.8].map((hash) => account(hash, 0.25)),
    4,
    2,
  )
  assert.deepEqual(rebalance(even), { cluster: even, moves: 0, movedShare: 0 })
})

test('new nodes are empty until shards are moved to them', () => {
  const accounts = Array.from({ length: 64 }, (_, index) => account(index / 64, 1 / 64))
  const grown = addNodes(makeCluster(accounts, 64, 2), 2)
  assert.deepEqual(loads(grown).slice(2), [0, 0])
  const { cluster, movedShare } = rebalance(grown)
  assert.ok(imbalance(cluster) <= 1.1)
  assert.ok(movedShare <= 0.5)
})

test('an account of half of all messages keeps its node at half of them, whatever the number of nodes', () => {
  const large = account(0.5, 0.5)
  const accounts = [large, ...Array.from({ length: 100 }, (_, index) => account(index / 100 + 0.001, 0.005))]
  const { cluster } = rebalance(isolate(makeCluster(accounts, 64, 16), accounts, large))
  close(Math.max(...loads(cluster)), 0.5)
})
