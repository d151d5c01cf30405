/** Balance of the 2010 API. Nothing is charged here; what reads a balance finds none used. */
import type { FastifyInstance } from 'fastify'
import type { Flow } from '#messaging/flow.ts'
import { accountOf } from './authenticate.ts'

export function balanceRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.get('/2010-04-01/Accounts/:accountSid/Balance.json', async (request) => {
    const accountSid = accountOf(request)
    // A subaccount's answer says nothing of the parent's (Twilio's description of Balance).
    const hasBalance = (await flow.directory.account(accountSid))?.parentSid === null
    return { account_sid: accountSid, balance: hasBalance ? '0' : null, currency: hasBalance ? 'USD' : null }
  })
}
