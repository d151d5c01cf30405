import { createHmac } from 'node:crypto'
import { splitUrl } from './target.ts'

const byBytes = ([a]: [string, string], [b]: [string, string]): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * X-Twilio-Signature (twilio.md 3.5): the URL as it is sent, without user:password and without fragment, then each form
 * parameter's name and value in byte order of the names. A GET signs its whole URL and passes no parameters.
 * @param authToken the account's primary token
 */
export function sign(url: string, params: Record<string, string>, authToken: string): string {
  const parts = splitUrl(url)
  const signed = parts ? parts.scheme + parts.authority + parts.rest : url
  const pairs = Object.entries(params).sort(byBytes).flat()
  return createHmac('sha1', authToken)
    .update(signed + pairs.join(''), 'utf8')
    .digest('base64')
}
