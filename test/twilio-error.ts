/** Errors of the Twilio-compatible API: their shape to the key, in JSON and in XML (twilio.md 0.4, 2.1). */
import assert from 'node:assert/strict'
import type { Answer } from './gateway.ts'
import { fieldsOf, readTwilioXml } from './twilio-xml.ts'

export type TwilioError = { code: number; message: string; more_info: string; status: number }

/** Exactly `code, message, more_info, status` (and `detail` on a 401), and Twilio's headers. */
export function readTwilioError(answer: Pick<Answer, 'status' | 'headers' | 'text'>): TwilioError {
  assert.match(answer.headers.get('twilio-request-id') ?? '', /^RQ[0-9a-f]{32}$/)
  const isXml = /^application\/xml/.test(answer.headers.get('content-type') ?? '')
  const error = isXml ? readXmlError(answer.text) : readJsonError(answer)
  const keys = ['code', ...(answer.status === 401 ? ['detail'] : []), 'message', 'more_info', 'status']
  assert.deepEqual(Object.keys(error), keys, answer.text)
  assert.equal(error.status, answer.status)
  assert.equal(error.more_info, `https://www.twilio.com/docs/errors/${error.code}`)
  assert.equal(typeof error.message, 'string')
  return error
}

function readJsonError(answer: Pick<Answer, 'headers' | 'text'>): TwilioError {
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, answer.text)
  return JSON.parse(answer.text)
}

function readXmlError(text: string): TwilioError {
  const error = readTwilioXml(text)
  assert.equal(error.name, 'RestException')
  const { Code, Message = '', MoreInfo = '', Status, ...others } = fieldsOf(error)
  const detail = 'Detail' in others ? { detail: others.Detail } : {}
  return { code: Number(Code), ...detail, message: Message, more_info: MoreInfo, status: Number(Status) }
}

export function assertTwilioError(answer: Answer, status: number, code: number, message?: RegExp): void {
  const error = readTwilioError(answer)
  assert.deepEqual([error.status, error.code], [status, code], answer.text)
  if (message) assert.match(error.message, message)
}
