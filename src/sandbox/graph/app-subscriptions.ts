/** `/{app}/subscriptions`: where an app wants its webhooks, proven by a challenge (meta.md 1.2, 5.7). */
import { randomInt } from 'node:crypto'
import { request } from 'undici'
import { findAppSubscription, putAppSubscription, removeAppSubscription } from '../world/apps.ts'
import type { Handler } from './call.ts'
import { GraphError, notOneOf, required, unsupported } from './error.ts'
import { knownFields } from './page.ts'
import { neededText, textOf } from './params.ts'
import { webUrl } from './template.ts'

const TIMEOUT_MS = 5000

export const handleAppSubscriptions: Handler = async (world, call) => {
  const { caller, method, params } = call
  if (caller.kind !== 'app') throw new GraphError(15, '(#15) This method must be called with an app access_token.')
  const appId = caller.app.id
  if (call.node !== appId) throw unsupported(method, call.node)
  if (method === 'GET') {
    const found = await findAppSubscription(world.sql, appId)
    if (found === undefined) return { data: [] }
    const fields = found.fields.map((name) => ({ name, version: call.version }))
    return { data: [{ object: 'page', callback_url: found.callbackUrl, active: true, fields }] }
  }
  const object = textOf(params.object, 'object', 100)
  if (method === 'POST' && object === undefined) throw required('object')
  if (object !== undefined && object !== 'page') throw notOneOf('object', ['page'], object)
  const fields = knownFields(params.fields, 'fields')
  if (method === 'DELETE') {
    await removeAppSubscription(world.sql, appId, fields)
  } else {
    const callbackUrl = webUrl(params.callback_url, 'callback_url')
    const verifyToken = neededText(params.verify_token, 'verify_token', 1000)
    await verify(callbackUrl, verifyToken)
    await putAppSubscription(world.sql, appId, { callbackUrl, verifyToken, fields: fields ?? [] })
  }
  world.feed.publish({ type: 'state' })
  return { success: true }
}

/** Asks the URL for the challenge; anything else than 200 and the challenge itself is refused with code 2200. */
async function verify(callbackUrl: string, verifyToken: string): Promise<void> {
  const challenge = String(randomInt(10 ** 8, 10 ** 10))
  const url = new URL(callbackUrl)
  url.searchParams.set('hub.mode', 'subscribe')
  url.searchParams.set('hub.challenge', challenge)
  url.searchParams.set('hub.verify_token', verifyToken)
  let status = 0
  let answer = ''
  try {
    const response = await request(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    status = response.statusCode
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      answer += chunk.toString('latin1')
      if (answer.length > 10_000) break
    }
  } catch {
    // Status 0 tells it.
  }
  if (status !== 200) throw failed(`HTTP Status Code = ${status}`)
  if (answer.trim() !== challenge) {
    throw failed(`Response does not match challenge, expected value="${challenge}", received="${answer.slice(0, 40)}"`)
  }
}

const failed = (why: string): GraphError =>
  new GraphError(2200, `(#2200) Callback verification failed with the following errors: ${why}`)
