/** What the customer says became of a message. */
import type { Id } from '#core/ids.ts'
import type { Tx } from './connection.ts'

export type Outcome = 'confirmed' | 'unconfirmed'
export type Feedback = { outcome: Outcome; createdAt: Date; updatedAt: Date }

/** The last word counts. Undefined when there is no such message of ours to anybody. */
export async function saveFeedback(
  sql: Tx,
  accountSid: string,
  messageId: Id,
  outcome: Outcome,
): Promise<Feedback | undefined> {
  const [row] = await sql<{ feedback: { outcome: Outcome; createdAt: string; updatedAt: string } }[]>`
    update messages set feedback = json_build_object('outcome', ${outcome}::text,
      'createdAt', coalesce((feedback->>'createdAt')::timestamptz, clock_now()), 'updatedAt', clock_now())
    where account_sid = ${accountSid} and id = ${messageId} and direction <> 'inbound'
    returning feedback`
  if (!row) return undefined
  const { createdAt, updatedAt } = row.feedback
  return { outcome: row.feedback.outcome, createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) }
}
