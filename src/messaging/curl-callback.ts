/** A callback as a command for a terminal, signed anew. Its URL has neither password nor fragment: those are not kept. */
import { sign } from '#customer/signature.ts'
import { findAccount } from '#store/accounts.ts'
import type { ExchangeRecord } from '#store/exchanges.ts'
import type { Flow } from './flow.ts'

/** Of the connection that it was, not of the request. */
const LEFT_OUT = ['host', 'accept-encoding', 'x-twilio-signature', 'authorization', 'cookie', 'content-length']

export async function curlOf(flow: Flow, accountSid: string, call: ExchangeRecord): Promise<string> {
  const account = await findAccount(flow.sql, flow.vault, accountSid)
  if (!account) throw new Error(`there is no account ${accountSid}`)
  const isPost = call.method === 'POST'
  const params = isPost ? call.requestParams : {}
  const headers = Object.entries(call.requestHeaders).filter(([name]) => !LEFT_OUT.includes(name.toLowerCase()))
  const lines = [
    // Brackets and braces in the URL are meant as they stand.
    `curl --globoff ${quote(call.url)}`,
    `-X ${call.method}`,
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    `-H ${quote(`X-Twilio-Signature: ${sign(call.url, params, account.authToken)}`)}`,
    ...(isPost ? [`--data-raw ${quote(new URLSearchParams(params).toString())}`] : []),
  ]
  return lines.join(' \\\n  ')
}

/** For a POSIX shell: nothing within single quotes means anything but a single quote. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
