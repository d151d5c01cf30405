/**
 * Lets a person see that somebody answers. Comes in: one of the conversation's messages. Goes out: at the provider the
 * person's messages are marked as read and the Page is typing. Nothing is stored: a moment later it means nothing. Its
 * calls take their turns among the Page's messages.
 */
import type { ActionOutcome, Channel, SenderAction } from '#core/channel.ts'
import { ApiError } from '#core/errors.ts'
import type { Sender } from '#store/senders.ts'
import type { Flow } from './flow.ts'

/** Who waits for longer has something else to see by then. */
const TURNS_WITHIN_MS = 2000

export type Conversation = { sender: Sender; contactAddress: string }

/** Throws `ApiError`: with the channel's code when the provider refuses, 20429 when the Page has no turn free soon. */
export async function showTyping(
  flow: Flow,
  { sender, contactAddress }: Conversation,
  actions: readonly SenderAction[] = ['mark_seen', 'typing_on'],
): Promise<void> {
  const channel = flow.channels.get(sender.channel)
  const app = await flow.app(sender.providerAppId)
  const untilMs = performance.now() + TURNS_WITHIN_MS
  for (const action of actions) {
    const { address: senderAddress, accessToken } = sender
    if (channel && !(await hasTurn(flow, sender, channel.rateOf(action), untilMs))) {
      throw new ApiError('too_many_requests', 'The Page sends as much as it may already', { retryAfterSeconds: 1 })
    }
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

async function hasTurn(
  { pace }: Flow,
  sender: Sender,
  rate: ReturnType<Channel['rateOf']>,
  untilMs: number,
): Promise<boolean> {
  if (!(await pace.turn(sender.id, rate, Math.max(0, untilMs - performance.now())))) return false
  await pace.spread(sender.id, rate)
  return true
}
