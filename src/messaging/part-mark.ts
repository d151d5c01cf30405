/** The mark that a send carries and its echo brings back: which message, which part. */
import { fromSid, type Id, toSid } from '#core/ids.ts'

export const partMark = (messageId: Id, part: number): string => `pagewire:${toSid('SM', messageId)}:${part}`

export function readPartMark(mark: string | null): { messageId: Id; part: number } | undefined {
  const [, sid = '', part = ''] = /^pagewire:(SM[0-9a-f]{32}):(\d{1,3})$/.exec(mark ?? '') ?? []
  const messageId = fromSid(sid, 'SM')
  return messageId && { messageId, part: Number(part) }
}
