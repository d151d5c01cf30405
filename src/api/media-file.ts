/**
 * The file of a media: `…/Media/ME…`, also with an ending such as `.jpg`. Who may load it, the account decides; a signed
 * URL always may. Whatever a stranger has sent, nothing in it can run as a page of ours.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { fromSid, type Id, messageSid, toSid } from '#core/ids.ts'
import { dispositionOf } from '#media/file-name.ts'
import { type ByteRange, isKnown, isSame, readRange } from '#media/http-range.ts'
import type { MediaName } from '#media/links.ts'
import { keyOf } from '#media/media.ts'
import { nameOfPlace } from '#media/settings.ts'
import { FileMissing } from '#media/store.ts'
import type { Flow } from '#messaging/flow.ts'
import { findLoadable, findMediaAccess, type LoadableMedia } from '#store/media.ts'
import { notFound } from './answers.ts'
import { queryOf } from './form.ts'

export const MEDIA = '/2010-04-01/Accounts/:accountSid/Messages/:messageSid/Media'

const LOST =
  'a file is not in the media store of this node: lost, or kept by another node. All nodes need one PAGEWIRE_MEDIA_STORE'

/** Pages may show it; nothing in it runs, loads or is guessed to be something else. */
const SAFE = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Cache-Control': 'private, max-age=3600',
}

export function mediaFileRoute(scope: FastifyInstance, flow: Flow): void {
  /** Looked for before it is known whether credentials are needed, and then once. */
  const looked = new WeakMap<FastifyRequest, Promise<LoadableMedia | undefined>>()
  const find = (request: FastifyRequest) => {
    const known = looked.get(request) ?? findFile(flow, nameOf(request))
    looked.set(request, known)
    return known
  }
  scope.route({
    method: ['GET', 'HEAD'],
    url: `${MEDIA}/:mediaSid`,
    config: {
      isOpen: async (request) => {
        const name = nameOf(request)
        if (!name) return false
        const media = await find(request)
        // Of a file that is gone it does not matter when its links end.
        const now = media?.readAt ?? new Date(0)
        if (flow.media.links.isSigned(name, new URLSearchParams(queryOf(request.url)), now)) return true
        return (media ? media.access : await findMediaAccess(flow.sql, name.accountSid)) === 'public'
      },
    },
    handler: async (request, reply) => {
      const media = await find(request)
      if (!media) throw notFound(request)
      return await sendFile(flow, media, request, reply)
    },
  })
}

function nameOf(request: FastifyRequest): (MediaName & { id: Id }) | undefined {
  const { accountSid, messageSid: message, mediaSid } = request.params as Record<string, string>
  const [, sid = ''] = /^(ME[0-9a-fA-F]{32})(?:\.[a-z0-9]{1,5})?$/i.exec(mediaSid ?? '') ?? []
  const [id, messageId] = [fromSid(sid, 'ME'), fromSid(message ?? '', 'MM')]
  if (!id || !messageId || !/^AC[0-9a-f]{32}$/.test(accountSid ?? '')) return undefined
  return { accountSid: accountSid as string, messageSid: messageSid(messageId, 1), id }
}

async function findFile(flow: Flow, name: MediaName | undefined): Promise<LoadableMedia | undefined> {
  const media = name && (await findLoadable(flow.sql, name.accountSid, name.id))
  return media && messageSid(media.messageId, 1) === name.messageSid ? media : undefined
}

async function sendFile(flow: Flow, media: LoadableMedia, request: FastifyRequest, reply: FastifyReply) {
  const state = { etag: `"${media.sha256.slice(0, 32)}"`, modifiedAt: media.updatedAt }
  reply.headers({
    ...SAFE,
    'Accept-Ranges': 'bytes',
    ETag: state.etag,
    'Last-Modified': media.updatedAt.toUTCString(),
  })
  if (isKnown(request.headers, state)) return reply.code(304).send()
  const wanted = isSame(request.headers, state) ? readRange(request.headers.range, media.bytes) : 'whole'
  if (wanted === 'unsatisfiable') return reply.code(416).header('Content-Range', `bytes */${media.bytes}`).send()

  const contentType = media.contentType ?? 'application/octet-stream'
  reply.header('Content-Disposition', dispositionOf(contentType, media.fileName, toSid('ME', media.id)))
  reply.type(contentType)
  const range: ByteRange | undefined = wanted === 'whole' ? undefined : wanted
  if (range) reply.code(206).header('Content-Range', `bytes ${range.from}-${range.to}/${media.bytes}`)
  reply.header('Content-Length', range ? range.to - range.from + 1 : media.bytes)
  if (request.method === 'HEAD') return reply.send()
  try {
    return reply.send(await flow.media.store.read(keyOf(media.accountSid, media.fileId), range))
  } catch (error) {
    if (!(error instanceof FileMissing)) throw error
    const { place } = flow.media.settings
    flow.log.error({ mediaSid: toSid('ME', media.id), place: nameOfPlace(place) }, LOST)
    for (const name of ['Content-Length', 'Content-Range', 'Content-Disposition', 'ETag']) reply.removeHeader(name)
    throw new ApiError('not_found', 'The file of this media is not in the media store of the node that was asked')
  }
}
