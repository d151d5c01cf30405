/**
 * Calls the customer's server. In: a URL with the parameters of an event. Out: the answer, or the reason why there is
 * none, as a value, and every HTTP request that was made. It must never reach an address that the policy forbids, sign
 * with anything but the given token, or hand credentials and cookies to an origin they were not meant for.
 */
import type { Dispatcher } from 'undici'
import { isHttpUrl } from '#core/callback-url.ts'
import { sharedClock } from '#core/clock.ts'
import { closeCustomerAgents, customerAgent } from './address-guard.ts'
import { cookieHeader, keepCookies, readJar, writeJar } from './cookies.ts'
import { type Exchange, exchange, type Reply } from './exchange.ts'
import type { Failure } from './failures.ts'
import { type Overrides, parseOverrides } from './overrides.ts'
import { sign } from './signature.ts'
import { readTarget, type Target, withQuery } from './target.ts'

export type { Exchange } from './exchange.ts'

export type CustomerCall = {
  /** Absolute; may hold user:password and #overrides. */
  url: string
  method: 'GET' | 'POST'
  params: Record<string, string>
  /** The account's primary auth token: the key of the signature. */
  authToken: string
  /** The same for every try of one event, and sent as `I-Twilio-Idempotency-Token`. */
  idempotencyToken: string
  /** What an earlier answer of this conversation left, as it was returned. */
  cookies: string | null
  allowPrivate: boolean
}

export type CustomerAnswer =
  | {
      ok: true
      /** 2xx. */
      status: number
      contentType: string | null
      body: string
      /** After redirects, without fragment. Base for relative URLs, so it still holds the URL's user:password. */
      url: string
      cookies: string | null
      exchanges: Exchange[]
    }
  | CustomerFailure

export type CustomerFailure = Pick<Failure, 'code' | 'reason' | 'isForbidden'> & {
  ok: false
  status: number | null
  exchanges: Exchange[]
}

const MAX_REDIRECTS = 10

type Hop = { url: string; method: 'GET' | 'POST'; params: Record<string, string> }

/** The headers of one request (twilio.md 3.3); each hop is signed for its own URL. */
function headersFor(hop: Hop, target: Target, call: CustomerCall, cookies: string | null): Record<string, string> {
  const isPost = hop.method === 'POST'
  return {
    Host: target.host,
    'User-Agent': 'TwilioProxy/1.1',
    Accept: '*/*',
    'Accept-Encoding': 'gzip',
    'Cache-Control': 'max-age=259200',
    ...(isPost && { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' }),
    'X-Twilio-Signature': sign(target.url, isPost ? hop.params : {}, call.authToken),
    'I-Twilio-Idempotency-Token': call.idempotencyToken,
    ...(target.authorization && { Authorization: target.authorization }),
    ...(cookies && { Cookie: cookies }),
  }
}

/** Header bytes beyond ASCII are UTF-8 as a rule, but arrive one character per byte; encoded as bytes they stay right. */
const percentEncoded = (header: string): string =>
  header.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * Where an answer sends us; undefined when it is no redirect, a failure when it is a bad one (Twilio's 11216). 307 and
 * 308 repeat the request. The others turn a POST into a GET without parameters, as browsers do and as Twilio's proxy was
 * seen to do (twilio/OpenVBX pull request 199, 2012-03-17); Twilio's own page on 11216 lists 301, 302, 303 and 307.
 */
function nextHop(hop: Hop, reply: Reply): Hop | Failure | undefined {
  if (reply.failure || reply.status < 300) return undefined
  const { location } = reply.headers
  const current = new URL(hop.url)
  const next = typeof location === 'string' ? URL.parse(percentEncoded(location), hop.url) : null
  if (![301, 302, 303, 307, 308].includes(reply.status) || !next || !isHttpUrl(next.href)) {
    return { code: 11216, reason: `Status ${reply.status} without a valid Location`, retryAs: null }
  }
  // Credentials belong to an origin. A Location within it seldom repeats them.
  if (next.origin === current.origin && !next.username && !next.password) {
    next.username = current.username
    next.password = current.password
  }
  next.hash = ''
  const repeats = hop.method === 'POST' && (reply.status === 307 || reply.status === 308)
  return repeats ? { ...hop, url: next.href } : { url: next.href, method: 'GET', params: {} }
}

function mayRetry(failure: Failure, overrides: Overrides, retries: number): boolean {
  if (retries >= overrides.retryCount || failure.retryAs === null) return false
  // A server may close an idle connection just as we use it. The idempotency token makes a repetition safe there, which
  // is also the rule of Go's net/http; no customer should have to ask for it.
  return failure.retryAs === 'kept-alive' ? retries === 0 : overrides.retryPolicy.has(failure.retryAs)
}

/**
 * One call in Twilio's manner (twilio.md 3.3 to 3.6): 15 s in all, connects of 5 s, only a failed connect tried again,
 * unless the URL's overrides say otherwise; redirects followed; 2xx is an answer, everything else a failure.
 */
export async function callCustomer(
  call: CustomerCall,
  agent: Dispatcher = customerAgent(call.allowPrivate),
): Promise<CustomerAnswer> {
  const exchanges: Exchange[] = []
  const fail = (failure: Pick<Failure, 'code' | 'reason' | 'isForbidden'>, status = 0): CustomerAnswer => {
    const { code, reason, isForbidden } = failure
    return { ok: false, code, reason, ...(isForbidden && { isForbidden }), status: status || null, exchanges }
  }
  const overrides = parseOverrides(call.url)
  if (!overrides.ok) return fail(overrides)

  const { connectTimeoutMs, readTimeoutMs, totalTimeoutMs } = overrides
  const limits = { connectTimeoutMs, readTimeoutMs, totalTimeoutMs, deadlineMs: performance.now() + totalTimeoutMs }
  const { method, params } = call
  let jar = readJar(call.cookies, sharedClock.now())
  let hop: Hop = { url: method === 'GET' ? withQuery(overrides.url, params) : overrides.url, method, params }
  let retries = 0

  for (let redirects = 0; redirects <= MAX_REDIRECTS; ) {
    const target = readTarget(hop.url)
    if (!target) return fail({ code: 11100, reason: 'The URL is not a valid http or https URL' })
    const headers = headersFor(hop, target, call, cookieHeader(jar, new URL(target.url), sharedClock.now()))
    const form = hop.method === 'POST' ? new URLSearchParams(hop.params).toString() : null
    const reply = await exchange({ target, method: hop.method, headers, form, params: hop.params, ...limits }, agent)
    exchanges.push(reply.record)
    jar = keepCookies(jar, new URL(target.url), [reply.headers['set-cookie'] ?? []].flat(), sharedClock.now())

    const next = reply.failure ?? nextHop(hop, reply)
    if (next && 'url' in next) {
      hop = next
      redirects += 1
    } else if (next && mayRetry(next, overrides, retries) && performance.now() < limits.deadlineMs) {
      retries += 1
    } else if (next) {
      Object.assign(reply.record, { errorCode: next.code, errorText: next.reason })
      return fail(next, reply.status)
    } else {
      const { status, contentType, body } = reply
      return { ok: true, status, contentType, body, url: hop.url, cookies: writeJar(jar), exchanges }
    }
  }
  return fail({ code: 11215, reason: `More than ${MAX_REDIRECTS} redirects` }, exchanges.at(-1)?.status ?? 0)
}

/** Lets running calls finish and closes the kept connections. */
export async function closeCustomerConnections(): Promise<void> {
  await closeCustomerAgents()
}
