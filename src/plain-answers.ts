/** What a request is answered that no room knows, or that fails where the room has no form of its own for errors. */
import type { FastifyError, FastifyInstance } from 'fastify'
import { isStoreAway } from '#store/connection.ts'
import { isApiPath, sendNotFound } from './api/api.ts'

export function answerPlainly(server: FastifyInstance): void {
  server.setNotFoundHandler((request, reply) => {
    if (isApiPath(request.url)) return sendNotFound(request, reply)
    return reply.code(404).send({ error: `There is nothing at ${request.url.split('?')[0]}` })
  })
  // Fastify's own would tell everybody what the error says: where the database is, for one.
  server.setErrorHandler((error: FastifyError, request, reply) => {
    if (isStoreAway(error)) {
      return reply.code(503).header('Retry-After', '1').send({ error: 'Service unavailable, try again shortly' })
    }
    const { statusCode = 500 } = error
    if (statusCode < 500) return reply.code(statusCode).send({ error: 'The request could not be read' })
    request.log.error({ reqId: request.id, err: error }, 'a request failed')
    return reply.code(500).send({ error: 'Internal error', request: request.id })
  })
}
