/** Looking at an instance now, and test requests to the customer's server. */
import { Type } from 'typebox'
import { fromSid } from '#core/ids.ts'
import { examineSender } from '#messaging/examine-sender.ts'
import { CALLBACKS, type CallbackName } from '#messaging/sender-callbacks.ts'
import { tryCallback } from '#messaging/try-callback.ts'
import { findSender, type Sender } from '#store/senders.ts'
import { findService } from '#store/services.ts'
import type { Health, TestResult } from './contract/channels.ts'
import { Refusal, type Routes } from './route.ts'
import { healthOf } from './sender-view.ts'

const Which = Type.Object({ which: Type.Unsafe<CallbackName>(Type.String({ enum: CALLBACKS })) })

export function senderHealthRoutes({ flow, add }: Routes): void {
  const { sql, vault } = flow
  const url = '/accounts/:accountSid/channels/messenger/senders/:sid'

  add({ method: 'POST', url: `${url}/check`, needs: 'configure' }, async ({ account, params }): Promise<Health> => {
    const sender = await senderOf(account.sid, params.sid)
    return healthOf(await examineSender(flow, account.sid, sender.id))
  })

  add(
    { method: 'POST', url: `${url}/test`, needs: 'configure', body: Which },
    async ({ account, params, body }): Promise<TestResult> => {
      const sender = await senderOf(account.sid, params.sid)
      const service = sender.serviceId && (await findService(sql, account.sid, sender.serviceId))
      const trial = await tryCallback(flow, sender, service || null, body.which)
      if (!trial) throw new Refusal(409, 'There is no such URL to call: set and save it first')
      const { exchanges, problem, replies, warnings, forgeryRefused } = trial
      return {
        exchanges: exchanges.map(({ startedAt: _, errorCode: _code, errorText: _text, ...exchange }) => exchange),
        problem,
        replies,
        warnings: warnings.map(({ code, text }) => ({ code, text })),
        forgeryRefused,
      }
    },
  )

  async function senderOf(accountSid: string, sid = ''): Promise<Sender> {
    const id = fromSid(sid, 'XE')
    const sender = id && (await findSender(sql, vault, accountSid, id))
    if (!sender) throw new Refusal(404, 'This instance is gone: somebody removed it')
    return sender
  }
}
