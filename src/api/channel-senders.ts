/**
 * Pools of messaging services: the Pages in them, and the lists of what only telephone networks have, which are empty
 * here (twilio.md 7.2).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError, type MistakeKey } from '#core/errors.ts'
import { fromSid, toSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { findSender } from '#store/senders.ts'
import { findInPool, joinPool, leavePool, listPool, type MessagingService, type PoolMember } from '#store/services.ts'
import { notFound } from './answers.ts'
import { iso8601 } from './dates.ts'
import { formOf } from './form.ts'
import { metaOf, readPage, toPage } from './paging.ts'
import { SERVICES, serviceOf, serviceUrl } from './services.ts'

const LIST = `${SERVICES}/:serviceSid/ChannelSenders`
const ITEM = `${LIST}/:sid`

export function channelSenderRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post(LIST, async (request, reply) => {
    const service = await serviceOf(flow, request)
    const sid = formOf(request).one('Sid')
    if (!sid) throw new ApiError('parameter_invalid', 'Sid is required: the XE… of a sender')
    const member = await join(service, sid, request)
    return reply.code(201).send(memberJson(flow, service, member))
  })

  scope.get(LIST, async (request) => {
    const service = await serviceOf(flow, request)
    const page = readPage(request.url, ['XE'])
    const found = await listPool(flow.sql, service, page.edge, page.size + 1)
    const path = `${serviceUrl(flow, service)}/ChannelSenders`
    const { items, ...links } = toPage(path, page, found, (member) => toSid('XE', member.id))
    return { senders: items.map((member) => memberJson(flow, service, member)), meta: metaOf('senders', page, links) }
  })

  scope.get(ITEM, async (request) => {
    const service = await serviceOf(flow, request)
    const id = senderIdOf(request)
    const member = id && (await findInPool(flow.sql, service, id))
    if (!member) throw notFound(request)
    return memberJson(flow, service, member)
  })

  scope.delete(ITEM, async (request, reply) => {
    const service = await serviceOf(flow, request)
    const id = senderIdOf(request)
    if (!id || !(await leavePool(flow.sql, service, id))) throw notFound(request)
    flow.directory.forget()
    return reply.code(204).send()
  })

  for (const pool of EMPTY_POOLS) emptyPoolRoutes(scope, flow, pool)

  async function join(service: MessagingService, sid: string, request: FastifyRequest): Promise<PoolMember> {
    const id = fromSid(sid, 'XE')
    const sender = id && (await findSender(flow.sql, flow.vault, service.accountSid, id))
    if (!sender) throw new ApiError('not_found', `There is no sender ${sid.slice(0, 64).toWellFormed()}`)
    if (sender.serviceId === service.id) throw new ApiError('sender_in_service')
    const joined = await joinPool(flow.sql, service, sender.id).catch((error) => {
      if ((error as { code?: string }).code === '23503') throw notFound(request)
      throw error
    })
    const member = joined ? await findInPool(flow.sql, service, sender.id) : undefined
    if (!member) throw new ApiError('sender_in_other_service')
    flow.directory.forget()
    return member
  }
}

const senderIdOf = (request: FastifyRequest) => fromSid((request.params as { sid: string }).sid, 'XE')

function memberJson(flow: Flow, service: MessagingService, member: PoolMember) {
  const sid = toSid('XE', member.id)
  const joinedAt = iso8601(member.joinedAt)
  return {
    account_sid: service.accountSid,
    messaging_service_sid: toSid('MG', service.id),
    sid,
    sender: `${member.channel}:${member.address}`,
    sender_type: member.channel.replace(/^./, (letter) => letter.toUpperCase()),
    country_code: null,
    date_created: joinedAt,
    date_updated: joinedAt,
    url: `${serviceUrl(flow, service)}/ChannelSenders/${sid}`,
  }
}

type EmptyPool = {
  path: string
  /** Of the list in its answer. */
  key: string
  /** What an add must name, and what becomes of it; without one nothing can be added. */
  add?: { parameter: string; mistake: MistakeKey }
}

const EMPTY_POOLS: EmptyPool[] = [
  { path: 'PhoneNumbers', key: 'phone_numbers', add: { parameter: 'PhoneNumberSid', mistake: 'not_found' } },
  { path: 'ShortCodes', key: 'short_codes', add: { parameter: 'ShortCodeSid', mistake: 'not_found' } },
  { path: 'AlphaSenders', key: 'alpha_senders', add: { parameter: 'AlphaSender', mistake: 'alpha_sender_invalid' } },
  {
    path: 'DestinationAlphaSenders',
    key: 'alpha_senders',
    add: { parameter: 'AlphaSender', mistake: 'alpha_sender_invalid' },
  },
  { path: 'Compliance/Usa2p', key: 'compliance' },
]

function emptyPoolRoutes(scope: FastifyInstance, flow: Flow, { path, key, add }: EmptyPool): void {
  const list = `${SERVICES}/:serviceSid/${path}`
  scope.get(list, async (request) => {
    const service = await serviceOf(flow, request)
    const page = readPage(request.url, [])
    const { items, ...links } = toPage<never>(`${serviceUrl(flow, service)}/${path}`, page, [], () => '')
    return { [key]: items, meta: metaOf(key, page, links) }
  })
  const nothingThere = async (request: FastifyRequest) => {
    await serviceOf(flow, request)
    throw notFound(request)
  }
  scope.get(`${list}/:sid`, nothingThere)
  scope.delete(`${list}/:sid`, nothingThere)
  scope.post(list, async (request) => {
    await serviceOf(flow, request)
    const given = add && formOf(request).one(add.parameter)
    if (add && !given) throw new ApiError('parameter_invalid', `${add.parameter} is required`)
    throw add && add.mistake !== 'not_found'
      ? new ApiError(add.mistake)
      : new ApiError('not_found', `There is no ${given?.slice(0, 64).toWellFormed() ?? path}: Messenger has none`)
  })
}
