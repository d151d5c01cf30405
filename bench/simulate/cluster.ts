/**
 * Accounts on the shards of a cluster, shards on its nodes. As Citus has it: a shard is a range of hashes, an account is
 * in one shard whole, and a shard is on one node. Pure; what changes a cluster answers a new one.
 */
import type { Account } from './accounts.ts'

export type Shard = {
  /** Hashes from here (inclusive) to the next shard's. */
  from: number
  share: number
  node: number
}

export type Cluster = { nodes: number; shards: Shard[] }

/** Shards of equally wide ranges, dealt to the nodes in turn. */
export function makeCluster(accounts: readonly Account[], shardCount: number, nodes: number): Cluster {
  const shards = Array.from({ length: shardCount }, (_, index) => {
    return { from: index / shardCount, share: 0, node: index % nodes }
  })
  for (const { hash, share } of accounts) (shards[Math.floor(hash * shardCount)] as Shard).share += share
  return { nodes, shards }
}

/** A shard of its own for this account, on the node where it was: the others of its shard stay together, left and right. */
export function isolate({ nodes, shards }: Cluster, accounts: readonly Account[], tenant: Account): Cluster {
  const index = shards.findLastIndex(({ from }) => from <= tenant.hash)
  const shard = shards[index] as Shard
  const end = shards[index + 1]?.from ?? 1
  const within = (from: number, to: number) =>
    accounts.filter(({ hash }) => hash >= from && hash < to).reduce((sum, { share }) => sum + share, 0)
  const after = tenant.hash + Number.EPSILON
  const pieces = [
    { from: shard.from, share: within(shard.from, tenant.hash), node: shard.node },
    { from: tenant.hash, share: within(tenant.hash, after), node: shard.node },
    { from: after, share: within(after, end), node: shard.node },
  ].filter((piece, nth) => nth > 0 || piece.from < tenant.hash)
  return { nodes, shards: [...shards.slice(0, index), ...pieces, ...shards.slice(index + 1)] }
}

/** More nodes, empty until shards are moved to them. */
export const addNodes = ({ nodes, shards }: Cluster, more: number): Cluster => ({ nodes: nodes + more, shards })

export function loads({ nodes, shards }: Cluster): number[] {
  const all = new Array<number>(nodes).fill(0)
  for (const { node, share } of shards) all[node] = (all[node] ?? 0) + share
  return all
}

/** How much more than its equal part the most loaded node has: 1 is perfect, `nodes` is all on one. */
export const imbalance = (cluster: Cluster): number => Math.max(...loads(cluster)) * cluster.nodes

/** How many nodes' worth of work the cluster does when its most loaded node is full. */
export const usefulNodes = (cluster: Cluster): number => 1 / Math.max(...loads(cluster))
