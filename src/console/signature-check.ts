/** Whether what a server received was signed by us, and what differs if not. */
import { Type } from 'typebox'
import { messageSid } from '#core/ids.ts'
import { checkSignature } from '#messaging/check-signature.ts'
import type { SignatureAnswer } from './contract/signature.ts'
import { Refusal, type Routes } from './route.ts'

const MAX_LENGTH = 200_000

export function signatureRoutes({ flow, add }: Routes): void {
  const text = (maxLength: number) => Type.String({ maxLength })
  const body = Type.Object({ url: text(10_000), params: text(MAX_LENGTH), signature: text(400) })
  const url = '/accounts/:accountSid/signature-check'
  add({ method: 'POST', url, needs: 'secrets', body, bodyLimit: 3 * MAX_LENGTH }, async ({ account, body: given }) => {
    const asked = given.url.trim()
    if (!URL.canParse(asked)) throw new Refusal(400, 'This is no absolute URL', 'url')
    const form = given.params.trim()
    if (form.startsWith('{')) {
      throw new Refusal(400, 'This is JSON; callbacks are forms, such as Body=hi&From=messenger%3A123', 'params')
    }
    const params = Object.fromEntries(new URLSearchParams(form.replaceAll(/\r?\n/g, '&')))
    const signature = given.signature.trim().replace(/^X-Twilio-Signature:\s*/i, '')
    const { call, ...answer } = await checkSignature(flow, account.sid, { url: asked, params, signature })
    return {
      ...answer,
      call: call
        ? {
            messageSid: messageSid(call.messageId, 0),
            method: call.method,
            url: call.url,
            signedString: call.signedString,
            at: call.startedAt.toISOString(),
          }
        : null,
    } satisfies SignatureAnswer
  })
}
