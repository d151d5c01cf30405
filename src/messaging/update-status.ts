/**
 * The only writer of a message's status. Comes in: moves that a step decided. Goes out: legal moves written, time
 * stamped, and a `report-status` job for each that a callback URL wants to hear of. A status never moves backwards.
 */
import { ENTERED_FROM, isFinal } from '#core/status.ts'
import { type Begun, enqueue, type NewJob } from '#jobs/queue.ts'
import type { Tx } from '#store/connection.ts'
import { type MovedMessage, moveStatuses, type StatusMove } from '#store/messages.ts'

/** In the caller's transaction. Illegal moves are passed over, so a repeated step changes nothing. Answers what moved. */
export async function updateStatus(tx: Tx, moves: readonly StatusMove[], begun: Begun): Promise<MovedMessage[]> {
  const moved: MovedMessage[] = []
  for (const round of rounds(moves)) {
    moved.push(
      ...(await moveStatuses(
        tx,
        round.map((move) => ({ ...move, enteredFrom: ENTERED_FROM[move.to], final: isFinal(move.to) })),
      )),
    )
  }
  const happenedAt = new Date().toISOString()
  const jobs = moved.flatMap((message) => reports(message, happenedAt))
  await enqueue(tx, jobs, begun)
  return moved
}

/** Several moves of one message are made one after the other, in the order given. */
function rounds(moves: readonly StatusMove[]): StatusMove[][] {
  const result: StatusMove[][] = []
  const seen = new Map<string, number>()
  for (const move of moves) {
    const nth = seen.get(move.messageId) ?? 0
    seen.set(move.messageId, nth + 1)
    const round = result[nth]
    if (round) round.push(move)
    else result.push([move])
  }
  return result
}

/** One lane per message and target: callbacks of one message leave in order, and wait for nobody else's retries. */
function reports(message: MovedMessage, happenedAt: string): NewJob[] {
  return [
    ...(message.hasCallback ? [reportJob(message, 'status', happenedAt)] : []),
    ...(message.hasAction ? [reportJob(message, 'action', happenedAt)] : []),
  ]
}

export const reportJob = (
  { accountSid, id, senderId, status }: Pick<MovedMessage, 'accountSid' | 'id' | 'senderId' | 'status'>,
  target: 'status' | 'action',
  happenedAt: string,
): NewJob => ({
  kind: 'report-status',
  lane: `${target}:${id}`,
  group: senderId,
  data: { accountSid, messageId: id, status, target, happenedAt },
})
