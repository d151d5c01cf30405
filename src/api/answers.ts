/** How every answer of the Twilio-compatible API looks: its headers, its errors (twilio.md 1.10, 2.1). */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, moreInfo } from '#core/errors.ts'
import { isStoreAway } from '#store/connection.ts'

/** On a scope whose routes are Twilio's: request id, errors in Twilio's shape, 404 and 405 too. */
export function answerLikeTwilio(scope: FastifyInstance): void {
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('Twilio-Request-Id', request.id)
    reply.header('Twilio-Concurrent-Requests', '1')
  })
  scope.addHook('onSend', async (_request, reply) => {
    reply.header('Twilio-Request-Duration', (reply.elapsedTime / 1000).toFixed(3))
  })
  scope.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply))
}

export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const mistake = asMistake(error)
  if (mistake.key === 'internal') request.log.error({ err: error }, 'a request failed')
  if (mistake.status === 401) reply.header('WWW-Authenticate', 'Basic realm="Twilio API"')
  if (mistake.retryAfterSeconds !== undefined) reply.header('Retry-After', String(mistake.retryAfterSeconds))
  const { code, message, status } = mistake
  return reply
    .code(status)
    .type('application/json')
    .send({ code, ...(status === 401 && { detail: '' }), message, more_info: moreInfo(code), status })
}

function asMistake(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (isStoreAway(error)) return new ApiError('unavailable', undefined, { retryAfterSeconds: 1 })
  const { code, statusCode } = error as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ApiError('body_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new ApiError('media_type_unsupported')
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiError('parameter_invalid', 'The request could not be read')
  }
  return new ApiError('internal')
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ''] = request.url.split('?')
  return sendError(new ApiError('not_found', `The requested resource ${path} was not found`), request, reply)
}

/** For a path that exists with other methods. */
export function sendMethodNotAllowed(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendError(new ApiError('method_not_allowed'), request, reply)
}

export const notFound = (request: FastifyRequest): ApiError => {
  const [path = ''] = request.url.split('?')
  return new ApiError('not_found', `The requested resource ${path} was not found`)
}
