/** The files of a message as the console shows them: our own copies, by links that work for an hour. */
import { messageSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import type { ReadMedia } from '#store/media.ts'
import type { Message } from '#store/messages.ts'
import type { MediaView } from './contract/messages.ts'

const LINK_MS = 3_600_000

type Carrier = Pick<Message, 'id' | 'numMedia' | 'media'> & { accountSid: string }

export function mediaViews(flow: Flow, message: Carrier, rows: readonly ReadMedia[]): MediaView[] {
  return message.media.map(({ url, contentType }, nth) => {
    const row = rows.find((each) => each.nth === nth)
    const name = row && {
      accountSid: message.accountSid,
      messageSid: messageSid(message.id, message.numMedia),
      id: row.id,
    }
    return {
      contentType: row?.contentType ?? contentType,
      fileName: row?.fileName ?? null,
      state: row?.state ?? 'elsewhere',
      // Without host, so that it works by whatever name the console was opened.
      url:
        name && row.state === 'stored'
          ? withoutHost(flow.media.links.signed(name, new Date(row.readAt.getTime() + LINK_MS)))
          : null,
      source: url,
    }
  })
}

const withoutHost = (url: string): string => {
  const { pathname, search } = new URL(url)
  return pathname + search
}
