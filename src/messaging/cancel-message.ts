/** Takes a scheduled message back, as long as it is not due. */
import { ApiError } from '#core/errors.ts'
import { findMessage, type Message } from '#store/messages.ts'
import type { Flow } from './flow.ts'

/** Throws `ApiError` when the message is not scheduled any more; canceled already is canceled. */
export async function cancelMessage(flow: Flow, { accountSid, id: messageId, status }: Message): Promise<void> {
  if (status === 'canceled') return
  if (status !== 'scheduled') throw new ApiError('not_cancelable')
  const [result] = await flow.accept([
    { unscheduled: { accountSid, messageId }, statuses: [{ accountSid, messageId, to: 'canceled' }] },
  ])
  if (result?.outcome === 'kept') return
  const now = await findMessage(flow.sql, accountSid, messageId)
  if (now?.status !== 'canceled') throw new ApiError('not_cancelable')
}
