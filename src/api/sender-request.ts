/** What a create or update of a sender may say (contract.md, "A Page as a sender"; twilio.md 7.5). */
import { type Static, Type } from 'typebox'
import { isCallbackUrl, isHttpMethod } from '#core/callback-url.ts'
import { ApiError } from '#core/errors.ts'
import { LABEL, SPOKEN } from '#core/text-patterns.ts'
import type { OptOutSettings, SenderSettings } from '#store/senders.ts'

// URLs and methods have Twilio's own codes, so their form is checked by hand.
const Text = (maxLength: number) => Type.Union([Type.String({ maxLength }), Type.Null()])
const Label = (maxLength: number) => Type.Union([Type.String({ maxLength, pattern: LABEL }), Type.Null()])
const Keywords = Type.Array(Type.String({ minLength: 1, maxLength: 34, pattern: LABEL }), { maxItems: 20 })
const Answer = Type.String({ maxLength: 1600, pattern: SPOKEN })

const Configuration = Type.Object({
  page_access_token: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
  meta_app_id: Type.Optional(Label(25)),
  unique_name: Type.Optional(Label(256)),
  outside_window: Type.Optional(
    Type.Union([Type.Literal('account_update'), Type.Literal('human_agent'), Type.Literal('refuse')]),
  ),
  /** An extension: keywords and texts in place of the defaults. */
  opt_out: Type.Optional(
    Type.Union([
      Type.Object({
        enabled: Type.Optional(Type.Boolean()),
        stop_keywords: Type.Optional(Keywords),
        start_keywords: Type.Optional(Keywords),
        help_keywords: Type.Optional(Keywords),
        stop_text: Type.Optional(Answer),
        start_text: Type.Optional(Answer),
        help_text: Type.Optional(Answer),
      }),
      Type.Null(),
    ]),
  ),
})

const Webhook = Type.Object({
  callback_url: Type.Optional(Text(4096)),
  callback_method: Type.Optional(Text(16)),
  fallback_url: Type.Optional(Text(4096)),
  fallback_method: Type.Optional(Text(16)),
  status_callback_url: Type.Optional(Text(4096)),
  status_callback_method: Type.Optional(Text(16)),
})

export const SenderCreate = Type.Object({
  sender_id: Type.String({ maxLength: 64 }),
  configuration: Configuration,
  webhook: Type.Optional(Type.Union([Webhook, Type.Null()])),
})

export const SenderUpdate = Type.Object({
  configuration: Type.Optional(Type.Union([Configuration, Type.Null()])),
  webhook: Type.Optional(Type.Union([Webhook, Type.Null()])),
})

export const NEW_SENDER: SenderSettings = {
  uniqueName: null,
  outsideWindow: 'account_update',
  callbackUrl: null,
  callbackMethod: 'POST',
  fallbackUrl: null,
  fallbackMethod: 'POST',
  statusCallbackUrl: null,
  statusCallbackMethod: 'POST',
  optOut: null,
}

/** What is not given stays as in `current`; null or an empty text clears. Throws for a URL or method that is none. */
export function readSettings(
  current: SenderSettings,
  configuration: Static<typeof Configuration>,
  given: Static<typeof Webhook> | null | undefined,
): SenderSettings {
  const webhook = given ?? {}
  const url = (name: keyof typeof webhook, known: string | null): string | null => {
    const text = webhook[name]
    if (text === undefined) return known
    if (text === null || text === '') return null
    if (!isCallbackUrl(text)) {
      throw new ApiError(
        'url_invalid',
        `Invalid ${name}: expected an http(s) URL with a valid host name (no underscore), or a path starting with /`,
      )
    }
    return text
  }
  const method = (name: keyof typeof webhook, known: 'GET' | 'POST'): 'GET' | 'POST' => {
    const text = webhook[name]?.toUpperCase()
    if (text === undefined || text === '') return known
    if (!isHttpMethod(text)) throw new ApiError('method_invalid', `Invalid ${name}: expected GET or POST`)
    return text
  }
  const { opt_out: optOut } = configuration
  return {
    uniqueName: configuration.unique_name === undefined ? current.uniqueName : configuration.unique_name || null,
    outsideWindow: configuration.outside_window ?? current.outsideWindow,
    callbackUrl: url('callback_url', current.callbackUrl),
    callbackMethod: method('callback_method', current.callbackMethod),
    fallbackUrl: url('fallback_url', current.fallbackUrl),
    fallbackMethod: method('fallback_method', current.fallbackMethod),
    statusCallbackUrl: url('status_callback_url', current.statusCallbackUrl),
    statusCallbackMethod: method('status_callback_method', current.statusCallbackMethod),
    optOut: optOut === undefined ? current.optOut : optOut && readOptOut(optOut),
  }
}

function readOptOut(given: NonNullable<Static<typeof Configuration>['opt_out']>): OptOutSettings {
  const all: { [K in keyof OptOutSettings]: OptOutSettings[K] | undefined } = {
    enabled: given.enabled,
    stopKeywords: given.stop_keywords,
    startKeywords: given.start_keywords,
    helpKeywords: given.help_keywords,
    stopText: given.stop_text,
    startText: given.start_text,
    helpText: given.help_text,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
