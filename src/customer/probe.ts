/**
 * Asks whether a callback URL can be reached, without telling anything: a HEAD, which HTTP calls safe (RFC 9110, 9.2.1).
 * Whatever the server answers, also that it knows no HEAD, shows that name, network and certificate are in order.
 */
import { customerAgent } from './address-guard.ts'
import { exchange } from './exchange.ts'
import { parseOverrides } from './overrides.ts'
import { sign } from './signature.ts'
import { readTarget } from './target.ts'

export type Probed = { ok: true; status: number; durationMs: number } | { ok: false; reason: string }

const TOTAL_TIMEOUT_MS = 10_000

/** `url` absolute. Redirects are not followed: whoever redirects is there. */
export async function probe(url: string, authToken: string, allowPrivate: boolean): Promise<Probed> {
  const overrides = parseOverrides(url)
  if (!overrides.ok) return { ok: false, reason: overrides.reason }
  const target = readTarget(overrides.url)
  if (!target) return { ok: false, reason: 'The URL is not a valid http or https URL' }
  const headers = {
    Host: target.host,
    'User-Agent': 'TwilioProxy/1.1',
    Accept: '*/*',
    'X-Twilio-Signature': sign(target.url, {}, authToken),
    ...(target.authorization && { Authorization: target.authorization }),
  }
  const ask = { target, method: 'HEAD' as const, headers, form: null, params: {} }
  const { connectTimeoutMs, readTimeoutMs } = overrides
  const limits = { connectTimeoutMs, readTimeoutMs, totalTimeoutMs: TOTAL_TIMEOUT_MS }
  const { status, record, failure } = await exchange(
    { ...ask, ...limits, deadlineMs: performance.now() + TOTAL_TIMEOUT_MS },
    customerAgent(allowPrivate),
  )
  if (status > 0) return { ok: true, status, durationMs: record.durationMs }
  return { ok: false, reason: failure?.reason ?? 'No answer' }
}
