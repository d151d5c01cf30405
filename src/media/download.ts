/**
 * Fetches a file from elsewhere into a local one. Comes in: a URL and what may be accepted. Goes out: the file with what
 * the server said of it, or the reason why there is none, as a value. Size and time are limited while it is read; only
 * addresses that the policy allows are reached, on every redirect anew.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { isHttpUrl } from '#core/callback-url.ts'
import { AddressRefused, customerAgent } from '#customer/address-guard.ts'
import { failureOf, type Stage, statusFailure, timeFailure } from '#customer/failures.ts'
import { readTarget, type Target } from '#customer/target.ts'
import type { Refusal } from './content-type.ts'
import { readFileName } from './file-name.ts'

export type DownloadRequest = {
  /** May hold user:password. */
  url: string
  /** Where the local file is made. */
  folder: string
  maxBytes: number
  mayReachPrivate: (url: string) => boolean
  /** Told what the server says it is, before the file is read. */
  refuse?: (declaredType: string | null) => Refusal | undefined
  signal: AbortSignal
  /** The longest wait for the head of an answer, and between two pieces of it. */
  waitMs?: number
  totalMs?: number
}

export type Downloaded = {
  ok: true
  /** The local file, which is the caller's now. */
  path: string
  bytes: number
  /** In hex. */
  sha256: string
  declaredType: string | null
  fileName: string | null
}

/** `retry`: it may go better in a while. */
export type NoDownload = Refusal & { ok: false; retry: boolean }

/** Of our own file system: no fault of the server's. */
const LOCAL = ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'ENOENT', 'EIO', 'EMFILE', 'ENFILE', 'EEXIST']
/** Of a connection that stood. */
const BROKEN = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

const MAX_REDIRECTS = 5
const WAIT_MS = 10_000
/** What Meta allows itself for a film (meta.md 2.3). */
const TOTAL_MS = 75_000

const refused = (code: number, reason: string, retry = false): NoDownload => ({ ok: false, code, reason, retry })

/** Throws when `signal` is aborted, or the local file cannot be written. */
export async function download(request: DownloadRequest): Promise<Downloaded | NoDownload> {
  const deadlineMs = performance.now() + (request.totalMs ?? TOTAL_MS)
  let url = request.url
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const target = readTarget(url)
    if (!target) return refused(11200, 'The media URL is not a valid http or https URL')
    const result = await fetchOnce({ ...request, url }, target, deadlineMs)
    if (!('location' in result)) return result
    const next = nextUrl(url, result.location)
    if (!next) return refused(11200, `${target.host} redirects to no valid URL`)
    url = next
  }
  return refused(11200, `More than ${MAX_REDIRECTS} redirects`)
}

type Head = { status: number; headers: Record<string, string | string[] | undefined> }

async function fetchOnce(
  request: DownloadRequest,
  target: Target,
  deadlineMs: number,
): Promise<Downloaded | NoDownload | { location: string }> {
  const watch = startWatch(request, deadlineMs)
  let stage: Stage = 'connect'
  try {
    const { statusCode, headers, body } = await customerAgent(request.mayReachPrivate(target.url)).request({
      origin: target.origin,
      path: target.path,
      method: 'GET',
      headers: headersFor(target),
      signal: watch.signal,
    })
    stage = 'body'
    watch.refresh()
    const verdict = judge({ status: statusCode, headers }, request, target)
    if (verdict) {
      // The connection is of no more use: what would still come is not wanted.
      body.on('error', () => {}).destroy()
      return verdict
    }
    const file = await write(body, text(headers['content-encoding']), request, watch.refresh)
    const disposition = text(headers['content-disposition'])
    return {
      ok: true,
      ...file,
      declaredType: text(headers['content-type']) ?? null,
      fileName: readFileName(disposition, request.url),
    }
  } catch (error) {
    request.signal.throwIfAborted()
    const tookMs = watch.expired()
    if (tookMs > 0) return refused(11200, timeFailure('body', target.host, Math.round(tookMs)).reason, true)
    if (error instanceof TooLarge) return tooLarge(request.maxBytes)
    const { code = '' } = error as { code?: string }
    if (stage === 'body' && LOCAL.includes(code)) throw error
    if (BROKEN.includes(code)) stage = 'head'
    const { reason } = failureOf(error instanceof Error ? error : new Error(String(error)), stage, target.host)
    return refused(63019, reason, !(error instanceof AddressRefused))
  } finally {
    watch.stop()
  }
}

/** Undefined for an answer whose body is to be read. */
function judge({ status, headers }: Head, request: DownloadRequest, target: Target) {
  const location = text(headers.location)
  if (status >= 300 && status < 400 && location !== undefined) return { location }
  const failure = statusFailure(status, target.host)
  if (failure) return refused(11200, failure.reason, status >= 500 || status === 408 || status === 429)
  const refusal = request.refuse?.(text(headers['content-type']) ?? null)
  if (refusal) return refused(refusal.code, refusal.reason)
  return Number(text(headers['content-length'])) > request.maxBytes ? tooLarge(request.maxBytes) : undefined
}

class TooLarge extends Error {}

const tooLarge = (maxBytes: number) => refused(11751, `The file is larger than ${maxBytes} bytes`)

async function write(body: Readable, encoding: string | undefined, request: DownloadRequest, refresh: () => void) {
  const path = join(request.folder, randomUUID())
  const hash = createHash('sha256')
  let bytes = 0
  const count = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      refresh()
      bytes += chunk.length
      if (bytes > request.maxBytes) throw new TooLarge()
      hash.update(chunk)
      yield chunk
    }
  }
  const out = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  try {
    // It was asked for as it is; some servers compress nevertheless.
    if (/^(x-)?gzip$/i.test(encoding ?? '')) await pipeline(body, createGunzip(), count, out)
    else await pipeline(body, count, out)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { path, bytes, sha256: hash.digest('hex') }
}

/** Ends a request that stands still or takes too long. */
function startWatch({ signal, waitMs = WAIT_MS }: DownloadRequest, deadlineMs: number) {
  const controller = new AbortController()
  const startedMs = performance.now()
  let expiredAfterMs = 0
  const expire = () => {
    expiredAfterMs = performance.now() - startedMs
    controller.abort(new Error('too late'))
  }
  let step = setTimeout(expire, waitMs)
  const total = setTimeout(expire, deadlineMs - startedMs)
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    /** How long it took, when that was too long; else 0. */
    expired: () => expiredAfterMs,
    refresh: () => {
      clearTimeout(step)
      step = setTimeout(expire, waitMs)
    },
    stop: () => {
      clearTimeout(step)
      clearTimeout(total)
    },
  }
}

const headersFor = (target: Target): Record<string, string> => ({
  Host: target.host,
  'User-Agent': 'TwilioProxy/1.1',
  Accept: '*/*',
  'Accept-Encoding': 'identity',
  ...(target.authorization && { Authorization: target.authorization }),
})

/** Credentials belong to an origin. A Location within it seldom repeats them. */
function nextUrl(from: string, location: string): string | undefined {
  const current = new URL(from)
  const next = URL.parse(location, from)
  if (!next || !isHttpUrl(next.href)) return undefined
  if (next.origin === current.origin && !next.username && !next.password) {
    next.username = current.username
    next.password = current.password
  }
  next.hash = ''
  return next.href
}

const text = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)
