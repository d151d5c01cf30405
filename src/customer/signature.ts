import { createHmac } from 'node:crypto'
import { splitUrl } from './target.ts'

const byBytes = ([a]: [string, string], [b]: [string, string]): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * What is signed (twilio.md 3.5): the URL as it is sent, without user:password and without fragment, then each form
 * parameter's name and value in byte order of the names. A GET signs its whole URL and passes no parameters.
 */
export function signedString(url: string, params: Record<string, string>): string {
  const parts = splitUrl(url)
  const signed = parts ? parts.scheme + parts.authority + parts.rest : url
  const pairs = Object.entries(params).sort(byBytes).flat()
  return signed + pairs.join('')
}

/**
 * X-Twilio-Signature.
 * @param authToken the account's primary token
 */
export const sign = (url: string, params: Record<string, string>, authToken: string): string =>
  signatureOf(signedString(url, params), authToken)

export const signatureOf = (text: string, authToken: string): string =>
  createHmac('sha1', authToken).update(text, 'utf8').digest('base64')
