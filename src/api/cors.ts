/**
 * What pages of other origins may do, as Twilio says it (twilio.md 1.10). Credentials come with each request and never
 * in a cookie, so a page can do no more than whoever wrote it knows the credentials for.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const DETAILS = {
  'Access-Control-Allow-Headers':
    'Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, Idempotency-Key',
  'Access-Control-Allow-Methods': 'GET, POST, PATCH, PUT, DELETE, OPTIONS',
  'Access-Control-Expose-Headers': 'ETag',
  'Access-Control-Allow-Credentials': 'true',
}

/** The details only to a browser, which tells its origin: to all others they would be 4 µs of each answer (2026-11-22). */
export function allowOrigins(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('Access-Control-Allow-Origin', '*')
  if (request.headers.origin !== undefined || request.method === 'OPTIONS') reply.headers(DETAILS)
}

/** Browsers ask without credentials. */
export function answerPreflights(scope: FastifyInstance, url: string): void {
  scope.options(url, { config: { isOpen: async () => true } }, async (_request, reply) => reply.code(204).send())
}
