/**
 * One event's talk with the customer's server: the callback URL, its redirects, the fallback URL when something fails.
 * Comes in: whom to ask and what. Goes out: the replies as drafts, every exchange, every alert. Decides nothing about
 * storing or sending.
 */
import { isCallbackUrl, resolveCallbackUrl } from '#core/callback-url.ts'
import { ApiError } from '#core/errors.ts'
import { newId } from '#core/ids.ts'
import { callCustomer, type Exchange } from '#customer/request.ts'
import { type MessageVerb, readTwiml } from '#customer/twiml.ts'
import type { NewAlert } from '#store/alerts.ts'
import type { NewExchange } from '#store/exchanges.ts'
import type { NewMessage } from '#store/messages.ts'
import { alertOf } from './alert.ts'
import { prepareMessage } from './create-message.ts'
import { type Flow, mayReachPrivate } from './flow.ts'
import type { InboundWebhook } from './inbound-webhook.ts'
import type { LoadedMessage } from './load.ts'

/** Twilio's limits on one inbound message (twilio.md 13). */
const MAX_REPLIES = 10
const MAX_DOCUMENTS = 50

export type Session = {
  replies: NewMessage[]
  exchanges: NewExchange[]
  alerts: NewAlert[]
  /** What the server wants to be given again with the next message of this conversation. */
  cookies: string | null
}

type Target = { url: string; method: 'GET' | 'POST'; purpose: NewExchange['purpose'] }

export async function holdReplySession(
  flow: Flow,
  message: LoadedMessage,
  webhook: InboundWebhook,
  authToken: string,
  parameters: Record<string, string>,
  /** What repeated calls for this message have in common; a replay is a call of its own. */
  idempotencyToken: string = message.id,
): Promise<Session> {
  const session: Session = { replies: [], exchanges: [], alerts: [], cookies: message.cookies }
  const alert = (code: number, reason: string, exchange?: Exchange) =>
    session.alerts.push(alertOf(message, code, reason, exchange))
  const absolute = (url: string) => resolveCallbackUrl(url, flow.publicUrl)

  let params = parameters
  let next: Target | undefined = webhook.callbackUrl
    ? { url: absolute(webhook.callbackUrl), method: webhook.callbackMethod, purpose: 'callback' }
    : undefined
  let fallback: Target | undefined = webhook.fallbackUrl
    ? { url: absolute(webhook.fallbackUrl), method: webhook.fallbackMethod, purpose: 'fallback' }
    : undefined
  next ??= fallback

  for (let documents = 0; next; documents += 1) {
    const target: Target = next
    next = undefined
    if (documents === MAX_DOCUMENTS) {
      alert(14106, `More than ${MAX_DOCUMENTS} documents were fetched for one message`)
      break
    }
    const answer = await callCustomer({
      url: target.url,
      method: target.method,
      params,
      authToken,
      // The same for every try of this document of this message.
      idempotencyToken: `${idempotencyToken}-${documents}`,
      cookies: session.cookies,
      allowPrivate: mayReachPrivate(flow, target.url),
    })
    for (const exchange of answer.exchanges) {
      const base = { accountSid: message.accountSid, id: newId(), messageId: message.id }
      session.exchanges.push({ ...base, ...exchange, purpose: target.purpose })
    }
    if (answer.ok) session.cookies = answer.cookies
    const twiml = answer.ok ? readTwiml(answer) : answer
    if (!twiml.ok) {
      alert(twiml.code, twiml.reason, answer.exchanges.at(-1))
      if (target.purpose !== 'fallback' && fallback) {
        params = { ...parameters, ErrorCode: String(twiml.code), ErrorUrl: withoutSecrets(target.url) }
        next = fallback
        fallback = undefined
      }
      continue
    }
    const documentUrl = answer.ok ? answer.url : target.url
    for (const warning of twiml.warnings) alert(warning.code, warning.text, answer.exchanges.at(-1))
    for (const verb of twiml.verbs) {
      if (verb.verb === 'redirect') {
        const url = relativeTo(documentUrl, verb.url)
        if (url) next = { url, method: verb.method, purpose: target.purpose === 'fallback' ? 'fallback' : 'redirect' }
        else alert(11100, `<Redirect> to an invalid URL: ${verb.url.slice(0, 200)}`)
        break
      }
      if (session.replies.length === MAX_REPLIES) {
        alert(14109, `More than ${MAX_REPLIES} replies to one message: the others are not sent`)
        break
      }
      const reply = await draft(flow, message, webhook.service, verb, documentUrl)
      if ('code' in reply) alert(reply.code, reply.reason)
      else session.replies.push(reply)
    }
  }
  return session
}

/** A verb that cannot be carried out is left out, with Twilio's warning; the others are. */
async function draft(
  flow: Flow,
  message: LoadedMessage,
  service: InboundWebhook['service'],
  verb: MessageVerb,
  documentUrl: string,
): Promise<NewMessage | { code: number; reason: string }> {
  const resolve = (url: string) => relativeTo(documentUrl, url) ?? url
  const statusCallback = verb.statusCallback && resolve(verb.statusCallback)
  const action = verb.action ? resolve(verb.action) : null
  if (statusCallback && !isCallbackUrl(statusCallback))
    return { code: 14105, reason: 'Invalid statusCallback attribute' }
  if (action && !isCallbackUrl(action)) return { code: 11100, reason: 'Invalid action attribute' }
  const request = {
    to: verb.to ?? `${message.channel}:${message.contactAddress}`,
    from: verb.from ?? `${message.channel}:${message.senderAddress}`,
    body: verb.body,
    mediaUrls: verb.mediaUrls.map(resolve),
    statusCallback,
    action: action ? { url: action, method: verb.method } : null,
  }
  try {
    const prepared = await prepareMessage(flow, message.accountSid, request, 'outbound-reply')
    const reply = { ...prepared, causeId: message.id }
    if (!service || reply.senderId !== message.senderId) return reply
    return { ...reply, serviceId: service.id, validitySeconds: service.validitySeconds }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const reason = `<Message>: ${error.message}`
    if (error.key.startsWith('to_')) return { code: 14101, reason }
    if (error.key.startsWith('from_')) return { code: 14102, reason }
    return { code: error.key === 'media_url_invalid' ? error.code : 14103, reason }
  }
}

/** Against the document's URL after its redirects; credentials and overrides of that URL stay with its origin. */
function relativeTo(documentUrl: string, url: string): string | undefined {
  const base = new URL(documentUrl)
  const absolute = URL.parse(url, base)
  if (!absolute || !/^https?:$/.test(absolute.protocol)) return undefined
  if (absolute.origin === base.origin && !absolute.username) {
    absolute.username = base.username
    absolute.password = base.password
  }
  return absolute.href
}

function withoutSecrets(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  parsed.hash = ''
  return parsed.href
}
