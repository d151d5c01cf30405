/** Pages as senders: Twilio's Senders API with `messenger:` ids (contract.md, "A Page as a sender"; twilio.md 7.5). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { ApiError, moreInfo } from '#core/errors.ts'
import { fromSid, toSid } from '#core/ids.ts'
import { changeSender, connectSender, removeSender } from '#messaging/connect-sender.ts'
import type { Flow } from '#messaging/flow.ts'
import { findSender, listSenders, type Sender } from '#store/senders.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { readQuery } from './form.ts'
import { metaOf, readPage, toPage } from './paging.ts'
import { NEW_SENDER, readSettings, SenderCreate, SenderUpdate } from './sender-request.ts'

const PATH = '/messaging/v2/Channels/Senders'

export function senderRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post<{ Body: Static<typeof SenderCreate> }>(
    PATH,
    { schema: { body: SenderCreate } },
    async (request, reply) => {
      const accountSid = accountOf(request)
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
        settings: readSettings(NEW_SENDER, configuration, webhook),
      })
      return reply.code(202).send(senderJson(flow, sender))
    },
  )

  scope.get(PATH, async (request) => {
    const accountSid = accountOf(request)
    const query = readQuery(request.url)
    const channel = query.one('Channel')?.toLowerCase()
    if (!channel) throw new ApiError('parameter_invalid', "Channel is required: 'messenger'")
    const page = readPage(request.url, ['XE'])
    // A channel that there is not has no senders.
    const found = flow.channels.has(channel)
      ? await listSenders(flow.sql, flow.vault, { accountSid, channel }, page.edge, page.size + 1)
      : []
    const { items, ...links } = toPage(flow.publicUrl + PATH, page, found, (sender) => toSid('XE', sender.id))
    return { senders: items.map((sender) => senderJson(flow, sender)), meta: metaOf('senders', page, links) }
  })

  scope.get(`${PATH}/:sid`, async (request) => senderJson(flow, await find(request)))

  scope.post<{ Body: Static<typeof SenderUpdate> }>(
    `${PATH}/:sid`,
    { schema: { body: SenderUpdate } },
    async (request, reply) => {
      const sender = await find(request)
      const { webhook } = request.body
      const configuration = request.body.configuration ?? {}
      if (configuration.meta_app_id && configuration.meta_app_id !== sender.providerAppId) {
        throw new ApiError('parameter_invalid', 'meta_app_id cannot be changed: delete the sender and create it again')
      }
      const settings = readSettings(sender, configuration, webhook)
      const { page_access_token: accessToken } = configuration
      const changed = await changeSender(flow, sender, settings, accessToken ? { accessToken } : null)
      return reply.code(202).send(senderJson(flow, changed))
    },
  )

  scope.delete(`${PATH}/:sid`, async (request, reply) => {
    const { accountSid, id } = await find(request)
    if (!(await removeSender(flow, accountSid, id))) throw notFound(request)
    return reply.code(204).send()
  })

  async function find(request: FastifyRequest): Promise<Sender> {
    const accountSid = accountOf(request)
    const id = fromSid((request.params as { sid: string }).sid, 'XE')
    const sender = id && (await findSender(flow.sql, flow.vault, accountSid, id))
    if (!sender) throw notFound(request)
    return sender
  }
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
