/**
 * Typing indicators of messaging v2 (form) and v3 (JSON), as Twilio has them for other channels, here for Messenger
 * (twilio.md 7.6).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { ApiError } from '#core/errors.ts'
import { fromSid, messageSid } from '#core/ids.ts'
import { readAddress } from '#messaging/create-message.ts'
import type { Flow } from '#messaging/flow.ts'
import { type Conversation, showTyping } from '#messaging/show-typing.ts'
import { findMessage } from '#store/messages.ts'
import { accountOf } from './authenticate.ts'
import { formOf } from './form.ts'

const Indicator = Type.Object({
  channel: Type.String({ maxLength: 32 }),
  messageId: Type.Optional(Type.String({ maxLength: 64 })),
  from: Type.Optional(Type.String({ maxLength: 64 })),
  to: Type.Optional(Type.String({ maxLength: 64 })),
  event: Type.Optional(Type.Union([Type.Literal('START'), Type.Literal('END')])),
})

export function typingFormRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post('/messaging/v2/Indicators/Typing.json', async (request) => {
    const form = formOf(request)
    checkChannel(flow, form.one('channel'))
    const messageId = form.one('messageId')
    if (!messageId) throw new ApiError('parameter_invalid', 'messageId is required: the SM… or MM… of a message')
    await showTyping(flow, await conversationOf(flow, request, messageId))
    return { success: true }
  })
}

export function typingJsonRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post<{ Body: Static<typeof Indicator> }>(
    '/messaging/v3/Indicators/Typing.json',
    { schema: { body: Indicator } },
    async (request) => {
      const { channel, messageId, from, to, event } = request.body
      checkChannel(flow, channel)
      const conversation =
        messageId === undefined
          ? await addressedConversation(flow, request, from, to)
          : await conversationOf(flow, request, messageId)
      await showTyping(flow, conversation, event === 'END' ? ['typing_off'] : undefined)
      return { success: true }
    },
  )
}

function checkChannel(flow: Flow, channel: string | null): void {
  if (!channel) throw new ApiError('parameter_invalid', "channel is required: 'messenger'")
  if (!flow.channels.has(channel.toLowerCase())) {
    throw new ApiError('parameter_invalid', "Invalid channel: only 'messenger' is supported")
  }
}

async function conversationOf(flow: Flow, request: FastifyRequest, sid: string): Promise<Conversation> {
  const accountSid = accountOf(request)
  const id = fromSid(sid, 'SM', 'MM')
  if (!id) throw new ApiError('parameter_invalid', 'Invalid messageId: expected the SM… or MM… of a message')
  const message = await findMessage(flow.sql, accountSid, id)
  if (!message || messageSid(id, message.numMedia).slice(0, 2) !== sid.slice(0, 2)) {
    throw new ApiError('not_found', `The message ${sid} was not found`)
  }
  const sender = await flow.directory.sender(accountSid, message.senderId)
  if (!sender) throw new ApiError('from_unknown', 'The Page of this message is no longer connected')
  return { sender, contactAddress: message.contactAddress }
}

async function addressedConversation(
  flow: Flow,
  request: FastifyRequest,
  from: string | undefined,
  to: string | undefined,
): Promise<Conversation> {
  if (!from || !to) throw new ApiError('parameter_invalid', 'messageId is required, or from and to')
  const [page, person] = [readAddress(flow, from), readAddress(flow, to)]
  if (!page) throw new ApiError('from_invalid')
  if (!person) throw new ApiError('to_invalid')
  const sender = await flow.directory.senderAt(page.channel, page.address)
  if (sender?.accountSid !== accountOf(request)) throw new ApiError('from_unknown')
  return { sender, contactAddress: person.address }
}
