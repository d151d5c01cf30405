/** Meta's refusals (meta.md 3): always this shape, nearly always HTTP 400. Texts are the captured ones where known. */
import { newTraceId } from '../world/names.ts'

type Options = { subcode?: number; type?: string; status?: number; transient?: boolean }

export class GraphError extends Error {
  readonly code: number
  readonly subcode: number | undefined
  readonly type: string
  readonly status: number
  readonly transient: boolean | undefined

  constructor(code: number, message: string, options: Options = {}) {
    super(message)
    this.code = code
    this.subcode = options.subcode
    this.type = options.type ?? 'OAuthException'
    this.status = options.status ?? 400
    this.transient = options.transient
  }
}

export const errorBody = (error: GraphError) => ({
  error: {
    message: error.message,
    type: error.type,
    code: error.code,
    ...(error.subcode === undefined ? {} : { error_subcode: error.subcode }),
    ...(error.transient === undefined ? {} : { is_transient: error.transient }),
    fbtrace_id: newTraceId(),
  },
})

/** The value of the `WWW-Authenticate` header: Meta sends one with every error. */
export function challenge(error: GraphError): string {
  const kind = error.code === 190 ? 'invalid_token' : 'invalid_request'
  // A header takes neither quotes nor what is not printable ASCII.
  const text = error.message.replaceAll(/[^\x20-\x7e]/g, '?').replaceAll('"', "'")
  return `OAuth "Facebook Platform" "${kind}" "${text}"`
}

/** Code 100 with Meta's usual prefix. */
export const invalid = (message: string, subcode?: number): GraphError =>
  new GraphError(100, `(#100) ${message}`, subcode === undefined ? {} : { subcode })

export const required = (parameter: string): GraphError => invalid(`The parameter ${parameter} is required`)

export const tooLong = (parameter: string, max: number): GraphError =>
  invalid(`Length of param ${parameter} must be less than or equal to ${max}`)

export const notOneOf = (parameter: string, values: readonly string[], got: string): GraphError =>
  invalid(`Param ${parameter} must be one of {${values.join(', ')}} - got "${got.slice(0, 100)}".`)

/** An object that does not exist, is not the caller's, or does not do that (code 100, subcode 33). */
export const unsupported = (method: string, id: string): GraphError =>
  new GraphError(
    100,
    `Unsupported ${method.toLowerCase()} request. Object with ID '${id.slice(0, 100)}' does not exist, cannot be loaded ` +
      'due to missing permissions, or does not support this operation. Please read the Graph API documentation at ' +
      'https://developers.facebook.com/docs/graph-api',
    { subcode: 33, type: 'GraphMethodException' },
  )

export const noSuchUser = (): GraphError => invalid('No matching user found', 2018001)

/** The person blocked the Page. The prefix and the code differ in what Meta really sends (meta.md 0, fact 3). */
export const personUnavailable = (): GraphError =>
  new GraphError(200, "(#551) This person isn't available right now.", { subcode: 1545041 })

export const outsideWindow = (): GraphError =>
  new GraphError(
    10,
    '(#10) This message is sent outside of allowed window. Learn more about the new policy here: ' +
      'https://developers.facebook.com/docs/messenger-platform/policy-overview',
    { subcode: 2018278 },
  )
