/** Attachments that a Page sends: fetched while the call waits, checked and kept, as Meta does (meta.md 2.5). */
import { request } from 'undici'
import {
  fileName,
  findAttachment,
  MAX_FILE_BYTES,
  programUrl,
  putFile,
  type StoredFile,
  toRef,
} from '../world/files.ts'
import { bareType, typeFor } from '../world/media-type.ts'
import type { World } from '../world/world.ts'
import { type Handler, pageCaller } from './call.ts'
import { invalid, required } from './error.ts'
import { recordOf } from './params.ts'
import { type MediaType, type OrderedAttachment, readAttachment } from './send-order.ts'

const FETCH_TIMEOUT_MS = 10_000
const MAX_IMAGE_BYTES = 8 * 1024 * 1024
const MAX_REDIRECTS = 3
const PAGE_IMAGES = ['image/png', 'image/jpeg', 'image/gif']

export type KeptAttachment = { type: MediaType; ref: string; attachmentId: string | null }

export async function keepAttachment(
  world: World,
  pageId: string,
  ordered: Exclude<OrderedAttachment, { type: 'template' }>,
): Promise<KeptAttachment> {
  if ('attachmentId' in ordered) {
    const found = await findAttachment(world.sql, pageId, ordered.attachmentId)
    if (found === undefined) throw invalid('Invalid attachment id', 2018074)
    return { type: ordered.type, ref: found.ref, attachmentId: ordered.attachmentId }
  }
  const file = await fetchFile(programUrl(world, toRef(world, ordered.url)), ordered.type)
  const kept = await putFile(world.sql, file, ordered.reusable ? pageId : null)
  return { type: ordered.type, ...kept }
}

async function fetchFile(url: string, type: MediaType): Promise<StoredFile> {
  const fetched = await fetchBytes(url, type === 'image' ? MAX_IMAGE_BYTES : MAX_FILE_BYTES)
  const contentType = typeFor(type, fetched.contentType, fetched.bytes)
  if (contentType === undefined || (type === 'image' && !PAGE_IMAGES.includes(contentType))) {
    throw invalid('Upload attachment failure.', 2018047)
  }
  const lastSegment = new URL(url).pathname.split('/').at(-1) ?? ''
  return { name: fileName(lastSegment, contentType), contentType, bytes: fetched.bytes }
}

async function fetchBytes(url: string, maxBytes: number): Promise<{ contentType: string; bytes: Buffer }> {
  const unfetched = invalid('Failed to fetch the file from the url', 2018008)
  const tooBig = invalid('Attachment size exceeds allowable limit', 2018109)
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS)
  let next = url
  try {
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const response = await request(next, { signal, headers: { 'user-agent': 'facebookexternalhit/1.1' } })
      const location = response.headers.location
      if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
        await response.body.dump()
        next = new URL(location, next).href
        continue
      }
      if (response.statusCode !== 200) {
        await response.body.dump()
        throw unfetched
      }
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > maxBytes) throw tooBig
        chunks.push(chunk)
      }
      if (size === 0) throw unfetched
      const declared = response.headers['content-type']
      return { contentType: bareType(typeof declared === 'string' ? declared : ''), bytes: Buffer.concat(chunks) }
    }
  } catch (error) {
    throw error === tooBig ? tooBig : unfetched
  }
  throw unfetched
}

/** `POST /{page}/message_attachments`: keeps an attachment for later sends. */
export const uploadAttachment: Handler = async (world, call) => {
  const { pageId } = pageCaller(call)
  const message = recordOf(call.params.message, 'message')
  if (message === undefined) throw required('message')
  const ordered = readAttachment(message.attachment)
  if (ordered === undefined) throw required('message[attachment]')
  if (ordered.type === 'template' || !('url' in ordered)) throw required('message[attachment][payload][url]')
  const kept = await keepAttachment(world, pageId, { ...ordered, reusable: true })
  return { attachment_id: kept.attachmentId }
}
