/**
 * The provider calls of a message, as they read: of what was sent, only the outcome is kept (a row per call is all that
 * the way of a message can afford), and the call itself can be made again from the message. Comes in: the message. Goes
 * out: a call for each part, with secrets masked. Calls nobody.
 */
import type { CallPreview, Channel } from '#core/channel.ts'
import { findLastInboundBefore, type Message } from '#store/messages.ts'
import type { Flow } from './flow.ts'
import { partMark } from './part-mark.ts'
import { modeOf } from './send-message.ts'

/** By the number of the part; none when the content is gone. */
export async function previewParts(flow: Flow, message: Message, startedAt: Date | null): Promise<CallPreview[]> {
  const channel = flow.channels.get(message.channel) as Channel
  const parts = channel.partsOf({ body: message.body, mediaUrls: message.media.map(({ url }) => url) })
  const sender = await flow.directory.sender(message.accountSid, message.senderId)
  const at = startedAt ?? message.createdAt
  const actedAt = await findLastInboundBefore(flow.sql, message)
  const mode = modeOf(sender ?? { outsideWindow: 'account_update' }, actedAt && at.getTime() - actedAt.getTime())
  return parts.map((part, index) =>
    channel.preview({
      senderAddress: message.senderAddress,
      contactAddress: message.contactAddress,
      part,
      mode: mode === 'closed' ? 'response' : mode,
      metadata: partMark(message.id, index),
    }),
  )
}
