/**
 * Where our files are found: plain URLs, and signed ones that need no password and expire. A signature is over the path
 * as we write it, so that it holds behind every proxy.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { fromSid, type Id, toSid } from '#core/ids.ts'

/** A media resource, as its URL names it. */
export type MediaName = { accountSid: string; messageSid: string; id: Id }

export type MediaLinks = {
  plain: (name: MediaName) => string
  /** Works without a password until then, by the store's clock. */
  signed: (name: MediaName, expiresAt: Date) => string
  /** Whether the query holds our signature for this file, and its time is not over. `now`: what the store's clock says. */
  isSigned: (name: MediaName, query: URLSearchParams, now: Date) => boolean
  /** The file that a URL of ours leads to. */
  read: (url: string) => { name: MediaName; query: URLSearchParams } | undefined
}

export type LinkDeps = { publicUrl: string; secretKey: string }

const PATH =
  /^\/2010-04-01\/Accounts\/(AC[0-9a-f]{32})\/Messages\/(MM[0-9a-f]{32})\/Media\/(ME[0-9a-f]{32})(?:\.[a-z0-9]{1,5})?$/

export function createLinks({ publicUrl, secretKey }: LinkDeps): MediaLinks {
  const key = Buffer.from(hkdfSync('sha256', secretKey, 'pagewire', 'media urls', 32))
  const sign = (name: MediaName, expires: number) =>
    createHmac('sha256', key)
      .update(`${pathOf(name)}\n${expires}`)
      .digest('base64url')
  return {
    plain: (name) => publicUrl + pathOf(name),
    signed(name, expiresAt) {
      const expires = Math.ceil(expiresAt.getTime() / 1000)
      return `${publicUrl}${pathOf(name)}?Expires=${expires}&Signature=${sign(name, expires)}`
    },
    isSigned(name, query, now) {
      const [expires, signature] = [query.get('Expires') ?? '', query.get('Signature') ?? '']
      if (!/^\d{1,11}$/.test(expires) || Number(expires) * 1000 < now.getTime()) return false
      const [given, right] = [Buffer.from(signature), Buffer.from(sign(name, Number(expires)))]
      return given.length === right.length && timingSafeEqual(given, right)
    },
    read(url) {
      const parsed = url.startsWith(`${publicUrl}/`) ? URL.parse(url.slice(publicUrl.length), 'http://pagewire') : null
      const [, accountSid, messageSid, sid = ''] = PATH.exec(parsed?.pathname ?? '') ?? []
      const id = fromSid(sid, 'ME')
      if (!parsed || !accountSid || !messageSid || !id) return undefined
      return { name: { accountSid, messageSid, id }, query: parsed.searchParams }
    },
  }
}

const pathOf = ({ accountSid, messageSid, id }: MediaName) =>
  `/2010-04-01/Accounts/${accountSid}/Messages/${messageSid}/Media/${toSid('ME', id)}`
