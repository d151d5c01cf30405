/**
 * A test request, when a person asks for one: exactly what a message or a status would bring, with `PagewireTest=true`, so
 * that a server can tell it and leave it alone. Then the same with a signature that is wrong, which shows whether the
 * server checks signatures at all. What it answers is read, and nothing is sent.
 */
import { resolveCallbackUrl } from '#core/callback-url.ts'
import { messageSid, newAuthToken, newId, toSid } from '#core/ids.ts'
import { inboundParameters, statusParameters } from '#customer/parameters.ts'
import { type CustomerAnswer, callCustomer, type Exchange } from '#customer/request.ts'
import { readTwiml, type TwimlWarning } from '#customer/twiml.ts'
import type { Sender } from '#store/senders.ts'
import type { MessagingService } from '#store/services.ts'
import { binNameOf } from './bin-url.ts'
import { type Flow, mayReachPrivate } from './flow.ts'
import { type CallbackName, callbacksOf } from './sender-callbacks.ts'

export const TEST_PARAMETER = 'PagewireTest'

export type Trial = {
  exchanges: Exchange[]
  /** Why there is no answer, or none that can be read. */
  problem: { code: number; reason: string } | null
  /** Texts that a person would have got. */
  replies: string[]
  warnings: TwimlWarning[]
  /** Whether a wrong signature was refused; null: not tried, as ours are not checked by our own bins. */
  forgeryRefused: boolean | null
}

/** Undefined when the sender has no such URL. */
export async function tryCallback(
  flow: Flow,
  sender: Sender,
  service: MessagingService | null,
  which: CallbackName,
): Promise<Trial | undefined> {
  const callback = callbacksOf(sender, service)[which]
  const account = await flow.directory.account(sender.accountSid)
  if (!callback || !account) return undefined
  const url = resolveCallbackUrl(callback.url, flow.publicUrl)
  const params = { ...parametersOf(sender, which), [TEST_PARAMETER]: 'true' }
  const ask = (authToken: string): Promise<CustomerAnswer> =>
    callCustomer({
      url,
      method: callback.method,
      params,
      authToken,
      idempotencyToken: newId(),
      cookies: null,
      allowPrivate: mayReachPrivate(flow, url),
    })

  const answer = await ask(account.authToken)
  const read = answer.ok && which !== 'statusCallback' ? readTwiml(answer) : undefined
  const problem = !answer.ok ? answer : read?.ok === false ? read : null
  const isOurs = binNameOf(url, flow.publicUrl) !== undefined
  const forged = answer.ok && !isOurs ? await ask(newAuthToken()) : undefined
  return {
    exchanges: answer.exchanges,
    problem: problem && { code: problem.code, reason: problem.reason },
    replies: read?.ok ? read.verbs.flatMap((verb) => (verb.verb === 'message' ? [verb.body] : [])) : [],
    warnings: read?.ok ? read.warnings : [],
    forgeryRefused: forged ? !forged.ok : null,
  }
}

/** From nobody: a person's id has more digits. */
const NOBODY = '0'

function parametersOf(sender: Sender, which: CallbackName): Record<string, string> {
  const base = {
    sid: messageSid(newId(), 0),
    accountSid: sender.accountSid,
    serviceSid: sender.serviceId && toSid('MG', sender.serviceId),
    channel: sender.channel,
  }
  const [person, page] = [`${sender.channel}:${NOBODY}`, `${sender.channel}:${sender.address}`]
  if (which === 'statusCallback') {
    const senderSid = toSid('XE', sender.id)
    const none = { errorCode: null, errorText: null, providerDetail: null }
    return statusParameters({ ...base, ...none, from: page, to: person, status: 'sent', senderSid })
  }
  const nothing = { profileName: null, button: null, referral: null, repliedToSid: null, optOutType: null }
  const inbound = inboundParameters({
    ...base,
    ...nothing,
    from: person,
    to: page,
    body: 'Test',
    media: [],
    type: 'text',
    location: null,
    event: { test: true },
  })
  return which === 'fallback' ? { ...inbound, ErrorCode: '11200', ErrorUrl: '' } : inbound
}
