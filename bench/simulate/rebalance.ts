/**
 * Moves whole shards from full nodes to empty ones, as Citus' rebalancer does by size: from the most loaded node to the
 * least loaded, the largest shard that helps, until all are close to the mean or no move helps. Pure.
 */
import { type Cluster, loads, type Shard } from './cluster.ts'

/** As Citus' default: a node within 10 % of the mean is left alone. */
const THRESHOLD = 0.1
/** Sums differ in their last digits by the order in which they were made: that is no help. */
const ROUNDING = 1e-9

export type Rebalanced = { cluster: Cluster; moves: number; movedShare: number }

export function rebalance(before: Cluster): Rebalanced {
  const shards = before.shards.map((shard) => ({ ...shard }))
  const cluster = { nodes: before.nodes, shards }
  const mean = shards.reduce((sum, { share }) => sum + share, 0) / before.nodes
  let moves = 0
  let movedShare = 0
  for (;;) {
    const all = loads(cluster)
    const target = all.indexOf(Math.min(...all))
    const move = bestMove(shards, all, target, mean)
    if (!move) return { cluster, moves, movedShare }
    move.node = target
    moves += 1
    movedShare += move.share
  }
}

/** From the fullest node that has a shard with which the target stays below where the node was. */
function bestMove(shards: readonly Shard[], all: readonly number[], target: number, mean: number): Shard | undefined {
  const low = all[target] as number
  const fullest = all.map((load, node) => ({ load, node })).sort((a, b) => b.load - a.load)
  for (const { load, node } of fullest) {
    if (load <= mean * (1 + THRESHOLD) && low >= mean * (1 - THRESHOLD)) return undefined
    const helping = shards.filter(
      (shard) => shard.node === node && shard.share > 0 && low + shard.share < load - ROUNDING,
    )
    if (helping.length > 0) return helping.reduce((most, shard) => (shard.share > most.share ? shard : most))
  }
  return undefined
}
