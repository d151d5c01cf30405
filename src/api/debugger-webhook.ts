/**
 * The debugger webhook of an account: a URL that is told of every new alert (twilio.md 10). Twilio has it in its console
 * only; that it can be read and set here is ours. A subaccount without one is told of to its parent's.
 */
import type { FastifyInstance } from 'fastify'
import { ApiError } from '#core/errors.ts'
import type { Flow } from '#messaging/flow.ts'
import { findDebuggerUrl, saveDebuggerUrl } from '#store/debugger-webhooks.ts'
import { accountOf } from './authenticate.ts'
import { formOf } from './form.ts'
import { readUrl } from './form-values.ts'

const PATH = '/2010-04-01/Accounts/:accountSid/DebuggerWebhook.json'

export function debuggerWebhookRoutes(scope: FastifyInstance, { sql }: Flow): void {
  scope.get(PATH, async (request) => {
    const accountSid = accountOf(request)
    return webhookJson(accountSid, await findDebuggerUrl(sql, accountSid))
  })

  scope.post(PATH, async (request) => {
    const accountSid = accountOf(request)
    const url = readUrl(formOf(request), 'CallbackUrl')
    if (url === undefined) throw new ApiError('parameter_invalid', 'CallbackUrl is required; an empty one clears it')
    await saveDebuggerUrl(sql, accountSid, url)
    return webhookJson(accountSid, url)
  })
}

const webhookJson = (accountSid: string, url: string | null) => ({
  account_sid: accountSid,
  callback_url: url,
  uri: `/2010-04-01/Accounts/${accountSid}/DebuggerWebhook.json`,
})
