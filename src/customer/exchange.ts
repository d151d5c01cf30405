import type { Dispatcher } from 'undici'
import { sharedClock } from '#core/clock.ts'
import { decodeBody, MAX_BODY_BYTES, storable } from './answer-body.ts'
import { type Failure, failureOf, type Stage, statusFailure, timeFailure } from './failures.ts'
import type { Target } from './target.ts'

/** One HTTP request and what came of it, as kept for the customer to look at. */
export type Exchange = {
  /** Without userinfo and fragment. */
  url: string
  method: 'GET' | 'POST' | 'HEAD'
  /** The credentials of an Authorization header are masked. */
  requestHeaders: Record<string, string>
  requestParams: Record<string, string>
  status: number | null
  responseHeaders: Record<string, string>
  /** At most 64 kB. */
  responseBody: string
  startedAt: Date
  durationMs: number
  errorCode: number | null
  errorText: string | null
}

export type Ask = {
  target: Target
  method: 'GET' | 'POST' | 'HEAD'
  headers: Record<string, string>
  /** Null: nothing but the URL is sent. */
  form: string | null
  /** What the request says, for the record. */
  params: Record<string, string>
  connectTimeoutMs: number
  readTimeoutMs: number
  /** The whole call's limit, and when it ends on `performance.now()`'s clock. */
  totalTimeoutMs: number
  deadlineMs: number
}

/** By lower-case name; a header that came several times has several values. */
type Headers = Record<string, string | string[] | undefined>

export type Reply = {
  record: Exchange
  /** 0: no answer at all. */
  status: number
  headers: Headers
  contentType: string | null
  body: string
  failure: Failure | null
}

type Received = { status: number; headers: Headers; raw: Buffer; tooLarge: boolean; failure: Failure | null }

/** Compressed text can be a little longer than the plain one. */
const MAX_RAW_BYTES = MAX_BODY_BYTES + 1024

/** Resolves when the answer is complete, too large to be read further, failed, or late; never rejects. */
function receive(ask: Ask, agent: Dispatcher): Promise<Received> {
  return new Promise((resolve) => {
    let stage: Stage = 'connect'
    let controller: Dispatcher.DispatchController | undefined
    let settled = false
    let size = 0
    const chunks: Buffer[] = []
    const received: Received = { status: 0, headers: {}, raw: Buffer.alloc(0), tooLarge: false, failure: null }

    const settle = (outcome: Partial<Received>) => {
      if (settled) return
      settled = true
      clearTimeout(total)
      clearTimeout(step)
      resolve({ ...received, raw: Buffer.concat(chunks), ...outcome })
    }
    const stop = (outcome: Partial<Received>) => {
      settle(outcome)
      controller?.abort(new Error('stopped'))
    }
    const late = (limitMs: number) => timeFailure(stage, ask.target.host, limitMs)
    const expire = () => stop({ failure: { ...late(ask.totalTimeoutMs), retryAs: null } })
    const total = setTimeout(expire, ask.deadlineMs - performance.now())
    let step = setTimeout(() => stop({ failure: late(ask.connectTimeoutMs) }), ask.connectTimeoutMs)

    agent.dispatch(
      {
        origin: ask.target.origin,
        path: ask.target.path,
        method: ask.method,
        headers: ask.headers,
        body: ask.form,
      },
      {
        // Called when a connection stands and the request is about to be written.
        onRequestStart(started) {
          controller = started
          if (settled) return started.abort(new Error('stopped'))
          stage = 'head'
          clearTimeout(step)
          step = setTimeout(() => stop({ failure: late(ask.readTimeoutMs) }), ask.readTimeoutMs)
        },
        onResponseStart(_, status, headers) {
          // An interim answer (1xx) comes this way too; the final one replaces it.
          if (status >= 200) stage = 'body'
          received.status = status
          received.headers = headers
          step.refresh()
        },
        onResponseData(_, chunk) {
          step.refresh()
          size += chunk.length
          chunks.push(chunk)
          if (size > MAX_RAW_BYTES) stop({ tooLarge: true })
        },
        onResponseEnd: () => settle({}),
        onResponseError: (_, error) => settle({ failure: failureOf(error, stage, ask.target.host) }),
      },
    )
  })
}

const text = (value: string | string[] | undefined): string => (Array.isArray(value) ? value.join(', ') : (value ?? ''))

function storableAll(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [storable(name), storable(text(value))]))
}

/** One request, once. Redirects and retries are the caller's. Every way it can fail is in `failure`. */
export async function exchange(ask: Ask, agent: Dispatcher): Promise<Reply> {
  const startedAt = sharedClock.now()
  const startedMs = performance.now()
  const { status, headers, raw, tooLarge, failure: broken } = await receive(ask, agent)
  const contentType = text(headers['content-type'])
  const decoded = await decodeBody(raw, text(headers['content-encoding']), contentType)
  const cut = raw.subarray(0, MAX_BODY_BYTES).toString()

  const { host } = ask.target
  let failure = broken ?? (status >= 300 && status < 400 ? null : (statusFailure(status, host) ?? null))
  if (!failure && (tooLarge || (!decoded.ok && decoded.problem === 'too-large'))) {
    failure = { code: 11750, reason: `The answer of ${host} is larger than ${MAX_BODY_BYTES} bytes`, retryAs: null }
  } else if (!failure && !decoded.ok) {
    failure = { code: 11206, reason: `The answer of ${host} is not valid gzip or plain text`, retryAs: null }
  }

  const compressed = headers['content-encoding'] !== undefined
  const record: Exchange = {
    url: ask.target.url,
    method: ask.method,
    requestHeaders: storableAll({ ...ask.headers, ...(ask.headers.Authorization && { Authorization: 'Basic ***' }) }),
    requestParams: storableAll(ask.params),
    status: status || null,
    responseHeaders: storableAll(headers),
    responseBody: storable(decoded.ok ? decoded.text : compressed ? '' : cut),
    startedAt,
    durationMs: Math.round(performance.now() - startedMs),
    errorCode: failure?.code ?? null,
    errorText: failure?.reason ?? null,
  }
  return { record, status, headers, contentType: contentType || null, body: decoded.ok ? decoded.text : '', failure }
}
