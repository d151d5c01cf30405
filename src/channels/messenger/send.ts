import type { Json, Part, ProviderApp, SendMode, SendOutcome, SendRequest } from '#core/channel.ts'
import { outcomeOf } from '../meta/errors.ts'
import type { Graph } from '../meta/graph.ts'
import { sendableKind } from './media-types.ts'

/** One call of the Send API (meta.md 2). It has no idempotency key: `metadata` is how an echo settles a lost answer. */
export async function send(graph: Graph, request: SendRequest, app: ProviderApp): Promise<SendOutcome> {
  const { senderAddress, contactAddress, accessToken, part, mode, metadata } = request
  const answer = await graph.call({
    method: 'POST',
    path: `${encodeURIComponent(senderAddress)}/messages`,
    fields: { recipient: { id: contactAddress }, ...PERMISSION[mode], message: { ...contentOf(part), metadata } },
    accessToken,
    app,
    withMedia: part.kind === 'media',
  })
  return outcomeOf(answer, [accessToken, app.appSecret])
}

const PERMISSION: Record<SendMode, { [name: string]: string }> = {
  response: { messaging_type: 'RESPONSE' },
  account_update: { messaging_type: 'MESSAGE_TAG', tag: 'ACCOUNT_UPDATE' },
  human_agent: { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' },
}

/** Meta's limits of a Page (meta.md 4). Pictures and files count as text does: only audio and video are named. */
export function rateOf(part: Part): { kind: string; perSecond: number } {
  const isSlow = part.kind === 'media' && ['audio', 'video'].includes(sendableKind(part.contentType, part.url))
  return isSlow ? { kind: 'audio and video', perSecond: 10 } : { kind: 'text', perSecond: 300 }
}

function contentOf(part: Part): { [name: string]: Json } {
  if (part.kind === 'text') return { text: part.text }
  return { attachment: { type: sendableKind(part.contentType, part.url), payload: { url: part.url } } }
}
