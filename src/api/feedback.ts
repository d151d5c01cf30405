/** Message Feedback of the 2010 API: what the customer says became of a message (twilio.md 1.9). */
import type { FastifyInstance } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { fromSid, messageSid } from '#core/ids.ts'
import type { Flow } from '#messaging/flow.ts'
import { type Outcome, saveFeedback } from '#store/feedback.ts'
import { findMessage } from '#store/messages.ts'
import { notFound } from './answers.ts'
import { accountOf } from './authenticate.ts'
import { formOf } from './form.ts'
import { rfc2822 } from './message-json.ts'

const OUTCOMES: readonly Outcome[] = ['confirmed', 'unconfirmed']

export function feedbackRoutes(scope: FastifyInstance, flow: Flow): void {
  scope.post('/2010-04-01/Accounts/:accountSid/Messages/:messageSid/Feedback.json', async (request) => {
    const accountSid = accountOf(request)
    const sid = (request.params as { messageSid: string }).messageSid
    const id = fromSid(sid, 'SM', 'MM')
    const message = id && (await findMessage(flow.sql, accountSid, id))
    if (!message || messageSid(message.id, message.numMedia).slice(0, 2) !== sid.slice(0, 2)) throw notFound(request)
    const given = formOf(request).one('Outcome') || 'confirmed'
    const outcome = OUTCOMES.find((each) => each === given)
    if (!outcome) throw new ApiError('parameter_invalid', "Invalid Outcome: expected 'confirmed' or 'unconfirmed'")
    const feedback = await saveFeedback(flow.sql, accountSid, message.id, outcome)
    if (!feedback) throw new ApiError('parameter_invalid', 'Feedback is about messages to a person')
    const ownSid = messageSid(message.id, message.numMedia)
    return {
      account_sid: accountSid,
      message_sid: ownSid,
      outcome: feedback.outcome,
      date_created: rfc2822(feedback.createdAt),
      date_updated: rfc2822(feedback.updatedAt),
      uri: `/2010-04-01/Accounts/${accountSid}/Messages/${ownSid}/Feedback.json`,
    }
  })
}
