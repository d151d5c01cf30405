import { AddressRefused, wasKeptAlive } from './address-guard.ts'
import type { RetryCause } from './overrides.ts'

/** Why a call brought no answer: Twilio's code and a sentence for the customer, without credentials. */
export type Failure = {
  code: number
  reason: string
  /** The policy under which another try makes sense; `kept-alive`: the old connection was at fault, a new one is not. */
  retryAs: RetryCause | 'kept-alive' | null
  /** It is our own policy that says no, and will go on saying so: nothing changes by waiting. */
  isForbidden?: true
}

/** Before the request is on the wire (name lookup, TCP, TLS); waiting for the answer's head; within its body. */
export type Stage = 'connect' | 'head' | 'body'

/** OpenSSL's verification results as Node names them, beside the rest, which are all "no path to a trusted root". */
const EXPIRED = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']
const UNTRUSTED = [
  'CERT_CHAIN_TOO_LONG',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function connectFailure(error: Error, host: string): Failure {
  const code = codeOf(error)
  if (error instanceof AddressRefused) {
    return { code: 11205, reason: error.message, retryAs: null, isForbidden: true }
  }
  if (code === 'ENOTFOUND') return { code: 11210, reason: `The host name of ${host} does not exist`, retryAs: null }
  if (code.startsWith('EAI_')) {
    return { code: 11210, reason: `The host name of ${host} could not be looked up (${code})`, retryAs: 'ct' }
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return { code: 11235, reason: `The certificate of ${host} is for another host name`, retryAs: null }
  }
  if (EXPIRED.includes(code)) {
    return { code: 11236, reason: `The certificate of ${host} is expired or not yet valid`, retryAs: null }
  }
  if (UNTRUSTED.includes(code)) {
    return { code: 11237, reason: `The certificate of ${host} leads to no trusted root (${code})`, retryAs: null }
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return { code: 11220, reason: `The TLS handshake with ${host} failed (${code})`, retryAs: null }
  }
  return { code: 11205, reason: `No connection to ${host} (${code || error.message})`, retryAs: 'ct' }
}

/** What an error of the HTTP client means. `host` is host and port. */
export function failureOf(error: Error, stage: Stage, host: string): Failure {
  if (stage === 'connect') return connectFailure(error, host)
  const code = codeOf(error)
  // Twilio files both a broken connection and malformed HTTP under 11206 (its page "11206: HTTP protocol violation").
  const broken = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code)
  const what = broken ? 'closed the connection before a complete answer' : 'did not answer in valid HTTP'
  const reason = `${host} ${what} (${code || error.name})`
  if (!broken) return { code: 11206, reason, retryAs: null }
  return { code: 11206, reason, retryAs: stage === 'head' && wasKeptAlive(error) ? 'kept-alive' : 'rt' }
}

/** What the answer's status means; undefined for a 2xx. Redirects are for the caller to follow first. */
export function statusFailure(status: number, host: string): Failure | undefined {
  if (status >= 200 && status < 300) return undefined
  const reason = `${host} answered with status ${status}`
  return { code: 11200, reason, retryAs: status >= 500 ? '5xx' : status >= 400 ? '4xx' : null }
}

export function timeFailure(stage: Stage, host: string, limitMs: number): Failure {
  return stage === 'connect'
    ? { code: 11205, reason: `No connection to ${host} within ${limitMs} ms`, retryAs: 'ct' }
    : { code: 11200, reason: `No complete answer from ${host} within ${limitMs} ms`, retryAs: 'rt' }
}
