/** How every answer of the Twilio-compatible API looks: its headers, its form, its errors (twilio.md 0.4, 1.10, 2.1). */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, moreInfo } from '#core/errors.ts'
import { isStoreAway } from '#store/connection.ts'
import { leave } from './concurrency.ts'
import { allowOrigins } from './cors.ts'
import { represent, representationOf } from './representation.ts'

/** On a scope whose routes are Twilio's: Twilio's headers and representations, and errors in Twilio's shape. */
export function answerLikeTwilio(scope: FastifyInstance): void {
  scope.addHook('onSend', (request, reply, payload, done) => {
    stamp(request, reply, leave(request))
    done(null, typeof payload === 'string' ? inItsForm(request, reply, payload) : payload)
  })
  scope.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply))
}

function stamp(request: FastifyRequest, reply: FastifyReply, concurrent: number): void {
  reply.header('Twilio-Request-Id', request.id)
  reply.header('Twilio-Concurrent-Requests', String(concurrent))
  reply.header('Twilio-Request-Duration', (reply.elapsedTime / 1000).toFixed(3))
  allowOrigins(request, reply)
}

/** `payload`: what the route has answered, in JSON. */
function inItsForm(request: FastifyRequest, reply: FastifyReply, payload: string): string {
  const kind = representationOf(request.originalUrl)
  if (kind === 'json' || payload === '' || !String(reply.getHeader('content-type')).includes('json')) return payload
  const [path = ''] = request.url.split('?')
  const { type, text, next } = represent(kind, path, JSON.parse(payload), reply.statusCode >= 400)
  reply.type(type)
  if (next !== null) reply.header('Link', `<${next}>; rel="next"`)
  return text
}

/** Also for what never reaches a route, and so none of the scope's hooks. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const mistake = asMistake(error, request)
  stamp(request, reply, 1)
  if (mistake.key === 'internal') request.log.error({ reqId: request.id, err: error }, 'a request failed')
  if (mistake.status === 401) reply.header('WWW-Authenticate', 'Basic realm="Twilio API"')
  if (mistake.retryAfterSeconds !== undefined) reply.header('Retry-After', String(mistake.retryAfterSeconds))
  const { code, message, status } = mistake
  const answer = { code, ...(status === 401 && { detail: '' }), message, more_info: moreInfo(code), status }
  reply.code(status).type('application/json')
  return reply.send(inItsForm(request, reply, JSON.stringify(answer)))
}

/** What Fastify refuses before a handler runs, by its own code. */
const REFUSALS: Record<string, (request: FastifyRequest) => ApiError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new ApiError('body_too_large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => new ApiError('media_type_unsupported'),
  FST_ERR_BAD_URL: () => new ApiError('parameter_invalid', 'The URL has a malformed percent encoding'),
  // No id of ours is that long.
  FST_ERR_MAX_PARAM_LENGTH: (request) => notFound(request),
}

/** URLs and methods have codes of their own, whatever is wrong with them. */
function asNotDescribed(validation: NonNullable<FastifyError['validation']>): ApiError {
  const { instancePath = '', message = 'not as documented' } = validation[0] ?? {}
  const name = instancePath.slice(1).replaceAll('/', '.')
  const key = name.endsWith('_url') ? 'url_invalid' : name.endsWith('_method') ? 'method_invalid' : 'parameter_invalid'
  const values = validation
    .filter((each) => each.instancePath === instancePath && each.keyword === 'const')
    .map((each) => String(each.params.allowedValue))
  const expected = values.length > 0 ? `expected ${values.join(', ')}` : message
  return new ApiError(key, `Invalid ${name || 'request body'}: ${expected}`)
}

function asMistake(error: unknown, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error
  if (isStoreAway(error)) return new ApiError('unavailable', undefined, { retryAfterSeconds: 1 })
  const { code = '', statusCode, validation } = error as Partial<FastifyError>
  const refusal = Object.hasOwn(REFUSALS, code) ? REFUSALS[code]?.(request) : undefined
  if (refusal) return refusal
  if (validation?.[0]) return asNotDescribed(validation)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiError('parameter_invalid', 'The request body could not be read')
  }
  return new ApiError('internal')
}

export const notFound = (request: FastifyRequest): ApiError =>
  new ApiError('not_found', `The requested resource ${pathOf(request)} was not found`)

/** As the caller wrote it. */
function pathOf(request: FastifyRequest): string {
  const [path = ''] = (request.originalUrl ?? request.url).split('?')
  return path
}
