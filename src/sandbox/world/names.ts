/** New ids in the shapes of Meta's (meta.md 1.6, 1.8, 3.1). Random: nothing here is ordered by an id. */
import { createHash, randomBytes, randomInt } from 'node:crypto'

const digits = (count: number): string => {
  let text = String(randomInt(1, 10))
  while (text.length < count) text += String(randomInt(10 ** 7)).padStart(7, '0')
  return text.slice(0, count)
}

export const newAppId = (): string => digits(16)
export const newAppSecret = (): string => randomBytes(16).toString('hex')
export const newPageId = (): string => digits(15)
export const newPersonId = (): string => digits(15)
export const newPsid = (): string => digits(randomInt(16, 18))
export const newAttachmentId = (): string => digits(16)
export const newMid = (): string => `m_${randomBytes(64).toString('base64url')}`
/** Of a message that its writer has named: the same name in the same thread is the same message. */
export const midOf = (psid: string, id: string | undefined): string =>
  id === undefined ? newMid() : `m_${createHash('sha512').update(`${psid} ${id}`).digest('base64url')}`
export const newTraceId = (): string => `A${randomBytes(16).toString('base64url')}`
export const newLoginCode = (): string => `AQ${randomBytes(120).toString('base64url')}`
export const newFileId = (): string => randomBytes(18).toString('base64url')
export const newAccessToken = (): string =>
  `EAA${randomBytes(150).toString('base64').replaceAll(/[+/=]/g, '').slice(0, 180)}`
