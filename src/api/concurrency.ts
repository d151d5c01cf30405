/** How many requests of one account are under way on this node: `Twilio-Concurrent-Requests` (twilio.md 1.10). */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AccountSid } from '#core/ids.ts'
import { accountOf } from './authenticate.ts'

const underWay = new Map<AccountSid, number>()

/** On a scope that authenticates, after that: whoever is refused is not counted. */
export function countConcurrent(scope: FastifyInstance): void {
  scope.decorateRequest('countedFor', null)
  scope.addHook('onRequest', (request, _reply, done) => {
    const accountSid: AccountSid | null = accountOf(request)
    if (accountSid !== null) {
      request.setDecorator('countedFor', accountSid)
      underWay.set(accountSid, (underWay.get(accountSid) ?? 0) + 1)
    }
    done()
  })
}

/** The request is answered. Answers how many there were with it; counts down once per request. */
export function leave(request: FastifyRequest): number {
  const accountSid = request.getDecorator<AccountSid | null>('countedFor')
  if (accountSid === null) return 1
  request.setDecorator('countedFor', null)
  const count = underWay.get(accountSid) ?? 1
  if (count > 1) underWay.set(accountSid, count - 1)
  else underWay.delete(accountSid)
  return count
}
