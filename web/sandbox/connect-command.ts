import type { Page } from '../../src/sandbox/contract.ts'

/** Inside of single quotes, for a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Connects a Page through the Senders API; /bins/welcome is the greeting that comes with Pagewire. */
export const connectCommand = ({ id, accessToken }: Pick<Page, 'id' | 'accessToken'>, baseUrl: string): string => {
  const sender = {
    sender_id: `messenger:${id}`,
    configuration: { page_access_token: accessToken },
    webhook: { callback_url: '/bins/welcome', callback_method: 'POST' },
  }
  return [
    `curl ${quoted(`${baseUrl}/messaging/v2/Channels/Senders`)}`,
    `  -u '<your account SID>:<your auth token>'`,
    `  -H 'Content-Type: application/json'`,
    `  -d ${quoted(JSON.stringify(sender, null, 2))}`,
  ].join(' \\\n')
}
