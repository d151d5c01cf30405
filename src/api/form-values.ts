/** Values of form parameters that several resources share. `undefined`: not given; the caller decides what that means. */
import { isCallbackUrl, isHttpMethod } from '#core/callback-url.ts'
import { ApiError } from '#core/errors.ts'
import type { Method } from '#store/senders.ts'
import type { Form } from './form.ts'

const MAX_NAME_LENGTH = 64

/** 1 to 64 characters, none of them a control character (twilio.md 2.3, code 20002). */
export function readFriendlyName(form: Form): string | undefined {
  const text = form.one('FriendlyName')
  if (text === null) return undefined
  const isName = text.isWellFormed() && !/\p{Cc}/u.test(text) && text.trim() !== ''
  if (!isName || [...text].length > MAX_NAME_LENGTH) throw new ApiError('friendly_name_invalid')
  return text
}

/** An empty one is null: it clears. */
export function readUrl(form: Form, name: string): string | null | undefined {
  const text = form.one(name)
  if (text === null) return undefined
  if (text === '') return null
  if (isCallbackUrl(text)) return text
  const expected = 'an http(s) URL with a valid host name (no underscore), or a path starting with /'
  throw new ApiError('url_invalid', `Invalid ${name}: expected ${expected}`)
}

/** An empty one is as none. */
export function readMethod(form: Form, name: string): Method | undefined {
  const text = form.one(name)?.toUpperCase()
  if (text === undefined || text === '') return undefined
  if (!isHttpMethod(text)) throw new ApiError('method_invalid', `Invalid ${name}: expected GET or POST`)
  return text
}

export function readBoolean(form: Form, name: string): boolean | undefined {
  const text = form.one(name)?.toLowerCase()
  if (text === undefined || text === '') return undefined
  if (text !== 'true' && text !== 'false') {
    throw new ApiError('parameter_invalid', `Invalid ${name}: expected true or false`)
  }
  return text === 'true'
}

/** One of `allowed`; an empty one is as none. */
export function readOneOf<Value extends string>(
  form: Form,
  name: string,
  allowed: readonly Value[],
): Value | undefined {
  const text = form.one(name)
  if (text === null || text === '') return undefined
  const value = allowed.find((each) => each === text)
  if (value === undefined) throw new ApiError('parameter_invalid', `Invalid ${name}: one of ${allowed.join(', ')}`)
  return value
}
