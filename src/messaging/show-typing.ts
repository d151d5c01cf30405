/**
 * Lets a person see that somebody answers. Comes in: one of the conversation's messages. Goes out: at the provider the
 * person's messages are marked as read and the Page is typing. Nothing is stored: a moment later it means nothing.
 */
import type { ActionOutcome, SenderAction } from '#core/channel.ts'
import { ApiError } from '#core/errors.ts'
import type { Sender } from '#store/senders.ts'
import type { Flow } from './flow.ts'

export type Conversation = { sender: Sender; contactAddress: string }

/** Throws `ApiError` with the channel's code when the provider refuses. */
export async function showTyping(
  flow: Flow,
  { sender, contactAddress }: Conversation,
  actions: readonly SenderAction[] = ['mark_seen', 'typing_on'],
): Promise<void> {
  const channel = flow.channels.get(sender.channel)
  const app = await flow.app(sender.providerAppId)
  for (const action of actions) {
    const { address: senderAddress, accessToken } = sender
    const outcome: ActionOutcome =
      channel && app
        ? await channel.act({ senderAddress, contactAddress, accessToken, action }, app)
        : {
            ok: false,
            code: 63001,
            reason: 'There is no secret for the Meta app of this Page',
            detail: { message: '' },
          }
    if (outcome.ok) continue
    flow.log.warn({ senderId: sender.id, action, detail: outcome.detail }, 'a sender action was refused')
    throw new ApiError('channel_refused', outcome.reason, { code: outcome.code })
  }
}
