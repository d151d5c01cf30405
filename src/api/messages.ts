/** Messages of the 2010 API: create, list, fetch, update, delete (twilio.md 1). */
import type { FastifyInstance } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { fromSid, messageSid } from '#core/ids.ts'
import { FINAL } from '#core/status.ts'
import { cancelMessage } from '#messaging/cancel-message.ts'
import { createMessage, type MessageRequest, readAddress } from '#messaging/create-message.ts'
import type { Flow } from '#messaging/flow.ts'
import { deleteMessage, redactMessage } from '#store/forget-messages.ts'
import { listMessages, type MessageFilter } from '#store/list-messages.ts'
import { findMessage, type Message } from '#store/messages.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { readDates } from './date-filter.ts'
import { type Form, formOf, readQuery } from './form.ts'
import { messageJson } from './message-json.ts'
import { listJson, readPage, toPage } from './paging.ts'

const LIST = '/2010-04-01/Accounts/:accountSid/Messages.json'
const ITEM = '/2010-04-01/Accounts/:accountSid/Messages/:messageSid(^[A-Za-z0-9]+).json'

export function messageRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post(LIST, async (request, reply) => {
    const accountSid = accountOf(request)
    const message = await createMessage(flow, accountSid, readRequest(formOf(request)), readKey(request.headers))
    return reply.code(201).send(messageJson(message, true))
  })

  scope.get(LIST, async (request) => {
    const accountSid = accountOf(request)
    const page = readPage(request.url, ['SM', 'MM'])
    const query = readQuery(request.url)
    const filter: MessageFilter = {
      accountSid,
      from: readParty(flow, query.one('From')),
      to: readParty(flow, query.one('To')),
      ...readDates(query, 'DateSent'),
    }
    const found = await listMessages(flow.sql, filter, page.edge, page.size + 1)
    const path = `/2010-04-01/Accounts/${accountSid}/Messages.json`
    return listJson('messages', page, toPage(path, page, found, sidOf), (message) => messageJson(message))
  })

  scope.get(ITEM, async (request) => {
    const accountSid = accountOf(request)
    const message = await find(accountSid, (request.params as { messageSid: string }).messageSid)
    if (!message) throw notFound(request)
    return messageJson(message)
  })

  scope.post(ITEM, async (request) => {
    const accountSid = accountOf(request)
    const message = await find(accountSid, (request.params as { messageSid: string }).messageSid)
    if (!message) throw notFound(request)
    const form = formOf(request)
    const [body, status] = [form.one('Body'), form.one('Status')]
    if (status !== null && status !== 'canceled') {
      throw new ApiError('parameter_invalid', "Invalid Status: only 'canceled' may be set")
    }
    if (body !== null && body !== '') {
      throw new ApiError('parameter_invalid', 'Invalid Body: only the empty string may be set, to redact the message')
    }
    if (status === 'canceled') await cancelMessage(flow, message)
    if (body === '' && !(await redactMessage(flow.sql, accountSid, message.id, FINAL))) throw new ApiError('not_final')
    return messageJson((await findMessage(flow.sql, accountSid, message.id)) ?? message)
  })

  scope.delete(ITEM, async (request, reply) => {
    const accountSid = accountOf(request)
    const message = await find(accountSid, (request.params as { messageSid: string }).messageSid)
    if (!message) throw notFound(request)
    if (!(await deleteMessage(flow.sql, accountSid, message.id, FINAL))) throw new ApiError('not_final')
    return reply.code(204).send()
  })

  async function find(accountSid: string, sid: string): Promise<Message | undefined> {
    const id = fromSid(sid, 'SM', 'MM')
    const message = id && (await findMessage(flow.sql, accountSid, id))
    return message && sidOf(message) === sid.slice(0, 2) + sid.slice(2).toLowerCase() ? message : undefined
  }
}

const sidOf = (message: Message) => messageSid(message.id, message.numMedia)

function readRequest(form: Form): MessageRequest {
  const from = form.one('From')
  const isService = /^MG/.test(from ?? '')
  if (form.one('ContentSid')) throw new ApiError('content_sid_invalid')
  if (form.one('ContentVariables')) throw new ApiError('content_sid_required')
  return {
    to: form.one('To'),
    from: isService ? null : from,
    messagingServiceSid: form.one('MessagingServiceSid') || (isService ? from : null),
    scheduleType: form.one('ScheduleType'),
    sendAt: form.one('SendAt'),
    body: form.one('Body'),
    mediaUrls: form.all('MediaUrl').filter((url) => url !== ''),
    statusCallback: form.one('StatusCallback') || null,
    applicationSid: form.one('ApplicationSid'),
    validityPeriod: form.one('ValidityPeriod'),
    tags: form.one('Tags'),
    contentRetention: form.one('ContentRetention'),
    addressRetention: form.one('AddressRetention'),
  }
}

function readKey(headers: Record<string, string | string[] | undefined>): string | undefined {
  const key = headers['idempotency-key']
  if (key === undefined || key === '') return undefined
  if (typeof key !== 'string' || key.length > 255) {
    throw new ApiError('parameter_invalid', 'Invalid Idempotency-Key: expected at most 255 characters')
  }
  return key
}

/** The address may be a Page's or a person's. One that cannot be an address matches nothing. */
function readParty(flow: Flow, text: string | null): MessageFilter['from'] {
  if (text === null || text === '') return null
  const address = readAddress(flow, text)?.address
  return address === undefined ? {} : { sender: address, contact: address }
}
