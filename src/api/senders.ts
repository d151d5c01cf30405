/** Pages as senders: Twilio's Senders API with `messenger:` ids (contract.md, "A Page as a sender"; twilio.md 7.5). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { isCallbackUrl, isHttpMethod } from '#core/callback-url.ts'
import { ApiError, moreInfo } from '#core/errors.ts'
import { fromSid, toSid } from '#core/ids.ts'
import { changeSender, connectSender, removeSender } from '#messaging/connect-sender.ts'
import type { Flow } from '#messaging/flow.ts'
import { findSender, listSenders, type OptOutSettings, type Sender, type SenderSettings } from '#store/senders.ts'
import { notFound } from './answers.ts'
import { authenticate } from './authenticate.ts'
import { readQuery } from './form.ts'

const Text = (maxLength: number) => Type.Union([Type.String({ maxLength }), Type.Null()])
const Keywords = Type.Array(Type.String({ minLength: 1, maxLength: 34 }), { maxItems: 20 })

const Configuration = Type.Object({
  page_access_token: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
  meta_app_id: Type.Optional(Text(25)),
  unique_name: Type.Optional(Text(256)),
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
        stop_text: Type.Optional(Type.String({ maxLength: 1600 })),
        start_text: Type.Optional(Type.String({ maxLength: 1600 })),
        help_text: Type.Optional(Type.String({ maxLength: 1600 })),
      }),
      Type.Null(),
    ]),
  ),
})

// URLs and methods have Twilio's own codes, so they are checked by hand.
const Webhook = Type.Object({
  callback_url: Type.Optional(Text(4096)),
  callback_method: Type.Optional(Text(16)),
  fallback_url: Type.Optional(Text(4096)),
  fallback_method: Type.Optional(Text(16)),
  status_callback_url: Type.Optional(Text(4096)),
  status_callback_method: Type.Optional(Text(16)),
})

const Create = Type.Object({
  sender_id: Type.String({ maxLength: 64 }),
  configuration: Configuration,
  webhook: Type.Optional(Webhook),
})

const Update = Type.Object({ configuration: Type.Optional(Configuration), webhook: Type.Optional(Webhook) })

const PATH = '/messaging/v2/Channels/Senders'

export function senderRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post<{ Body: Static<typeof Create> }>(PATH, { schema: { body: Create } }, async (request, reply) => {
    const accountSid = await authenticate(flow.directory, request)
    const { sender_id: senderId, configuration, webhook } = request.body
    const [channel = '', address = ''] = senderId.split(/:(.*)/s)
    if (!configuration.page_access_token) {
      throw new ApiError('parameter_invalid', 'configuration.page_access_token is required')
    }
    const sender = await connectSender(flow, accountSid, {
      channel,
      address,
      accessToken: configuration.page_access_token,
      appId: configuration.meta_app_id || null,
      settings: readSettings(NEW, configuration, webhook),
    })
    return reply.code(202).send(senderJson(flow, sender))
  })

  scope.get(PATH, async (request) => {
    const accountSid = await authenticate(flow.directory, request)
    const query = readQuery(request.url)
    const channel = query.one('Channel')
    if (!channel) throw new ApiError('parameter_invalid', "Channel is required: 'messenger'")
    const size = readSize(query.one('PageSize'))
    const token = query.one('PageToken')
    const after = token ? (fromSid(token.slice(2), 'XE') ?? null) : null
    if (token && (after === null || !token.startsWith('PA'))) throw new ApiError('page_token_invalid')
    const found = await listSenders(flow.sql, flow.vault, {
      accountSid,
      channel: channel.toLowerCase(),
      after,
      limit: size + 1,
    })
    const senders = found.slice(0, size)
    const number = Number(query.one('Page')) || 0
    const link = (nth: number, pageToken: string | null) =>
      `${flow.publicUrl}${PATH}?${new URLSearchParams({
        Channel: channel,
        PageSize: String(size),
        Page: String(nth),
        ...(pageToken && { PageToken: pageToken }),
      })}`
    const last = senders.at(-1)
    return {
      senders: senders.map((sender) => senderJson(flow, sender)),
      meta: {
        page: number,
        page_size: size,
        first_page_url: link(0, null),
        previous_page_url: null,
        url: link(number, token),
        next_page_url: found.length > size && last ? link(number + 1, `PA${toSid('XE', last.id)}`) : null,
        key: 'senders',
      },
    }
  })

  scope.get(`${PATH}/:sid`, async (request) => senderJson(flow, await find(request)))

  scope.post<{ Body: Static<typeof Update> }>(`${PATH}/:sid`, { schema: { body: Update } }, async (request, reply) => {
    const sender = await find(request)
    const { configuration = {}, webhook } = request.body
    if (configuration.meta_app_id && configuration.meta_app_id !== sender.providerAppId) {
      throw new ApiError('parameter_invalid', 'meta_app_id cannot be changed: delete the sender and create it again')
    }
    const settings = readSettings(sender, configuration, webhook)
    const changed = await changeSender(flow, sender, settings, configuration.page_access_token ?? null)
    return reply.code(202).send(senderJson(flow, changed))
  })

  scope.delete(`${PATH}/:sid`, async (request, reply) => {
    const { accountSid, id } = await find(request)
    if (!(await removeSender(flow, accountSid, id))) throw notFound(request)
    return reply.code(204).send()
  })

  async function find(request: FastifyRequest): Promise<Sender> {
    const accountSid = await authenticate(flow.directory, request)
    const id = fromSid((request.params as { sid: string }).sid, 'XE')
    const sender = id && (await findSender(flow.sql, flow.vault, accountSid, id))
    if (!sender) throw notFound(request)
    return sender
  }
}

const NEW: SenderSettings = {
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

/** What is not given stays; null or an empty text clears. */
function readSettings(
  current: SenderSettings,
  configuration: Static<typeof Configuration>,
  webhook: Static<typeof Webhook> = {},
): SenderSettings {
  const url = (name: keyof typeof webhook, known: string | null): string | null => {
    const given = webhook[name]
    if (given === undefined) return known
    if (given === null || given === '') return null
    if (!isCallbackUrl(given)) {
      throw new ApiError(
        'url_invalid',
        `Invalid ${name}: expected an http(s) URL with a valid host name (no underscore), or a path starting with /`,
      )
    }
    return given
  }
  const method = (name: keyof typeof webhook, known: 'GET' | 'POST'): 'GET' | 'POST' => {
    const given = webhook[name]?.toUpperCase()
    if (given === undefined || given === '') return known
    if (!isHttpMethod(given)) throw new ApiError('method_invalid', `Invalid ${name}: expected GET or POST`)
    return given
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

function readSize(text: string | null): number {
  if (text === null || text === '') return 50
  const size = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (size < 1 || size > 1000) throw new ApiError('page_size_too_large')
  return size
}

function senderJson(flow: Flow, sender: Sender) {
  const sid = toSid('XE', sender.id)
  const { optOut } = sender
  return {
    sid,
    status: sender.status,
    sender_id: `${sender.channel}:${sender.address}`,
    configuration: {
      meta_app_id: sender.providerAppId,
      unique_name: sender.uniqueName,
      outside_window: sender.outsideWindow,
      ...(optOut && {
        opt_out: {
          enabled: optOut.enabled ?? true,
          stop_keywords: optOut.stopKeywords,
          start_keywords: optOut.startKeywords,
          help_keywords: optOut.helpKeywords,
          stop_text: optOut.stopText,
          start_text: optOut.startText,
          help_text: optOut.helpText,
        },
      }),
    },
    webhook: {
      callback_url: sender.callbackUrl,
      callback_method: sender.callbackMethod,
      fallback_url: sender.fallbackUrl,
      fallback_method: sender.fallbackMethod,
      status_callback_url: sender.statusCallbackUrl,
      status_callback_method: sender.statusCallbackMethod,
    },
    profile: { name: sender.name },
    properties: null,
    offline_reasons:
      sender.status === 'OFFLINE'
        ? [
            {
              code: String(sender.offlineCode ?? ''),
              message: sender.offlineReason,
              more_info: moreInfo(sender.offlineCode ?? 63001),
            },
          ]
        : null,
    compliance: null,
    m_me_url: flow.channels.get(sender.channel)?.link(sender.address) ?? null,
    url: `${flow.publicUrl}${PATH}/${sid}`,
  }
}
