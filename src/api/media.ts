/** Media of a message in the 2010 API: list, fetch, delete (twilio.md 1.8); whom their files are for, and signed URLs. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { fromSid, type Id, messageSid, toSid } from '#core/ids.ts'
import { isFinal } from '#core/status.ts'
import type { Flow } from '#messaging/flow.ts'
import {
  deleteMedia,
  findLoadable,
  findMediaAccess,
  findMediaOf,
  listMedia,
  type MediaAccess,
  type MediaRow,
  saveMediaAccess,
} from '#store/media.ts'
import { findMessage, type Message } from '#store/messages.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { readDates } from './date-filter.ts'
import { formOf, readQuery } from './form.ts'
import { MEDIA, mediaFileRoute } from './media-file.ts'
import { rfc2822 } from './message-json.ts'
import { readPage, toPage } from './paging.ts'

const ITEM = `${MEDIA}/:mediaSid(^[A-Za-z0-9]+).json`
/** Beyond Twilio: who may load files, and URLs that expire. */
const SETTINGS = '/2010-04-01/Accounts/:accountSid/MediaSettings.json'
const SIGNED_URL = `${MEDIA}/:mediaSid(^[A-Za-z0-9]+)/SignedUrl.json`

const ACCESS: readonly MediaAccess[] = ['public', 'auth', 'signed']
const MAX_SIGNED_SECONDS = 7 * 24 * 3600

export function mediaRoutes(scope: FastifyInstance, flow: Flow): void {
  const { sql } = flow

  scope.get(`${MEDIA}.json`, async (request) => {
    const message = await messageOf(request, flow)
    const page = readPage(request.url, ['ME'])
    const { sentFrom: createdFrom, sentBefore: createdBefore } = readDates(readQuery(request.url), 'DateCreated')
    const filter = { accountSid: message.accountSid, messageId: message.id, createdFrom, createdBefore }
    const found = await listMedia(sql, filter, page.edge, page.size + 1)
    const { items, ...links } = toPage(`${uriOf(message)}/Media.json`, page, found, ({ id }) => toSid('ME', id))
    return {
      first_page_uri: links.first,
      end: items.length === 0 ? 0 : page.number * page.size + items.length - 1,
      media_list: items.map((media) => mediaJson(message, media)),
      previous_page_uri: links.previous,
      uri: links.current,
      page_size: page.size,
      start: items.length === 0 ? 0 : page.number * page.size,
      next_page_uri: links.next,
      page: page.number,
    }
  })

  scope.get(ITEM, async (request) => {
    const message = await messageOf(request, flow)
    return mediaJson(message, await mediaOf(request, flow, message))
  })

  for (const url of [ITEM, `${MEDIA}/:mediaSid`]) {
    scope.delete(url, async (request, reply) => {
      const message = await messageOf(request, flow)
      const { id } = await mediaOf(request, flow, message)
      // What is still to be sent must be there then.
      if (!isFinal(message.status)) throw new ApiError('not_final')
      await deleteMedia(sql, [{ accountSid: message.accountSid, messageId: message.id, id }])
      return reply.code(204).send()
    })
  }

  scope.post(SIGNED_URL, async (request, reply) => {
    const message = await messageOf(request, flow)
    const { id } = await mediaOf(request, flow, message)
    const loadable = await findLoadable(sql, message.accountSid, id)
    if (!loadable) throw notFound(request)
    const seconds = readSeconds(formOf(request).one('ExpiresIn'))
    const name = { accountSid: message.accountSid, messageSid: sidOf(message), id }
    return reply.code(201).send({
      account_sid: message.accountSid,
      media_sid: toSid('ME', id),
      expires_in: seconds,
      url: flow.media.links.signed(name, new Date(loadable.readAt.getTime() + seconds * 1000)),
    })
  })

  scope.get(SETTINGS, async (request) => {
    const accountSid = accountOf(request)
    return settingsJson(accountSid, await findMediaAccess(sql, accountSid))
  })

  scope.post(SETTINGS, async (request) => {
    const accountSid = accountOf(request)
    const given = formOf(request).one('Access')
    const access = ACCESS.find((each) => each === given)
    if (!access) throw new ApiError('parameter_invalid', `Invalid Access: expected ${ACCESS.join(', ')}`)
    await saveMediaAccess(sql, accountSid, access)
    return settingsJson(accountSid, access)
  })

  mediaFileRoute(scope, flow)
}

async function messageOf(request: FastifyRequest, flow: Flow): Promise<Message> {
  const sid = (request.params as { messageSid: string }).messageSid
  const id = fromSid(sid, 'SM', 'MM')
  const message = id && (await findMessage(flow.sql, accountOf(request), id))
  if (!message || sidOf(message).slice(0, 2) !== sid.slice(0, 2)) throw notFound(request)
  return message
}

async function mediaOf(request: FastifyRequest, flow: Flow, message: Message): Promise<MediaRow> {
  const id: Id | undefined = fromSid((request.params as { mediaSid: string }).mediaSid, 'ME')
  const all = id ? await findMediaOf(flow.sql, message.accountSid, message.id) : []
  const media = all.find((each) => each.id === id && each.state !== 'failed')
  if (!media) throw notFound(request)
  return media
}

function readSeconds(text: string | null): number {
  if (text === null || text === '') return 3600
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (seconds >= 1 && seconds <= MAX_SIGNED_SECONDS) return seconds
  throw new ApiError('parameter_invalid', `Invalid ExpiresIn: expected 1 to ${MAX_SIGNED_SECONDS} seconds`)
}

const sidOf = (message: Message) => messageSid(message.id, message.numMedia)
const uriOf = (message: Message) => `/2010-04-01/Accounts/${message.accountSid}/Messages/${sidOf(message)}`

function mediaJson(message: Message, media: MediaRow) {
  const sid = toSid('ME', media.id)
  return {
    sid,
    account_sid: media.accountSid,
    parent_sid: sidOf(message),
    content_type: media.contentType,
    date_created: rfc2822(media.createdAt),
    date_updated: rfc2822(media.updatedAt),
    uri: `${uriOf(message)}/Media/${sid}.json`,
  }
}

const settingsJson = (accountSid: string, access: MediaAccess) => ({
  account_sid: accountSid,
  access,
  uri: `/2010-04-01/Accounts/${accountSid}/MediaSettings.json`,
})
