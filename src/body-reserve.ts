/**
 * Bodies that are on their way in, at the door of the web server: whoever announces large ones, and sends them slowly or
 * never, must not fill the memory before anybody has asked who they are. Small ones are not counted.
 */
import type { FastifyInstance } from 'fastify'
import { ApiError } from '#core/errors.ts'

/** Larger than any form of the API is in practice; thousands of connections of this size are borne. */
const SMALL_BYTES = 16 * 1024
/** Sixteen webhooks of the largest size. */
const RESERVE_BYTES = 64 * 1024 * 1024

/** Throws `ApiError` (20429) before the body is read, when large ones on their way and at work leave no room for it. */
export function reserveBodies(server: FastifyInstance): void {
  let taken = 0
  server.addHook('onRequest', (request, reply, done) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
    const { bodyLimit = 0 } = request.routeOptions
    // Without an announced length it may be as long as the route allows.
    const bytes = Math.min(length === undefined ? (encoding ? bodyLimit : 0) : Number(length) || 0, bodyLimit)
    if (bytes <= SMALL_BYTES) return done()
    if (taken + bytes > RESERVE_BYTES) {
      return done(new ApiError('too_many_requests', undefined, { retryAfterSeconds: 1 }))
    }
    taken += bytes
    reply.raw.once('close', () => {
      taken -= bytes
    })
    done()
  })
}
