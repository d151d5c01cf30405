/** What can be set of an instance, as the pages send it. URLs are told at their field what is wrong with them. */
import { type Static, Type } from 'typebox'
import { callbackUrlProblem } from '#core/callback-url.ts'
import { LABEL, SPOKEN } from '#core/text-patterns.ts'
import type { Flow } from '#messaging/flow.ts'
import { privateHostProblem } from '#messaging/private-host.ts'
import type { SenderSettings } from '#store/senders.ts'
import { Refusal } from './route.ts'

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const Url = orNull(Type.String({ maxLength: 4096 }))
const Method = Type.Union([Type.Literal('GET'), Type.Literal('POST')])
const Keywords = Type.Array(Type.String({ minLength: 1, maxLength: 34, pattern: LABEL }), { maxItems: 20 })
const Answer = Type.String({ maxLength: 1600, pattern: SPOKEN })

const OptOut = Type.Object({
  enabled: Type.Optional(Type.Boolean()),
  stopKeywords: Type.Optional(Keywords),
  startKeywords: Type.Optional(Keywords),
  helpKeywords: Type.Optional(Keywords),
  stopText: Type.Optional(Answer),
  startText: Type.Optional(Answer),
  helpText: Type.Optional(Answer),
})

export const Settings = Type.Object({
  uniqueName: orNull(Type.String({ maxLength: 256, pattern: LABEL })),
  callbackUrl: Url,
  callbackMethod: Method,
  fallbackUrl: Url,
  fallbackMethod: Method,
  statusCallbackUrl: Url,
  statusCallbackMethod: Method,
  outsideWindow: Type.Union([Type.Literal('account_update'), Type.Literal('human_agent'), Type.Literal('refuse')]),
  optOut: orNull(OptOut),
})

/** Why a URL cannot be set, as a sentence; undefined when it can. */
export const urlProblem = (flow: Flow, url: string): string | undefined =>
  callbackUrlProblem(url) ?? privateHostProblem(flow, url)

/** Empty texts are none. */
export function readSettings(flow: Flow, given: Static<typeof Settings>): SenderSettings {
  const url = (field: 'callbackUrl' | 'fallbackUrl' | 'statusCallbackUrl'): string | null => {
    const text = given[field]?.trim() || null
    const problem = text === null ? undefined : urlProblem(flow, text)
    if (problem) throw new Refusal(400, problem, field)
    return text
  }
  return {
    uniqueName: given.uniqueName?.trim() || null,
    callbackUrl: url('callbackUrl'),
    callbackMethod: given.callbackMethod,
    fallbackUrl: url('fallbackUrl'),
    fallbackMethod: given.fallbackMethod,
    statusCallbackUrl: url('statusCallbackUrl'),
    statusCallbackMethod: given.statusCallbackMethod,
    outsideWindow: given.outsideWindow,
    optOut: given.optOut && optOutOf(given.optOut),
  }
}

function optOutOf({ enabled, ...given }: Static<typeof OptOut>): SenderSettings['optOut'] {
  const own = Object.entries(given).filter(([, value]) => value !== undefined)
  if (enabled !== false && own.length === 0) return null
  return { ...(enabled !== undefined && { enabled }), ...Object.fromEntries(own) }
}
