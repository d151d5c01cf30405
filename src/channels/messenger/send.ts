import type {
  ActionOutcome,
  ActionRequest,
  CallPreview,
  Json,
  Part,
  ProviderApp,
  SenderAction,
  SendMode,
  SendOutcome,
  SendRequest,
} from '#core/channel.ts'
import { actionOutcomeOf, outcomeOf } from '../meta/errors.ts'
import type { Graph } from '../meta/graph.ts'
import { sendableKind } from './media-types.ts'

/** One call of the Send API (meta.md 2). It has no idempotency key: `metadata` is how an echo settles a lost answer. */
export async function send(graph: Graph, request: SendRequest, app: ProviderApp): Promise<SendOutcome> {
  const { accessToken, part } = request
  const call = { path: pathOf(request), fields: fieldsOf(request), withMedia: part.kind === 'media' }
  const answer = await graph.call({ method: 'POST', ...call, accessToken, app })
  return outcomeOf(answer, [accessToken, app.appSecret])
}

export function preview(graph: Graph, request: Omit<SendRequest, 'accessToken'>): CallPreview {
  return {
    method: 'POST',
    url: graph.urlOf(pathOf(request)),
    headers: { authorization: 'Bearer ***', 'content-type': 'application/json' },
    body: { ...fieldsOf(request), appsecret_proof: '***' },
  }
}

type Addressed = Pick<SendRequest, 'senderAddress'>

const pathOf = ({ senderAddress }: Addressed): string => `${encodeURIComponent(senderAddress)}/messages`

const fieldsOf = ({ contactAddress, part, mode, metadata }: Omit<SendRequest, 'accessToken'>) => ({
  recipient: { id: contactAddress },
  ...PERMISSION[mode],
  message: { ...contentOf(part), metadata },
})

/** Nothing but the action and whom it is for may be in the call (meta.md 2.7). */
export async function act(graph: Graph, request: ActionRequest, app: ProviderApp): Promise<ActionOutcome> {
  const { contactAddress, accessToken, action } = request
  const answer = await graph.call({
    method: 'POST',
    path: pathOf(request),
    fields: { recipient: { id: contactAddress }, sender_action: action },
    accessToken,
    app,
  })
  return actionOutcomeOf(answer, [accessToken, app.appSecret])
}

const PERMISSION: Record<SendMode, { [name: string]: string }> = {
  response: { messaging_type: 'RESPONSE' },
  account_update: { messaging_type: 'MESSAGE_TAG', tag: 'ACCOUNT_UPDATE' },
  human_agent: { messaging_type: 'MESSAGE_TAG', tag: 'HUMAN_AGENT' },
}

/** Meta's limits of a Page (meta.md 4). All other calls count as text does: only audio and video are named. */
export function rateOf(call: Part | SenderAction): { kind: string; perSecond: number } {
  const part = typeof call === 'string' ? undefined : call
  const isSlow = part?.kind === 'media' && ['audio', 'video'].includes(sendableKind(part.contentType, part.url))
  return isSlow ? { kind: 'audio and video', perSecond: 10 } : { kind: 'text', perSecond: 300 }
}

const MEBIBYTE = 1024 * 1024

/** Meta's limits of files that it fetches (meta.md 2.3). */
export function maxBytesOf(part: Part): number {
  return part.kind === 'media' && sendableKind(part.contentType, part.url) === 'image' ? 8 * MEBIBYTE : 25 * MEBIBYTE
}

function contentOf(part: Part): { [name: string]: Json } {
  if (part.kind === 'text') return { text: part.text }
  return { attachment: { type: sendableKind(part.contentType, part.url), payload: { url: part.url } } }
}
