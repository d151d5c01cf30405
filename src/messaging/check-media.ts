/**
 * Looks at the files of a message before the first of them is sent: whether they can be fetched, what they are and how
 * large. What is fetched for that is the message's copy. Comes in: the message's parts. Goes out: the parts with what is
 * known of their files now, or why the message cannot be sent. Sends nothing.
 */
import type { Channel, Part } from '#core/channel.ts'
import { messageSid } from '#core/ids.ts'
import type { Copy } from '#media/copies.ts'
import type { NoDownload } from '#media/download.ts'
import { findLoadable, findMediaOf, type MediaResult, type MediaRow, type ReadMedia } from '#store/media.ts'
import type { Flow } from './flow.ts'
import type { LoadedMessage } from './load.ts'

export type CheckedMedia = { ok: true; parts: Part[]; results: MediaResult[] } | NoDownload

type MediaPart = Extract<Part, { kind: 'media' }>

/** The provider fetches within its own answer; it may be asked again within the message's validity. */
const LINK_MS = 12 * 3_600_000

/** Of the parts from `from` on; files that were looked at already are not fetched again. */
export async function checkMedia(
  flow: Flow,
  channel: Channel,
  message: LoadedMessage,
  parts: readonly Part[],
  from: number,
): Promise<CheckedMedia> {
  const ahead = parts.flatMap((part, index) => (part.kind === 'media' && index >= from ? [{ part, index }] : []))
  if (ahead.length === 0) return { ok: true, parts: [...parts], results: [] }
  const rows = await findMediaOf(flow.sql, message.accountSid, message.id)
  const looks = await Promise.all(ahead.map(({ part, index }) => look(flow, channel, message, part, rows[index])))
  const refusals = looks.filter((each) => !each.ok)
  const refusal = refusals.find(({ retry }) => !retry) ?? refusals[0]
  if (refusal) return refusal
  const checked = [...parts]
  const results: MediaResult[] = []
  for (const [nth, each] of looks.entries()) {
    if (!each.ok) continue
    checked[ahead[nth]?.index ?? 0] = each.part
    if (each.result) results.push(each.result)
  }
  return { ok: true, parts: checked, results }
}

type Look = { ok: true; part: MediaPart; result?: MediaResult } | NoDownload

/** Without a row no copy is kept: the message's content is to be discarded. */
async function look(
  flow: Flow,
  channel: Channel,
  message: LoadedMessage,
  part: MediaPart,
  row: ReadMedia | undefined,
): Promise<Look> {
  if (row && row.state !== 'waiting') {
    const known = { ...part, contentType: row.contentType }
    return { ok: true, part: await reachable(flow, message, known, row.fileId ? row : undefined) }
  }
  const copy = await flow.copies(message.accountSid, part.url, flow.signal)
  if (!copy.ok) return copy
  const known = { ...part, contentType: copy.contentType }
  const mostBytes = channel.maxBytesOf(known)
  if (copy.bytes > mostBytes) {
    const reason = `The file has ${copy.bytes} bytes; ${channel.name} takes ${mostBytes} of this kind`
    return { ok: false, code: 11751, reason, retry: false }
  }
  const reached = await reachable(flow, message, known, copy.fileId ? row : undefined)
  return { ok: true, part: reached, ...(row && { result: resultOf(row, copy) }) }
}

const resultOf = ({ accountSid, id }: MediaRow, { fileId, contentType, fileName }: Copy): MediaResult => ({
  accountSid,
  id,
  state: fileId ? 'stored' : 'failed',
  fileId,
  contentType,
  fileName,
})

/** The provider knows no passwords: where one is needed it gets a URL of ours that needs none for a while. */
async function reachable(
  flow: Flow,
  message: LoadedMessage,
  part: MediaPart,
  copy: ReadMedia | undefined,
): Promise<MediaPart> {
  const { links } = flow.media
  const own = links.read(part.url)
  if (own?.name.accountSid === message.accountSid) {
    const file = await findLoadable(flow.sql, message.accountSid, own.name.id)
    const isOpen = file === undefined || file.access === 'public'
    return isOpen ? part : { ...part, url: links.signed(own.name, endOf(file)) }
  }
  const { username, password } = new URL(part.url)
  if (!copy || !(username || password)) return part
  const { accountSid, id } = copy
  const name = { accountSid, messageSid: messageSid(message.id, message.numMedia), id }
  return { ...part, url: links.signed(name, endOf(copy)) }
}

const endOf = ({ readAt }: ReadMedia): Date => new Date(readAt.getTime() + LINK_MS)
