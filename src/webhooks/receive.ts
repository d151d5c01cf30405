/**
 * What Meta posts. Comes in: raw bytes with a signature. Goes out: 200 once everything in them is on disk; 403 for a
 * wrong signature, 400 for what is not a JSON object, 503 when the store is away, so that Meta tries again. Must read the
 * bytes as they came: decoding first would break the signature.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Channel, ProviderApp } from '#core/channel.ts'
import type { Flow } from '#messaging/flow.ts'
import { receiveEvents } from '#messaging/receive-event.ts'

/** Meta names no limit (meta.md 1.3); a batch of everything a Page can hold stays below this. */
const BODY_LIMIT_BYTES = 4 * 1024 * 1024

/** `/webhooks/messenger` belongs to the default app, `/webhooks/messenger/{app id}` to any. */
export async function registerWebhooks(server: FastifyInstance, flow: Flow): Promise<void> {
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // The signature says what is Meta's. A type that cannot be parsed would be refused before it is looked at.
    scope.addHook('onRequest', async ({ raw }) => {
      delete raw.headers['content-type']
    })
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.setErrorHandler((error, request, reply) => {
      const { statusCode = 503 } = error as { statusCode?: number }
      if (statusCode < 500) return reply.code(statusCode).send({ error: 'The request could not be read' })
      request.log.error({ reqId: request.id, err: error }, 'a webhook was not kept')
      return reply.code(503).header('Retry-After', '1').send({ error: 'Not kept, try again' })
    })
    for (const channel of flow.channels.values()) {
      for (const path of [`/webhooks/${channel.name}`, `/webhooks/${channel.name}/:appId`]) {
        scope.get(path, async (request, reply) => verify(channel, request, reply))
        scope.post(path, { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => receive(channel, request, reply))
      }
    }
  })

  const appOf = (request: FastifyRequest): Promise<ProviderApp | undefined> =>
    flow.app((request.params as { appId?: string }).appId ?? flow.defaultAppId)

  async function verify(channel: Channel, request: FastifyRequest, reply: FastifyReply) {
    const app = await appOf(request)
    if (!app) return reply.code(404).send({ error: 'Unknown app' })
    const challenge = channel.verifySubscription(request.query as Record<string, unknown>, app)
    if (challenge === undefined) return reply.code(403).send({ error: 'Wrong verify token' })
    return reply.type('text/plain').send(challenge)
  }

  async function receive(channel: Channel, request: FastifyRequest, reply: FastifyReply) {
    const app = await appOf(request)
    if (!app) return reply.code(404).send({ error: 'Unknown app' })
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const read = channel.readWebhook(body, request.headers, app)
    if (!read.ok) {
      request.log.warn({ reqId: request.id, status: read.status, reason: read.reason }, 'a webhook was refused')
      return reply.code(read.status).send({ error: read.reason })
    }
    await receiveEvents(flow, channel, app.appId, read.events, body.length)
    return reply.type('text/plain').send('EVENT_RECEIVED')
  }
}
