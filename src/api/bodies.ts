/** Which bodies a scope takes. Anything else is a 415, but on DELETE, where a body and its type mean nothing. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '#core/errors.ts'
import { readForm } from './form.ts'

/** `request.body` is a `Form`. */
export function takeForms(scope: FastifyInstance): void {
  takeNothing(scope)
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, readForm(body as string)),
  )
}

/** `request.body` is what the JSON says. A key `__proto__` is refused. */
export function takeJson(scope: FastifyInstance): void {
  takeNothing(scope)
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    request.method === 'DELETE' ? done(null) : parse(request, body as string, done),
  )
}

function takeNothing(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request: FastifyRequest, payload, done) => {
    payload.resume()
    done(request.method === 'DELETE' ? null : new ApiError('media_type_unsupported'))
  })
}
