/** Errors of the Twilio-compatible API: their shape to the key (twilio.md 2.1). */
import assert from 'node:assert/strict'
import type { Answer } from './gateway.ts'

export type TwilioError = { code: number; message: string; more_info: string; status: number }

/** Exactly `code, message, more_info, status` (and `detail` on a 401), and Twilio's headers. */
export function readTwilioError(answer: Pick<Answer, 'status' | 'headers' | 'text'>): TwilioError {
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, answer.text)
  assert.match(answer.headers.get('twilio-request-id') ?? '', /^RQ[0-9a-f]{32}$/)
  const error: TwilioError = JSON.parse(answer.text)
  const keys = ['code', ...(answer.status === 401 ? ['detail'] : []), 'message', 'more_info', 'status']
  assert.deepEqual(Object.keys(error), keys, answer.text)
  assert.equal(error.status, answer.status)
  assert.equal(error.more_info, `https://www.twilio.com/docs/errors/${error.code}`)
  assert.equal(typeof error.message, 'string')
  return error
}

export function assertTwilioError(answer: Answer, status: number, code: number, message?: RegExp): void {
  const error = readTwilioError(answer)
  assert.deepEqual([error.status, error.code], [status, code], answer.text)
  if (message) assert.match(error.message, message)
}
